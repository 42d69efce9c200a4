import type { Network, Optimiser } from "../../src/core/contracts/network.ts";
import type { Arena } from "./arena.ts";
import { LAYER_NORM_EPSILON, layerNormSlices } from "./layer-norm-layout.ts";
import { expectRows, expectSameBatch } from "./layout.ts";
import { KernelParameters } from "./parameters.ts";

/** The kernel's functions for layer norms (models/kernel/assembly/layer-norm.ts). Pointers are byte offsets. */
export interface LayerNormFunctions {
  layerNormForward(
    x: number,
    rows: number,
    n: number,
    gain: number,
    bias: number,
    epsilon: number,
    y: number,
    standard: number,
    inverse: number,
  ): void;
  layerNormBackward(
    dy: number,
    rows: number,
    n: number,
    gain: number,
    standard: number,
    inverse: number,
    dGain: number,
    dBias: number,
    dx: number,
  ): void;
}

/** A layer norm whose arrays all live in one arena. The definition is `ReferenceLayerNorm`'s. */
export class KernelLayerNorm implements Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: KernelParameters;
  readonly #arena: Arena;
  readonly #epsilon: number;
  /** Byte offsets. [capacity*n], `inverse` [capacity] */
  #at = { x: 0, y: 0, dy: 0, dx: 0, standard: 0, inverse: 0 };
  #capacity = 0;
  #batch = 0;

  constructor(arena: Arena, width: number, epsilon = LAYER_NORM_EPSILON) {
    const slices = layerNormSlices(width, epsilon);
    this.#arena = arena;
    this.#epsilon = epsilon;
    this.inputs = width;
    this.outputs = width;
    this.parameters = new KernelParameters(arena, { slices, length: 2 * width });
    this.parameters.values.fill(1, 0, width);
  }

  forward(x: Float32Array, batch: number): Float32Array {
    const n = this.inputs;
    expectRows(x, batch, n, "x");
    const arena = this.#arena;
    const given = arena.offsetOf(x);
    let source = x.length === batch * n ? x : x.subarray(0, batch * n);
    // Growth detaches views of this very arena.
    if (given === undefined && batch > this.#capacity && arena.contains(x)) source = source.slice();
    this.#reserve(batch);
    const { x: own, y, standard, inverse } = this.#at;
    if (given === undefined) arena.view(own, batch * n).set(source);
    this.#batch = batch;
    const { valuesOffset: gain } = this.parameters;
    const bias = gain + 4 * n;
    arena.kernel.layerNormForward(given ?? own, batch, n, gain, bias, this.#epsilon, y, standard, inverse);
    return arena.view(y, batch * n);
  }

  backward(dy: Float32Array, batch: number): Float32Array {
    this.#propagate(dy, batch, this.#at.dx);
    return this.#arena.view(this.#at.dx, batch * this.inputs);
  }

  accumulate(dy: Float32Array, batch: number): void {
    this.#propagate(dy, batch, 0);
  }

  zeroGradients(): void {
    this.parameters.gradients.fill(0);
  }

  step(optimiser: Optimiser): void {
    optimiser.update(this.parameters);
  }

  #propagate(dy: Float32Array, batch: number, dx: number): void {
    expectSameBatch(batch, this.#batch);
    const n = this.inputs;
    expectRows(dy, batch, n, "dy");
    const { dy: to, standard, inverse } = this.#at;
    this.#arena.view(to, batch * n).set(dy.length === batch * n ? dy : dy.subarray(0, batch * n));
    const { valuesOffset: gain, gradientsOffset: dGain } = this.parameters;
    this.#arena.kernel.layerNormBackward(to, batch, n, gain, standard, inverse, dGain, dGain + 4 * n, dx);
  }

  /** Makes room for `batch` rows. What is outgrown is not reused; doubling keeps that waste below what is in use. */
  #reserve(batch: number): void {
    if (batch <= this.#capacity) return;
    this.#capacity = Math.max(batch, 2 * this.#capacity);
    const length = this.#capacity * this.inputs;
    const array = () => this.#arena.allocate(length);
    const inverse = this.#arena.allocate(this.#capacity);
    this.#at = { x: array(), y: array(), dy: array(), dx: array(), standard: array(), inverse };
  }
}
