import type { LayersSpec, ParameterSlice } from "../../src/core/contracts/network.ts";
import type { DistributionName } from "./action-head.ts";
import type { EncoderSnapshot } from "./observation-encoder.ts";

/** What an export needs of a trained policy: everything is a copy. */
export interface ActorSnapshot {
  /** [inputs, hidden..., outputs] */
  readonly sizes: readonly number[];
  readonly activation: "tanh" | "relu";
  /** Set where the actor is a model of the user's own: hidden sizes and activation mean nothing then. */
  readonly layers?: LayersSpec;
  /** The actor's parameters, laid out as the slices say. */
  readonly parameters: { readonly slices: readonly ParameterSlice[]; readonly values: Float32Array };
  readonly encoder: EncoderSnapshot;
  readonly distribution: DistributionName;
  /** Log standard deviations of a Gaussian policy [A]; the deterministic action does without. */
  readonly logStd?: Float32Array;
}
