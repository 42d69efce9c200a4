import { createBaseline } from "../../agents/baselines/registry.ts";
import { makeActionHead } from "../../agents/shared/action-head.ts";
import { box, discrete } from "../../env/core/spaces.ts";
import { makeEncoder } from "../../models/encoder/encoder.ts";
import { defaultDistribution, type PolicyNetwork } from "../../models/format/bundle.ts";
import type { Actions } from "../../models/heads/action-head.ts";
import { makeHead } from "../../models/heads/head.ts";
import type { EncoderSpec } from "../core/contracts/encoder.ts";
import type { HeadSpec } from "../core/contracts/heads.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { Policy, PolicyContext } from "../core/contracts/policy.ts";
import { ContractError } from "../core/errors.ts";

export interface LearnedPolicyInput {
  readonly snapshot: PolicyNetwork;
  readonly encoder: EncoderSpec;
  readonly head: HeadSpec;
  readonly context: PolicyContext;
  readonly engine: Engine;
  readonly id: string;
}

/** A learned policy that can decide by another actor of the same make: same network, same features, same head. */
export interface LearnedPolicy extends Policy {
  /**
   * Takes over another actor's parameters and its encoder's statistics. Training scores one actor after another so: policies made anew are compiled anew too,
   * and what V8 compiles stays for long.
   * Throws a ContractError for another number of parameters or features; the actor stays the one before.
   */
  take(values: Float32Array, encoder: EncoderSpec): void;
}

/**
 * The deterministic policy of a trained actor: raw features → encoder → network → mode of the action distribution → head → intents.
 * Training's evaluation, the bundle and the live runner all use this one. No memory; any batch; allocates only when the batch grows.
 * Throws a ContractError for parameters or sizes that do not fit the encoder and the head.
 */
export function makeLearnedPolicy({ snapshot, encoder, head, context, engine, id }: LearnedPolicyInput): LearnedPolicy {
  const { sizes, activation, values } = snapshot;
  const reference = head.head === "band" ? head.reference : undefined;
  const baseline = reference === undefined ? undefined : createBaseline(reference.baseline, reference.params, context);
  // Made by `take`, below.
  let toInput!: ReturnType<typeof makeEncoder>;
  const actionHead = makeHead(head, context, baseline?.rule);
  const space =
    actionHead.kind === "discrete"
      ? discrete(actionHead.size)
      : box(Array.from(actionHead.low), Array.from(actionHead.high), [actionHead.size]);
  // The very code that turned the learner's outputs into actions; the standard deviation plays no part in the mode.
  const actor = makeActionHead(space, snapshot.distribution ?? defaultDistribution(head), 0);
  const { distribution } = actor;
  const inputs = encoder.features.length;
  if (sizes[0] !== inputs || sizes.at(-1) !== distribution.outputs)
    throw new ContractError("The network does not fit its encoder and action head.", {
      which: `${id}: sizes`,
      value: sizes,
      fix: `Use ${inputs} inputs and ${distribution.outputs} outputs.`,
    });
  const network = snapshot.layers === undefined ? engine.mlp(sizes, activation) : engine.layers?.(snapshot.layers);
  if (network === undefined)
    throw new ContractError(
      "The policy's network is a model of TensorFlow.js layers, and this engine computes perceptrons alone.",
      {
        which: `${id}: engine`,
        value: engine.name,
        fix: 'Load the engine that can: await tfjsEngine({ backend: "wasm" }).',
      },
    );
  const take = (parameters: Float32Array, spec: EncoderSpec) => {
    const expected = network.parameters.values;
    if (parameters.length !== expected.length)
      throw new ContractError("The parameters do not fit the network's sizes.", {
        which: `${id}: values`,
        value: parameters.length,
        fix: `Pass ${expected.length} parameters.`,
      });
    // What the policy requires was said when it was made.
    const at = Array.from({ length: Math.max(inputs, spec.features.length) }).findIndex(
      (_, i) => spec.features[i] !== encoder.features[i],
    );
    if (at >= 0)
      throw new ContractError("The encoder has other features than the policy.", {
        which: `${id}: encoder.features.${at}`,
        value: spec.features[at] ?? "nothing",
        fix: `Pass an encoder of the policy's ${inputs} features in their order; this is ${encoder.features[at] ?? "one too many"}.`,
      });
    toInput = makeEncoder(spec, context.schema);
    expected.set(parameters);
  };
  take(values, encoder);

  let room = 0;
  let x = new Float32Array(0);
  let chosen = new Float64Array(0);
  let actions: Actions = chosen;
  let mask: Uint8Array | undefined;
  const grow = (batch: number) => {
    room = batch;
    x = new Float32Array(batch * inputs);
    chosen = new Float64Array(batch * distribution.actions);
    actions = actor.makeActions(batch) as Actions;
    mask = actionHead.mask === undefined ? undefined : new Uint8Array(batch * actionHead.size);
  };
  return {
    id,
    memoryWidth: 0,
    maskWidth: 0,
    // All that the reference rule reads: at 0 a feature may do no harm, but it is not the policy that was tested.
    requires: [...new Set([...encoder.features, ...(baseline?.reads ?? []), ...headFeatures(head.head, context)])],
    decide(batch, features, available, _memory, _mask, out) {
      if (batch > room) grow(batch);
      toInput.encodeInto(x, features, batch, available);
      const y = network.forward(x, batch);
      if (mask !== undefined) actionHead.mask!(batch, features, mask);
      distribution.mode(y, batch, chosen, mask);
      actor.toEnvironment(chosen, batch, actions);
      actionHead.toIntents(batch, actions, features, out);
    },
    take,
  };
}

/** Raw features that a head reads beside the network and the reference rule. */
export function headFeatures(head: HeadSpec["head"], context: PolicyContext): string[] {
  const ofSlots = (...names: string[]) => context.slots.flatMap((_, s) => names.map((name) => `slot${s}_${name}`));
  if (head === "gate+size") return ofSlots("unit_delta");
  if (head === "target") return ofSlots("unit_delta", "position", "pending");
  return ["delta", "slot0_unit_delta"];
}
