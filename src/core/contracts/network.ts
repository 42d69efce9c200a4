import type { Random } from "../random.ts";
import type { Stateful } from "../state.ts";
import type { ActionDistribution, DistributionSpec } from "./distribution.ts";
import type { Normaliser } from "./normaliser.ts";
import type { RecurrentNetwork } from "./recurrent.ts";

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
  /** Accumulated gradients dL/dvalue [P]: read anew after each call, as values. */
  readonly gradients: Float32Array;
}

/** The weights that an initialisation scales. */
export interface InitialGains {
  /** Gain of all weights but the last, default sqrt 2. */
  readonly hiddenGain?: number;
  /** Gain of the last layer's weights: 0.01 for a policy, 1 for a value; 0 makes the output exactly 0. */
  readonly outputGain: number;
}

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A network of TensorFlow.js layers as data. */
export interface LayersSpec {
  /** What a layers model's `model.json` calls its topology. */
  readonly topology: Json;
  /** Its weights in the order of the flat parameter vector. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** What a learner builds a network for. */
export type NetworkRole = "actor" | "critic";

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
  /** Its layers, where it is not the perceptron that was asked for: sizes and activation do not describe it then. */
  readonly layers?: LayersSpec;
  /** Draws its parameters as its layers ask; where left out, they are drawn orthogonal (models/nets/initialise.ts). */
  initialise?(random: Random, gains: InitialGains): void;
}

/** Updates a parameter set in place from its gradients. */
export interface Optimiser extends Stateful {
  learningRate: number;
  update(parameters: ParameterSet): void;
}

/** What hidden layers apply to their sums. */
export type Activation = "tanh" | "relu" | "identity";

/**
 * Runs `work`, in which passes of networks and steps of optimisers are asked for. The arrays that passes return hold their numbers once this returns, not
 * before. Calls on networks, optimisers and parameter sets find what was asked for before them done, as one after another.
 */
export type Together = (work: () => void) => void;

/** Builds networks and optimisers: `kernel` (WASM SIMD), `reference` (plain TypeScript) and `tfjs` (TensorFlow.js) satisfy one test suite. */
export interface Engine {
  readonly name: string;
  /**
   * A multi-layer perceptron: `sizes` = [inputs, hidden..., outputs]; the last layer is linear. Parameters start at 0.
   * An engine that was given a model of the user's own builds that one for the role instead, with these inputs and outputs.
   */
  mlp(sizes: readonly number[], activation: Activation, role?: NetworkRole): Network;
  /** A network from its layers, parameters at 0; engines that compute perceptrons alone leave it out. */
  layers?(spec: LayersSpec): Network;
  /** Layer normalisation of rows of `width`, gain 1 and bias 0 at first; epsilon 1e-5 where left out. Engines without one leave it out. */
  layerNorm?(width: number, epsilon?: number): Network;
  /** A gated recurrent unit, parameters at 0; the convention is docs/kernels.md's. Engines without one leave it out. */
  gru?(inputs: number, hidden: number): RecurrentNetwork;
  /**
   * Zeros in the memory that this engine's networks compute in. What is passed to `forward` from there is read in place, not copied:
   * it must then stay as it is until `backward`. Kept as long as the engine: for arrays that live as long as a learner.
   */
  array(length: number): Float32Array;
  /**
   * Copies the rows that `rows` numbers, of `width` numbers each, from one of its arrays to the front of another, faster than a loop outside can.
   * @returns false, and copies nothing, where an array is not its own. Where it is left out, no array is.
   */
  gather?(from: Float32Array, width: number, rows: Uint32Array, to: Float32Array): boolean;
  /**
   * Computes what is asked for in `work` on all threads at once, so that they wait for one another once, not for each network. The bits do not change.
   * Where it is left out, each call computes at once.
   */
  together?: Together;
  /** A policy's distribution in this engine's own form; where left out, learners use the plain TypeScript of models/distributions. */
  distribution?(spec: DistributionSpec): ActionDistribution;
  /** Running statistics of `width` columns in this engine's own form; where left out, learners use the plain one of models/normalizer. */
  normaliser?(width: number): Normaliser;
  adam(options: {
    learningRate: number;
    beta1?: number;
    beta2?: number;
    epsilon?: number;
    weightDecay?: number;
  }): Optimiser;
}
