import { RunningNormaliser } from "../normalizer/running.ts";
import { Arena } from "./arena.ts";

/** The kernel's functions for columns (models/kernel/assembly/columns.ts). */
export interface ColumnFunctions {
  columnSums(x: number, rows: number, n: number, out: number): void;
  columnSquares(x: number, rows: number, n: number, mean: number, out: number): void;
  standardise(x: number, rows: number, n: number, mean: number, scale: number, clip: number, out: number): void;
}

/** Numbers below which copying in and out costs more than the kernel saves. */
const WORTHWHILE = 512;

/** `RunningNormaliser` with its passes over a batch in the kernel, to the same bits. */
export class KernelNormaliser extends RunningNormaliser {
  readonly #arena = new Arena();
  /** Byte offsets of two float64 vectors [width]. */
  readonly #first: number;
  readonly #second: number;
  /** Byte offsets of the batch (f64) and of the result (f32). */
  #x = 0;
  #out = 0;
  #capacity = 0;

  constructor(width: number) {
    super(width);
    this.#first = this.#arena.allocate(2 * width);
    this.#second = this.#arena.allocate(2 * width);
  }

  override normaliseInto(out: Float32Array, x: Float64Array | Float32Array, batch: number, clip: number): void {
    const length = batch * this.width;
    if (length < WORTHWHILE || x.length < length || out.length < length) {
      super.normaliseInto(out, x, batch, clip);
      return;
    }
    this.#load(x, length);
    this.#vector(this.#first).set(this.mean);
    this.#vector(this.#second).set(this.scales());
    const { kernel } = this.#arena;
    kernel.standardise(this.#x, batch, this.width, this.#first, this.#second, clip, this.#out);
    out.set(this.#arena.view(this.#out, length));
  }

  protected override sumColumns(x: Float64Array | Float32Array, batch: number, sums: Float64Array): void {
    const length = batch * this.width;
    if (length < WORTHWHILE) {
      super.sumColumns(x, batch, sums);
      return;
    }
    this.#load(x, length);
    this.#arena.kernel.columnSums(this.#x, batch, this.width, this.#first);
    sums.set(this.#vector(this.#first));
  }

  /** Follows `sumColumns`, which has brought the batch here. */
  protected override sumSquares(
    x: Float64Array | Float32Array,
    batch: number,
    means: Float64Array,
    sums: Float64Array,
  ): void {
    if (batch * this.width < WORTHWHILE) {
      super.sumSquares(x, batch, means, sums);
      return;
    }
    this.#vector(this.#first).set(means);
    this.#arena.kernel.columnSquares(this.#x, batch, this.width, this.#first, this.#second);
    sums.set(this.#vector(this.#second));
  }

  #load(x: Float64Array | Float32Array, length: number): void {
    if (length > this.#capacity) {
      this.#capacity = Math.max(length, 2 * this.#capacity);
      this.#x = this.#arena.allocate(2 * this.#capacity);
      this.#out = this.#arena.allocate(this.#capacity);
    }
    new Float64Array(this.#arena.buffer, this.#x, length).set(x.length === length ? x : x.subarray(0, length));
  }

  #vector(offset: number): Float64Array {
    return new Float64Array(this.#arena.buffer, offset, this.width);
  }
}
