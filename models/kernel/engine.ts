import type { Engine, Network, Optimiser, ParameterSet, ParameterSlice } from "../../src/core/contracts/network.ts";
import { Adam, type AdamBackend, type AdamOptions, type Moments, plainAdamBackend } from "../optim/adam.ts";
import type { GradientArithmetic } from "../optim/clip.ts";
import { Arena } from "./arena.ts";
import { type Activation, expectRows, expectSameBatch, type MlpLayout, mlpLayout } from "./layout.ts";

/** The kernel's numbers for the activations. */
const LINEAR = 0;
const CODES = { identity: LINEAR, tanh: 1, relu: 2 } as const;

/** An array in an arena, whose view is made anew after the memory has grown. */
class ArenaArray {
  readonly offset: number;
  readonly #arena: Arena;
  readonly #length: number;
  #view: Float32Array;

  constructor(arena: Arena, length: number) {
    this.offset = arena.allocate(length);
    this.#arena = arena;
    this.#length = length;
    this.#view = arena.view(this.offset, length);
  }

  get view(): Float32Array {
    if (this.#view.buffer !== this.#arena.buffer) this.#view = this.#arena.view(this.offset, this.#length);
    return this.#view;
  }
}

/** Parameters and gradients in an arena. */
class KernelParameters implements ParameterSet, GradientArithmetic {
  readonly slices: readonly ParameterSlice[];
  readonly arena: Arena;
  readonly valuesOffset: number;
  readonly gradientsOffset: number;
  readonly length: number;
  readonly #values: ArenaArray;
  readonly #gradients: ArenaArray;

  constructor(arena: Arena, layout: MlpLayout) {
    this.arena = arena;
    this.slices = layout.slices;
    this.length = layout.length;
    this.#values = new ArenaArray(arena, layout.length);
    this.#gradients = new ArenaArray(arena, layout.length);
    this.valuesOffset = this.#values.offset;
    this.gradientsOffset = this.#gradients.offset;
  }

  get values(): Float32Array {
    return this.#values.view;
  }

  get gradients(): Float32Array {
    return this.#gradients.view;
  }

  gradientSquares(): number {
    return this.arena.kernel.sumSquares(this.gradientsOffset, this.length);
  }

  scaleGradients(factor: number): void {
    this.arena.kernel.scale(this.gradientsOffset, this.length, factor);
  }
}

class KernelMoments implements Moments {
  readonly #first: ArenaArray;
  readonly #second: ArenaArray;
  readonly firstOffset: number;
  readonly secondOffset: number;

  constructor(arena: Arena, length: number) {
    this.#first = new ArenaArray(arena, length);
    this.#second = new ArenaArray(arena, length);
    this.firstOffset = this.#first.offset;
    this.secondOffset = this.#second.offset;
  }

  get first(): Float32Array {
    return this.#first.view;
  }

  get second(): Float32Array {
    return this.#second.view;
  }
}

/** Adam in SIMD beside the parameters; a set that lives in no arena (log standard deviations) gets the plain step, with the same bits. */
const kernelAdamBackend: AdamBackend = {
  allocate: (parameters) =>
    parameters instanceof KernelParameters
      ? new KernelMoments(parameters.arena, parameters.length)
      : plainAdamBackend.allocate(parameters),
  step(parameters, moments, c) {
    if (!(parameters instanceof KernelParameters && moments instanceof KernelMoments)) {
      plainAdamBackend.step(parameters, moments, c);
      return;
    }
    const { arena, valuesOffset, gradientsOffset, length } = parameters;
    const { firstOffset, secondOffset } = moments;
    const [rest1, rest2] = [1 - c.beta1, 1 - c.beta2];
    arena.kernel.adam(
      valuesOffset,
      gradientsOffset,
      firstOffset,
      secondOffset,
      length,
      c.beta1,
      rest1,
      c.beta2,
      rest2,
      c.stepSize,
      c.secondScale,
      c.epsilon,
    );
  },
};

/** A multi-layer perceptron whose arrays all live in one arena. */
class KernelMlp implements Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: KernelParameters;
  readonly #arena = new Arena();
  readonly #layout: MlpLayout;
  readonly #activation: Activation;
  /** Scratch floats that depend on the layer sizes alone, and those a row of the batch adds. */
  readonly #fixedScratch: number;
  readonly #rowScratch: number;
  /** Byte offsets of the layer outputs (entry 0 is the input), their gradients, and the scratch. */
  #values: number[] = [];
  #gradients: number[] = [];
  #scratch = 0;
  #capacity = 0;
  #batch = 0;

