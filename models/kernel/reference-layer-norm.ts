import type { Network, Optimiser, ParameterSet } from "../../src/core/contracts/network.ts";
import { LAYER_NORM_EPSILON, layerNormSlices } from "./layer-norm-layout.ts";
import { expectRows, expectSameBatch } from "./layout.ts";

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) in plain TypeScript: y = gain * c / sqrt(mean(c^2) + epsilon) + bias with c = x - mean(x) of each row.
 * The gain starts at 1, the bias at 0.
 */
export class ReferenceLayerNorm implements Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: ParameterSet;
  readonly #epsilon: number;
  /** c / deviation [batch*n] and 1 / deviation [batch] of the last forward. */
  #standard = new Float64Array(0);
  #inverse = new Float64Array(0);
  #batch = 0;

  constructor(width: number, epsilon = LAYER_NORM_EPSILON) {
    const slices = layerNormSlices(width, epsilon);
    this.inputs = width;
    this.outputs = width;
    this.#epsilon = epsilon;
    this.parameters = {
      slices,
      values: new Float32Array(2 * width).fill(1, 0, width),
      gradients: new Float32Array(2 * width),
    };
  }

  forward(x: Float32Array, batch: number): Float32Array {
    const n = this.inputs;
    expectRows(x, batch, n, "x");
    this.#batch = batch;
    this.#standard = new Float64Array(batch * n);
    this.#inverse = new Float64Array(batch);
    const { values } = this.parameters;
    const y = new Float32Array(batch * n);
    for (let b = 0; b < batch; b++) {
      let mean = 0;
      for (let i = 0; i < n; i++) mean += x[b * n + i]! / n;
      let variance = 0;
      for (let i = 0; i < n; i++) variance += (x[b * n + i]! - mean) ** 2 / n;
      const inverse = 1 / Math.sqrt(variance + this.#epsilon);
      this.#inverse[b] = inverse;
      for (let i = 0; i < n; i++) {
        const s = (x[b * n + i]! - mean) * inverse;
        this.#standard[b * n + i] = s;
        y[b * n + i] = s * values[i]! + values[n + i]!;
      }
    }
    return y;
  }

  backward(dy: Float32Array, batch: number): Float32Array {
    expectSameBatch(batch, this.#batch);
    const n = this.inputs;
    expectRows(dy, batch, n, "dy");
    const { values, gradients } = this.parameters;
    const dx = new Float32Array(batch * n);
    for (let i = 0; i < n; i++) {
      let [gain, bias] = [0, 0];
      for (let k = i; k < batch * n; k += n) {
        gain += dy[k]! * this.#standard[k]!;
        bias += dy[k]!;
      }
      gradients[i]! += gain;
      gradients[n + i]! += bias;
    }
    for (let b = 0; b < batch; b++) {
      let [mean, along] = [0, 0];
      for (let i = 0; i < n; i++) {
        const g = dy[b * n + i]! * values[i]!;
        mean += g / n;
        along += (g * this.#standard[b * n + i]!) / n;
      }
      for (let i = 0; i < n; i++) {
        const k = b * n + i;
        dx[k] = (dy[k]! * values[i]! - mean - this.#standard[k]! * along) * this.#inverse[b]!;
      }
    }
    return dx;
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
}
