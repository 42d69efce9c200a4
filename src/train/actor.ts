import type { DistributionName } from "../../agents/shared/action-head.ts";
import type { ActorSnapshot } from "../../agents/shared/actor-snapshot.ts";
import type { EncoderSpec } from "../core/contracts/encoder.ts";
import type { FeatureSchema } from "../core/contracts/features.ts";
import type { LayersSpec } from "../core/contracts/network.ts";
import { canonicalJson } from "../core/hash.ts";
import type { StateTree } from "../core/state.ts";

/** A trained actor as numbers: what evaluation, bundles and checkpoints share. */
export interface TrainedActor {
  readonly sizes: readonly number[];
  readonly activation: "tanh" | "relu";
  /** Set where the network is a model of the user's own; sizes are [inputs, outputs] then. */
  readonly layers?: LayersSpec;
  readonly values: Float32Array;
  readonly encoder: EncoderSpec;
  readonly distribution: DistributionName;
}

/** A learner's actor with its features by name. */
export function trainedActor(snapshot: ActorSnapshot, schema: FeatureSchema): TrainedActor {
  const { sizes, activation, layers, parameters, encoder, distribution } = snapshot;
  return {
    sizes: layers === undefined ? sizes : [sizes[0]!, sizes.at(-1)!],
    activation,
    ...(layers && { layers }),
    values: parameters.values,
    distribution,
    encoder: {
      features: encoder.selected.map((i) => schema.features[i]!.name),
      clip: encoder.clip,
      mean: encoder.mean,
      variance: encoder.variance,
      epsilon: encoder.epsilon,
    },
  };
}

export function actorToTree(actor: TrainedActor): StateTree {
  return {
    sizes: [...actor.sizes],
    activation: actor.activation,
    ...(actor.layers && { layers: canonicalJson(actor.layers) }),
    values: actor.values,
    distribution: actor.distribution,
    features: [...actor.encoder.features],
    clip: actor.encoder.clip,
    epsilon: actor.encoder.epsilon,
    mean: Float64Array.from(actor.encoder.mean),
    variance: Float64Array.from(actor.encoder.variance),
  };
}

export function actorFromTree(tree: StateTree): TrainedActor {
  return {
    sizes: tree.sizes as number[],
    activation: tree.activation as "tanh" | "relu",
    ...(tree.layers !== undefined && { layers: JSON.parse(tree.layers as string) as LayersSpec }),
    values: tree.values as Float32Array,
    distribution: tree.distribution as DistributionName,
    encoder: {
      features: tree.features as string[],
      clip: tree.clip as number,
      epsilon: tree.epsilon as number,
      mean: Array.from(tree.mean as Float64Array),
      variance: Array.from(tree.variance as Float64Array),
    },
  };
}