  constructor(sizes: readonly number[], activation: Activation) {
    this.#layout = mlpLayout(sizes);
    this.#activation = activation;
    this.inputs = sizes[0]!;
    this.outputs = sizes[sizes.length - 1]!;
    this.parameters = new KernelParameters(this.#arena, this.#layout);
    const padded = (n: number) => Math.ceil(n / 8) * 8;
    this.#fixedScratch = Math.max(
      ...this.#layout.layers.map((l) => Math.max((l.inputs + 1) * padded(l.outputs), l.outputs * padded(l.inputs))),
    );
    this.#rowScratch = Math.max(...this.#layout.layers.map((l) => padded(l.outputs)));
  }

  forward(x: Float32Array, batch: number): Float32Array {
    expectRows(x, batch, this.inputs, "x");
    const length = batch * this.inputs;
    let source = x.length === length ? x : x.subarray(0, length);
    // Growth detaches views of this very arena, for example a network's own output passed back in.
    if (batch > this.#capacity && x.buffer === this.#arena.buffer) source = source.slice();
    this.#reserve(batch);
    this.#batch = batch;
    this.#arena.view(this.#values[0]!, length).set(source);
    const { layers } = this.#layout;
    const start = this.parameters.valuesOffset;
    for (let l = 0; l < layers.length; l++) {
      const layer = layers[l]!;
      this.#arena.kernel.forward(
        this.#values[l]!,
        start + 4 * layer.weightOffset,
        start + 4 * layer.biasOffset,
        this.#values[l + 1]!,
        this.#scratch,
        batch,
        layer.inputs,
        layer.outputs,
        this.#code(l),
      );
    }
    return this.#arena.view(this.#values[layers.length]!, batch * this.outputs);
  }

  backward(dy: Float32Array, batch: number): Float32Array {
    expectSameBatch(batch, this.#batch);
    expectRows(dy, batch, this.outputs, "dy");
    const { layers } = this.#layout;
    const length = batch * this.outputs;
    this.#arena.view(this.#gradients[layers.length]!, length).set(dy.length === length ? dy : dy.subarray(0, length));
    const { valuesOffset, gradientsOffset } = this.parameters;
    for (let l = layers.length - 1; l >= 0; l--) {
      const layer = layers[l]!;
      this.#arena.kernel.backward(
        this.#values[l]!,
        valuesOffset + 4 * layer.weightOffset,
        this.#values[l + 1]!,
        this.#gradients[l + 1]!,
        this.#gradients[l]!,
        gradientsOffset + 4 * layer.weightOffset,
        gradientsOffset + 4 * layer.biasOffset,
        this.#scratch,
        batch,
        layer.inputs,
        layer.outputs,
        this.#code(l),
      );
    }
    return this.#arena.view(this.#gradients[0]!, batch * this.inputs);
  }

  accumulate(dy: Float32Array, batch: number): void {
    this.backward(dy, batch);
  }

  zeroGradients(): void {
    this.parameters.gradients.fill(0);
  }

  step(optimiser: Optimiser): void {
    optimiser.update(this.parameters);
  }

  #code(layer: number): number {
    return layer === this.#layout.layers.length - 1 ? LINEAR : CODES[this.#activation];
  }

  /** Makes room for `batch` rows. Outgrown room is not reused; doubling keeps that waste below the room in use. */
  #reserve(batch: number): void {
    if (batch <= this.#capacity) return;
    const capacity = Math.max(batch, 2 * this.#capacity);
    const widths = [this.inputs, ...this.#layout.layers.map((l) => l.outputs)];
    this.#values = widths.map((w) => this.#arena.allocate(w * capacity));
    this.#gradients = widths.map((w) => this.#arena.allocate(w * capacity));
    this.#scratch = this.#arena.allocate(this.#fixedScratch + this.#rowScratch * capacity);
    this.#capacity = capacity;
  }
}

const kernel: Engine = {
  name: "kernel",
  mlp: (sizes, activation) => new KernelMlp(sizes, activation),
  array: (length) => new Float32Array(length),
  adam: (options: AdamOptions) => new Adam(kernelAdamBackend, options),
};

/** The WebAssembly SIMD engine: the default. The same inputs give the same bits on every machine. */
export function kernelEngine(): Engine {
  return kernel;
}
