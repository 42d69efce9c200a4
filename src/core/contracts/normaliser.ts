import type { Stateful } from "../state.ts";

/** Running statistics of columns, and standardisation with them. All engines give the same bits. */
export interface Normaliser extends Stateful {
  readonly width: number;
  /** Rows seen. */
  readonly count: number;
  /** [width], live: do not write. */
  readonly mean: Float64Array;
  /** Population variance [width], live: do not write. */
  readonly variance: Float64Array;
  /** Merges the rows of x [batch*width] in. @throws ContractError where x holds a number that is not finite; nothing changes then. */
  update(x: Float64Array | Float32Array, batch: number): void;
  /** out = clamp((x - mean) / sqrt(variance + epsilon), -clip, clip) for [batch*width]. A NaN stays one. */
  normaliseInto(out: Float32Array, x: Float64Array | Float32Array, batch: number, clip: number): void;
}
