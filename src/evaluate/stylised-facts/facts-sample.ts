/** One metaorder: its size in units, and the log price's move over it, positive in the order's own direction. */
export interface Metaorder {
  readonly size: number;
  readonly move: number;
}

/** What is measured: one array an episode, one number a step. Episodes may differ in length; the arrays of one episode may not. */
export interface FactsSample {
  readonly stepSeconds: number;
  /** Log returns of the mid. */
  readonly returns: readonly Float64Array[];
  /** Units traded. */
  readonly volume: readonly Float64Array[];
  /** Units bought less units sold by those who took liquidity. */
  readonly signedVolume: readonly Float64Array[];
  /** Number of trades. */
  readonly trades: readonly Float64Array[];
  /** In the order of the episodes. */
  readonly metaorders?: readonly Metaorder[];
}

export interface FactRow {
  readonly fact: string;
  /** The estimator, in words. */
  readonly estimator: string;
  /** null where the sample cannot tell: too short, or without the quantity. */
  readonly value: number | null;
  /** Percentile bootstrap over episodes; null with fewer than two of them. */
  readonly ci95: readonly [number, number] | null;
  readonly passMark: string;
  /** null where the fact is only reported, or has no value. */
  readonly passed: boolean | null;
}
