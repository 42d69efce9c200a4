/** A recorded series in typed arrays, in time order, without gaps of its own making: what src/data reads and env/ plays back. */
export interface Series {
  /** File name without folders, for reports and errors. */
  readonly source: string;
  /** SHA-256 of the file's bytes. */
  readonly hash: string;
  /** Seconds since 1970, strictly increasing. */
  readonly times: Float64Array;
  /** Finite values, in `unit`. */
  readonly values: Float64Array;
  readonly unit: string;
}
