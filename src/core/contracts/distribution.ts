import type { Random } from "../random.ts";
import type { ParameterSet } from "./network.ts";

export type Reals = Float32Array | Float64Array;

/**
 * What a stochastic policy needs of its network output y [batch*outputs]. Nothing here allocates a step; all gradients are in closed form.
 * Stored actions [batch*actions] are what log-probabilities are taken of: unclipped, before any squashing, indices for discrete heads.
 * Masks [batch*maskWidth] hold 1 for allowed, 0 for forbidden, and are passed wherever y is when the policy masks.
 */
export interface ActionDistribution {
  /** Numbers of network output a row. */
  readonly outputs: number;
  /** Numbers of one stored action. */
  readonly actions: number;
  /** Width of a row of the mask that it can take, or 0 where it takes none. */
  readonly maskWidth: number;
  /** Its own trained parameters (the log standard deviations), or undefined. Optimise and save them beside the network's. */
  readonly parameters: ParameterSet | undefined;
  /** Draws one action a row. */
  sample(y: Float32Array, batch: number, random: Random, action: Reals, mask?: Uint8Array): void;
  /** The deterministic action: the mean, or the likeliest index (the first of equals). */
  mode(y: Float32Array, batch: number, action: Reals, mask?: Uint8Array): void;
  /** Writes log p(action | y) in nats [batch]. */
  logProbability(y: Float32Array, action: Reals, batch: number, out: Reals, mask?: Uint8Array): void;
  /** Writes the entropy in nats [batch]. */
  entropy(y: Float32Array, batch: number, out: Reals, mask?: Uint8Array): void;
  /** Writes both, to the bits of `logProbability` and `entropy`, for less than the two cost. */
  evaluate(
    y: Float32Array,
    action: Reals,
    batch: number,
    logProbability: Reals,
    entropy: Reals,
    mask?: Uint8Array,
  ): void;
  /**
   * Given dL/dlogp [batch] at the stored actions and dL/dentropy [batch], writes dL/dy [batch*outputs] (overwrites it)
   * and adds to the gradients of its own parameters.
   */
  backward(
    y: Float32Array,
    action: Reals,
    batch: number,
    dLogProbability: Reals,
    dEntropy: Reals,
    dy: Float32Array,
    mask?: Uint8Array,
  ): void;
  /** Turns stored actions into what the environment receives (tanh for the squashed one, else the same). `out` may be `action`. */
  toEnvironment(action: Reals, batch: number, out: Reals): void;
}

/** A distribution by its kind; `logStd` is the start of every log standard deviation. */
export type DistributionSpec =
  | { readonly kind: "gaussian" | "squashed"; readonly actions: number; readonly logStd: number }
  | { readonly kind: "categorical"; readonly choices: readonly number[] };
