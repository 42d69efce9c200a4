import type { Optimiser, ParameterSet } from "../../src/core/contracts/network.ts";
import type { RecurrentGradients, RecurrentNetwork } from "../../src/core/contracts/recurrent.ts";
import { addProduct, rowMajor, transposed } from "./gemm.ts";
import { expectSequenceGradient, expectSequences, type GruLayout, gruLayout } from "./gru-layout.ts";

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * A gated recurrent unit in plain TypeScript: the definition that faster engines are tested against. The reset gate comes after the hidden product, as in PyTorch:
 * r = s(xWr + br + hUr + cr), z = s(xWz + bz + hUz + cz), n = tanh(xWn + bn + r (hUn + cn)), h' = (1 - z) n + z h.
 */
export class ReferenceGru implements RecurrentNetwork {
  readonly inputs: number;
  readonly hidden: number;
  readonly parameters: ParameterSet;
  readonly #layout: GruLayout;
  #steps = 0;
  #batch = 0;
  #x = new Float32Array(0);
  #resets: Uint8Array | undefined;
  /** x W + b and h U + c [T*B*3H]; r, z, n [T*B*3H]; the state each step started from, and came to [T*B*H]. */
  #fromX = new Float32Array(0);
  #fromH = new Float32Array(0);
  #gates = new Float32Array(0);
  #before = new Float32Array(0);
  #y = new Float32Array(0);

  constructor(inputs: number, hidden: number) {
    this.#layout = gruLayout(inputs, hidden);
    this.inputs = inputs;
    this.hidden = hidden;
    const { slices, length } = this.#layout;
    this.parameters = { slices, values: new Float32Array(length), gradients: new Float32Array(length) };
  }

  forward(x: Float32Array, steps: number, batch: number, state?: Float32Array, resets?: Uint8Array): Float32Array {
    expectSequences(this, { x, state, resets }, steps, batch);
    const { inputs, hidden } = this;
    const rows = steps * batch;
    const width = 3 * hidden;
    const { inputWeight, inputBias, hiddenWeight, hiddenBias } = this.#layout;
    const { values } = this.parameters;
    this.#steps = steps;
    this.#batch = batch;
    this.#x = x.slice(0, rows * inputs);
    this.#resets = resets?.slice(0, rows);
    this.#fromX = Float32Array.from({ length: rows * width }, (_, i) => values[inputBias + (i % width)]!);
    this.#fromH = Float32Array.from({ length: rows * width }, (_, i) => values[hiddenBias + (i % width)]!);
    this.#gates = new Float32Array(rows * width);
    this.#before = new Float32Array(rows * hidden);
    this.#y = new Float32Array(rows * hidden);
    const w = rowMajor(values, width, inputWeight);
    const u = rowMajor(values, width, hiddenWeight);
    addProduct(rowMajor(this.#x, inputs), w, rowMajor(this.#fromX, width), rows, width, inputs);
    for (let t = 0; t < steps; t++) {
      const row = t * batch;
      for (let b = 0; b < batch; b++)
        for (let j = 0; j < hidden; j++) {
          const h = t > 0 ? this.#y[(row - batch + b) * hidden + j]! : (state?.[b * hidden + j] ?? 0);
          this.#before[(row + b) * hidden + j] = resets?.[row + b] ? 0 : h;
        }
      const h = rowMajor(this.#before, hidden, row * hidden);
      addProduct(h, u, rowMajor(this.#fromH, width, row * width), batch, width, hidden);
      for (let i = row; i < row + batch; i++) this.#step(i);
    }
    return this.#y.subarray();
  }

  /** The gates of one row. */
  #step(row: number): void {
    const { hidden } = this;
    const at = row * 3 * hidden;
    for (let j = 0; j < hidden; j++) {
      const [reset, update, candidate] = [at + j, at + hidden + j, at + 2 * hidden + j];
      const r = logistic(this.#fromX[reset]! + this.#fromH[reset]!);
      const z = logistic(this.#fromX[update]! + this.#fromH[update]!);
      const n = Math.tanh(this.#fromX[candidate]! + r * this.#fromH[candidate]!);
      this.#gates[reset] = r;
      this.#gates[update] = z;
      this.#gates[candidate] = n;
      this.#y[row * hidden + j] = (1 - z) * n + z * this.#before[row * hidden + j]!;
    }
  }

  backward(dy: Float32Array): RecurrentGradients {
    const { inputs, hidden } = this;
    const [steps, batch] = [this.#steps, this.#batch];
    const rows = steps * batch;
    expectSequenceGradient(dy, rows, hidden);
    const width = 3 * hidden;
    const { inputWeight, inputBias, hiddenWeight, hiddenBias } = this.#layout;
    const { values, gradients } = this.parameters;
    const dFromX = new Float32Array(rows * width);
    const dFromH = new Float32Array(rows * width);
    const dState = new Float32Array(batch * hidden);
    const u = rowMajor(values, width, hiddenWeight);
    for (let t = steps - 1; t >= 0; t--) {
      const row = t * batch;
      for (let b = 0; b < batch; b++)
        for (let j = 0; j < hidden; j++) {
          const k = (row + b) * hidden + j;
          const at = (row + b) * width + j;
          const [r, z, n] = [this.#gates[at]!, this.#gates[at + hidden]!, this.#gates[at + 2 * hidden]!];
          const d = dy[k]! + dState[b * hidden + j]!;
          const dN = d * (1 - z) * (1 - n * n);
          dFromX[at] = dN * this.#fromH[at + 2 * hidden]! * r * (1 - r);
          dFromX[at + hidden] = d * (this.#before[k]! - n) * z * (1 - z);
          dFromX[at + 2 * hidden] = dN;
          dFromH[at] = dFromX[at]!;
          dFromH[at + hidden] = dFromX[at + hidden]!;
          dFromH[at + 2 * hidden] = dN * r;
          dState[b * hidden + j] = d * z;
        }
      const d = rowMajor(dFromH, width, row * width);
      addProduct(d, transposed(u), rowMajor(dState, hidden), batch, hidden, width);
      for (let b = 0; b < batch; b++) if (this.#resets?.[row + b]) dState.fill(0, b * hidden, (b + 1) * hidden);
    }
    const [dx, dh] = [rowMajor(dFromX, width), rowMajor(dFromH, width)];
    addProduct(transposed(rowMajor(this.#x, inputs)), dx, rowMajor(gradients, width, inputWeight), inputs, width, rows);
    addProduct(
      transposed(rowMajor(this.#before, hidden)),
      dh,
      rowMajor(gradients, width, hiddenWeight),
      hidden,
      width,
      rows,
    );
    for (let j = 0; j < width; j++) {
      let [fromX, fromH] = [0, 0];
      for (let i = j; i < rows * width; i += width) {
        fromX += dFromX[i]!;
        fromH += dFromH[i]!;
      }
      gradients[inputBias + j]! += fromX;
      gradients[hiddenBias + j]! += fromH;
    }
    const dInput = new Float32Array(rows * inputs);
    addProduct(dx, transposed(rowMajor(values, width, inputWeight)), rowMajor(dInput, inputs), rows, inputs, width);
    return { dx: dInput, dState };
  }

  zeroGradients(): void {
    this.parameters.gradients.fill(0);
  }

  step(optimiser: Optimiser): void {
    optimiser.update(this.parameters);
  }
}
