import { describe, expect, it } from "vitest";
import { Ppo } from "../../agents/ppo.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { makeHead } from "../../models/heads/head.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import type { EncoderSpec } from "../../src/core/contracts/encoder.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { Policy } from "../../src/core/contracts/policy.ts";
import { makeLearnedPolicy } from "../../src/evaluate/learned-policy.ts";
import { HeadedEnv } from "../../src/train/headed-env.ts";
import { actor, experiment, HEADS } from "../live/fixture.ts";

const e = experiment();
const F = new RebalanceEnv({ scenario: e.scenario, numEnvs: 1, split: "test" }).extractor.width;
const all = new Uint8Array(F).fill(1);
const none = new Uint8Array(0);
const memory = new Float64Array(0);

/** Features of n environments after some hours of holding still. */
function features(n: number): Float64Array {
  const env = new RebalanceEnv({ scenario: e.scenario, numEnvs: n, split: "test", seed: 2 });
  env.reset({ seed: 2 });
  const hold = new Float64Array(n * INTENT_WIDTH);
  for (let k = 0; k < 40; k++) env.step(hold);
  return env.features.slice();
}

describe("a learned policy", () => {
  it.each(HEADS)(
    "decides each row of a batch as it would alone, in batches of any size, with the $head head",
    (head) => {
      const { policy } = actor(e, head);
      const rows = features(9);
      const together = new Float64Array(9 * INTENT_WIDTH);
      policy.decide(9, rows, all, memory, none, together);
      for (const n of [1, 4, 9, 2]) {
        const out = new Float64Array(n * INTENT_WIDTH);
        policy.decide(n, rows.slice(0, n * F), all, memory, none, out);
        expect(out).toEqual(together.slice(0, n * INTENT_WIDTH));
      }
    },
  );

  it("is the reference rule bit for bit where the network says 0", () => {
    const { policy: _, baseline, snapshot, ...parts } = actor(e, HEADS[0]!);
    const values = new Float32Array(snapshot.values.length);
    for (const engine of [referenceEngine, kernelEngine()]) {
      const policy = makeLearnedPolicy({ ...parts, snapshot: { ...snapshot, values }, engine, id: "zero" });
      const rows = features(16);
      const [a, b] = [new Float64Array(16 * INTENT_WIDTH), new Float64Array(16 * INTENT_WIDTH)];
      policy.decide(16, rows, all, memory, none, a);
      baseline.decide(16, rows, all, memory, none, b);
      expect(a).toEqual(b);
      expect(a.some((x, i) => i % INTENT_WIDTH === 2 && x !== 0)).toBe(true);
    }
  });

  it("needs the features that it was trained on and those of its head and reference", () => {
    const { policy, encoder } = actor(e, HEADS[0]!);
    for (const name of [...encoder.features, "delta", "slot0_unit_delta", "is_first"])
      expect(policy.requires).toContain(name);
  });

  it("does what the learner's own deterministic action does", () => {
    const numEnvs = 6;
    const { context, baseline } = actor(e, HEADS[0]!);
    const head = HEADS[0]!;
    const actionHead = makeHead(head, context, baseline.rule);
    const env = new RebalanceEnv({ scenario: e.scenario, numEnvs, split: "train", seed: 5 });
    const ppo = new Ppo({
      env: new HeadedEnv(env, actionHead),
      config: { rolloutSteps: 32, epochs: 2, learningRate: 0.01, hiddenSizes: [8], normaliseObservations: true },
      seed: 3,
      engine: referenceEngine,
      totalSteps: 1000,
    });
    for (let k = 0; k < 3; k++) ppo.update();
    const snapshot = ppo.actor();
    const names = context.schema.features.map((f) => f.name);
    const policy = makeLearnedPolicy({
      snapshot: { sizes: snapshot.sizes, activation: snapshot.activation, values: snapshot.parameters.values },
      encoder: {
        features: snapshot.encoder.selected.map((i) => names[i]!),
        clip: snapshot.encoder.clip,
        mean: snapshot.encoder.mean,
        variance: snapshot.encoder.variance,
        epsilon: snapshot.encoder.epsilon,
      },
      head,
      context,
      engine: referenceEngine,
      id: "ppo",
    });
    const rows = features(numEnvs);
    const actions = new Float64Array(numEnvs * 4);
    ppo.act(rows, numEnvs, none, actions);
    const expected = new Float64Array(numEnvs * INTENT_WIDTH);
    actionHead.toIntents(numEnvs, actions, rows, expected);
    const out = new Float64Array(numEnvs * INTENT_WIDTH);
    policy.decide(numEnvs, rows, all, memory, none, out);
    expect(out).toEqual(expected);
    expect(actions.some((x) => x !== 0)).toBe(true);
  });

  it.each(HEADS)("decides by another actor as one made anew of it does, with the $head head", (head) => {
    const { policy: _, baseline: __, snapshot, encoder, ...parts } = actor(e, head);
    const make = (values: Float32Array, spec: EncoderSpec) =>
      makeLearnedPolicy({
        ...parts,
        snapshot: { ...snapshot, values },
        encoder: spec,
        engine: referenceEngine,
        id: "ppo",
      });
    const rows = features(9);
    const decided = (policy: Policy) => {
      const out = new Float64Array(9 * INTENT_WIDTH);
      policy.decide(9, rows, all, memory, none, out);
      return out;
    };
    const other = snapshot.values.map((v, i) => 3 * v + Math.sin(i));
    const spec = { ...encoder, mean: encoder.mean.map((m) => m + 0.5) };
    const policy = make(snapshot.values, encoder);
    expect(decided(policy)).not.toEqual(decided(make(other, spec)));
    policy.take(other, spec);
    expect(decided(policy)).toEqual(decided(make(other, spec)));
    // What does not fit changes nothing.
    expect(() => policy.take(snapshot.values.slice(1), encoder)).toThrow(`Pass ${other.length} parameters.`);
    const fewer = { ...encoder, features: encoder.features.slice(1) };
    expect(() => policy.take(snapshot.values, fewer)).toThrow(/Pass an encoder of/);
    const [first, second, ...rest] = encoder.features;
    const turned = { ...encoder, features: [second!, first!, ...rest] };
    expect(() => policy.take(snapshot.values, turned)).toThrow(`this is ${first}.`);
    expect(decided(policy)).toEqual(decided(make(other, spec)));
  });

  it("refuses parameters and sizes that do not fit, naming what would", () => {
    const { policy: _, baseline: __, snapshot, ...parts } = actor(e, HEADS[0]!);
    const make = (changed: object) =>
      makeLearnedPolicy({ ...parts, snapshot: { ...snapshot, ...changed }, engine: referenceEngine, id: "ppo" });
    expect(() => make({ values: snapshot.values.slice(1) })).toThrow(`Pass ${snapshot.values.length} parameters.`);
    expect(() => make({ sizes: [snapshot.sizes[0]!, 12, 3] })).toThrow(/and 4 outputs/);
  });
});
