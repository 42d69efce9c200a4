import type { Normaliser } from "../../src/core/contracts/normaliser.ts";
import { ContractError, CorruptFileError, expectLength } from "../../src/core/errors.ts";
import type { StateTree } from "../../src/core/state.ts";

type Rows = Float64Array | Float32Array;

/** Added to the variance before its root, as in Gymnasium's NormalizeObservation. */
export const VARIANCE_EPSILON = 1e-8;

/**
 * Running mean and population variance of each column, in float64, merged batch by batch (Chan, Golub and LeVeque 1983).
 * Before the first update the mean is 0 and the variance 1.
 */
export class RunningNormaliser implements Normaliser {
  readonly width: number;
  #count = 0;
  #frozen = false;
  readonly #mean: Float64Array;
  /** Sums of squared deviations from the mean. */
  readonly #squares: Float64Array;
  readonly #variance: Float64Array;
  readonly #batchMean: Float64Array;
  readonly #batchSquares: Float64Array;
  readonly #scales: Float64Array;

  constructor(width: number) {
    if (!Number.isInteger(width) || width < 1)
      throw new ContractError("A normaliser needs at least one column.", { which: "width", value: width });
    this.width = width;
    this.#mean = new Float64Array(width);
    this.#squares = new Float64Array(width);
    this.#variance = new Float64Array(width).fill(1);
    this.#batchMean = new Float64Array(width);
    this.#batchSquares = new Float64Array(width);
    this.#scales = new Float64Array(width);
  }

  /** Rows seen. */
  get count(): number {
    return this.#count;
  }

  /** [width], live: do not write. */
  get mean(): Float64Array {
    return this.#mean;
  }

  /** Population variance [width], live: do not write. */
  get variance(): Float64Array {
    return this.#variance;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Evaluation and deployment freeze the statistics: update then does nothing. */
  freeze(frozen = true): void {
    this.#frozen = frozen;
  }

  /**
   * Merges the rows of x [batch*width] in.
   * @throws ContractError where x holds a number that is not finite; the statistics are then unchanged.
   */
  update(x: Rows, batch: number): void {
    if (this.#frozen || batch === 0) return;
    const n = this.width;
    expectAtLeast(x, batch * n, "x");
    const batchMean = this.#batchMean;
    this.sumColumns(x, batch, batchMean);
    for (let i = 0; i < n; i++) {
      batchMean[i]! /= batch;
      if (!Number.isFinite(batchMean[i]!))
        throw new ContractError("A normaliser was given a number that is not finite.", {
          which: `column ${i}`,
          value: batchMean[i],
          fix: "Mask or mend the feature where it is made.",
        });
    }
    const before = this.#count;
    const total = before + batch;
    this.sumSquares(x, batch, batchMean, this.#batchSquares);
    for (let i = 0; i < n; i++) {
      const squares = this.#batchSquares[i]!;
      const delta = batchMean[i]! - this.#mean[i]!;
      this.#mean[i]! += (delta * batch) / total;
      this.#squares[i]! += squares + (delta * delta * before * batch) / total;
      this.#variance[i] = this.#squares[i]! / total;
    }
    this.#count = total;
  }

  /** out = clamp((x - mean) / sqrt(variance + 1e-8), -clip, clip) for [batch*width]. `out` may be x. A NaN stays one. */
  normaliseInto(out: Float32Array, x: Rows, batch: number, clip: number): void {
    const n = this.width;
    expectAtLeast(x, batch * n, "x");
    expectAtLeast(out, batch * n, "out");
    const mean = this.#mean;
    const scales = this.scales();
    for (let b = 0, k = 0; b < batch; b++)
      for (let i = 0; i < n; i++, k++) {
        const z = (x[k]! - mean[i]!) * scales[i]!;
        out[k] = Math.min(clip, Math.max(-clip, z));
      }
  }

  /** 1 / sqrt(variance + 1e-8) as it is now [width]; written over by the next call. */
  protected scales(): Float64Array {
    for (let i = 0; i < this.width; i++) this.#scales[i] = 1 / Math.sqrt(this.#variance[i]! + VARIANCE_EPSILON);
    return this.#scales;
  }

  /** Writes the sums of the columns, added in the order of the rows; four columns at a time, since each sum waits for the one before it. */
  protected sumColumns(x: Rows, batch: number, sums: Float64Array): void {
    const n = this.width;
    const end = batch * n;
    let i = 0;
    for (; i + 4 <= n; i += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let k = i; k < end; k += n) {
        a += x[k]!;
        b += x[k + 1]!;
        c += x[k + 2]!;
        d += x[k + 3]!;
      }
      sums[i] = a;
      sums[i + 1] = b;
      sums[i + 2] = c;
      sums[i + 3] = d;
    }
    for (; i < n; i++) {
      let sum = 0;
      for (let k = i; k < end; k += n) sum += x[k]!;
      sums[i] = sum;
    }
  }

  /** Writes the sums of squared deviations from `means`, as `sumColumns` sums. */
  protected sumSquares(x: Rows, batch: number, means: Float64Array, sums: Float64Array): void {
    const n = this.width;
    const end = batch * n;
    for (let i = 0; i < n; i++) {
      const mean = means[i]!;
      let sum = 0;
      for (let k = i; k < end; k += n) {
        const d = x[k]! - mean;
        sum += d * d;
      }
      sums[i] = sum;
    }
  }

  saveState(): StateTree {
    return {
      count: this.#count,
      frozen: this.#frozen,
      mean: this.#mean.slice(),
      squares: this.#squares.slice(),
      variance: this.#variance.slice(),
    };
  }

  loadState(state: StateTree): void {
    const { count, frozen, mean, squares, variance } = state;
    const arrays = [mean, squares, variance];
    if (typeof count !== "number" || typeof frozen !== "boolean" || !arrays.every((a) => a instanceof Float64Array))
      throw new CorruptFileError("The normaliser state is malformed.", {
        which: "normaliser",
        fix: "Load a state that saveState of RunningNormaliser returned.",
      });
    for (const array of arrays) expectLength(array as Float64Array, this.width, "normaliser.mean");
    this.#count = count;
    this.#frozen = frozen;
    this.#mean.set(mean as Float64Array);
    this.#squares.set(squares as Float64Array);
    this.#variance.set(variance as Float64Array);
  }
}

function expectAtLeast(array: { length: number }, length: number, name: string): void {
  if (array.length < length)
    throw new ContractError(`"${name}" is too short for the batch.`, {
      which: name,
      value: array.length,
      fix: `Pass at least ${length} numbers.`,
    });
}
