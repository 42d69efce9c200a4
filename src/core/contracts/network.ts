import type { Stateful } from "../state.ts";
import type { ActionDistribution, DistributionSpec } from "./distribution.ts";

/** A named, shaped slice of the flat parameter vector. */
export interface ParameterSlice {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** All parameters of a network in one flat float32 vector, with gradients beside them. */
export interface ParameterSet {
  readonly slices: readonly ParameterSlice[];
  /** Values [P]. May be a view of an engine's memory: read it anew after each call that can grow that memory. */
  readonly values: Float32Array;
  /** Accumulated gradients dL/dvalue [P]. */
  readonly gradients: Float32Array;
}

/**
 * A differentiable map. Agents write dL/dy in closed form; networks do the rest.
 * Views returned by forward and backward are valid until the next call of the same method.
 */
export interface Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: ParameterSet;
  /** y = f(x). x: [batch*inputs], row-major. Returns a view [batch*outputs]. Remembers what backward needs. */
  forward(x: Float32Array, batch: number): Float32Array;
  /** Accumulates parameter gradients for dL/dy [batch*outputs] of the last forward; returns a view dL/dx [batch*inputs]. */
  backward(dy: Float32Array, batch: number): Float32Array;
  /** Accumulates parameter gradients as `backward` does, to the same bits, and leaves dL/dx out: what learners need most often. */
  accumulate(dy: Float32Array, batch: number): void;
  /** Sets all gradients to 0. */
  zeroGradients(): void;
  /** Applies one optimiser step to the accumulated gradients. */
  step(optimiser: Optimiser): void;
}

/** Updates a parameter set in place from its gradients. */
export interface Optimiser extends Stateful {
  learningRate: number;
  update(parameters: ParameterSet): void;
}

/** What hidden layers apply to their sums. */
export type Activation = "tanh" | "relu" | "identity";

/** Builds networks and optimisers: `kernel` (WASM SIMD), `reference` (plain TypeScript) and later `tfjs` satisfy one test suite. */
export interface Engine {
  readonly name: string;
  /** A multi-layer perceptron: `sizes` = [inputs, hidden..., outputs]; the last layer is linear. Parameters start at 0. */
  mlp(sizes: readonly number[], activation: Activation): Network;
  /**
   * Zeros in the memory that this engine's networks compute in. What is passed to `forward` from there is read in place, not copied:
   * it must then stay as it is until `backward`. Kept as long as the engine: for arrays that live as long as a learner.
   */
  array(length: number): Float32Array;
  /** A policy's distribution in this engine's own form; where left out, learners use the plain TypeScript of models/distributions. */
  distribution?(spec: DistributionSpec): ActionDistribution;
  adam(options: { learningRate: number; beta1?: number; beta2?: number; epsilon?: number }): Optimiser;
}
