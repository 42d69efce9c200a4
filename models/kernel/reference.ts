import type { Engine, Network, Optimiser, ParameterSet } from "../../src/core/contracts/network.ts";
import { Adam, type AdamOptions, plainAdamBackend } from "../optim/adam.ts";
import { addProduct, rowMajor, transposed } from "./gemm.ts";
import { type Activation, expectRows, expectSameBatch, type MlpLayout, mlpLayout } from "./layout.ts";
import { ReferenceGru } from "./reference-gru.ts";
import { ReferenceLayerNorm } from "./reference-layer-norm.ts";

/** A multi-layer perceptron in plain TypeScript: the definition that faster engines are tested against. */
class ReferenceMlp implements Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: ParameterSet;
  readonly #layout: MlpLayout;
  readonly #activation: Activation;
  /** Layer outputs after activation; entry 0 is the input. One array a layer boundary, [capacity*width]. */
  #values: Float32Array[] = [];
  #gradients: Float32Array[] = [];
  #capacity = 0;
  #batch = 0;

  constructor(sizes: readonly number[], activation: Activation) {
    this.#layout = mlpLayout(sizes);
    this.#activation = activation;
    this.inputs = sizes[0]!;
    this.outputs = sizes[sizes.length - 1]!;
    this.parameters = {
      slices: this.#layout.slices,
      values: new Float32Array(this.#layout.length),
      gradients: new Float32Array(this.#layout.length),
    };
  }

  forward(x: Float32Array, batch: number): Float32Array {
    expectRows(x, batch, this.inputs, "x");
    this.#reserve(batch);
    this.#batch = batch;
    const parameters = this.parameters.values;
    const { layers } = this.#layout;
    copyRows(this.#values[0]!, x, batch * this.inputs);
    for (const [l, layer] of layers.entries()) {
      const { inputs, outputs } = layer;
      const y = this.#values[l + 1]!;
      for (let i = 0; i < batch * outputs; i++) y[i] = parameters[layer.biasOffset + (i % outputs)]!;
      const input = rowMajor(this.#values[l]!, inputs);
      const weight = rowMajor(parameters, outputs, layer.weightOffset);
      addProduct(input, weight, rowMajor(y, outputs), batch, outputs, inputs);
      if (l < layers.length - 1) activate(y, batch * outputs, this.#activation);
    }
    return this.#values[layers.length]!.subarray(0, batch * this.outputs);
  }

  accumulate(dy: Float32Array, batch: number): void {
    this.backward(dy, batch);
  }

  backward(dy: Float32Array, batch: number): Float32Array {
    expectSameBatch(batch, this.#batch);
    expectRows(dy, batch, this.outputs, "dy");
    const { layers } = this.#layout;
    const { values, gradients } = this.parameters;
    copyRows(this.#gradients[layers.length]!, dy, batch * this.outputs);
    for (let l = layers.length - 1; l >= 0; l--) {
      const layer = layers[l]!;
      const { inputs, outputs } = layer;
      const dz = this.#gradients[l + 1]!;
      if (l < layers.length - 1) multiplyBySlope(dz, this.#values[l + 1]!, batch * outputs, this.#activation);
      const input = rowMajor(this.#values[l]!, inputs);
      const output = rowMajor(dz, outputs);
      addProduct(transposed(input), output, rowMajor(gradients, outputs, layer.weightOffset), inputs, outputs, batch);
      for (let j = 0; j < outputs; j++) {
        let s = 0;
        for (let i = j; i < batch * outputs; i += outputs) s += dz[i]!;
        gradients[layer.biasOffset + j]! += s;
      }
      const weight = rowMajor(values, outputs, layer.weightOffset);
      this.#gradients[l]!.fill(0, 0, batch * inputs);
      addProduct(output, transposed(weight), rowMajor(this.#gradients[l]!, inputs), batch, inputs, outputs);
    }
    return this.#gradients[0]!.subarray(0, batch * this.inputs);
  }

  zeroGradients(): void {
    this.parameters.gradients.fill(0);
  }

  step(optimiser: Optimiser): void {
    optimiser.update(this.parameters);
  }

  #reserve(batch: number): void {
    if (batch <= this.#capacity) return;
    this.#capacity = Math.max(batch, 2 * this.#capacity);
    const widths = [this.inputs, ...this.#layout.layers.map((l) => l.outputs)];
    this.#values = widths.map((w) => new Float32Array(w * this.#capacity));
    this.#gradients = widths.map((w) => new Float32Array(w * this.#capacity));
  }
}

/** Copies the first `length` numbers; makes a view only where the source is longer. */
function copyRows(to: Float32Array, from: Float32Array, length: number): void {
  to.set(from.length === length ? from : from.subarray(0, length));
}

function activate(y: Float32Array, length: number, activation: Activation): void {
  if (activation === "tanh") for (let i = 0; i < length; i++) y[i] = Math.tanh(y[i]!);
  else if (activation === "relu") for (let i = 0; i < length; i++) if (y[i]! < 0) y[i] = 0;
}

/** Turns dL/dy into dL/dz in place; the activations give their slope from y alone: 1 - y^2, and 1 where y > 0. */
function multiplyBySlope(d: Float32Array, y: Float32Array, length: number, activation: Activation): void {
  if (activation === "tanh") for (let i = 0; i < length; i++) d[i]! *= 1 - y[i]! * y[i]!;
  else if (activation === "relu") for (let i = 0; i < length; i++) if (!(y[i]! > 0)) d[i] = 0;
}

/** The plain TypeScript engine: no WebAssembly, runs anywhere, slower. */
export const referenceEngine: Engine = {
  name: "reference",
  mlp: (sizes, activation) => new ReferenceMlp(sizes, activation),
  gru: (inputs, hidden) => new ReferenceGru(inputs, hidden),
  layerNorm: (width, epsilon) => new ReferenceLayerNorm(width, epsilon),
  array: (length) => new Float32Array(length),
  adam: (options: AdamOptions) => new Adam(plainAdamBackend, options),
};
