import type { Stateful } from "../state.ts";

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

/** Builds networks and optimisers: `kernel` (WASM SIMD), `reference` (plain TypeScript) and later `tfjs` satisfy one test suite. */
export interface Engine {
  readonly name: string;
  /** A multi-layer perceptron: `sizes` = [inputs, hidden..., outputs]; the last layer is linear. Parameters start at 0. */
  mlp(sizes: readonly number[], activation: "tanh" | "relu"): Network;
  adam(options: { learningRate: number; beta1?: number; beta2?: number; epsilon?: number }): Optimiser;
}
