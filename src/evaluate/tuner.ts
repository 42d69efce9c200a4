/** One parameter of a rule. */
export interface Dimension {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly scale: "log" | "linear";
  readonly start: number;
}

export interface TuneInput {
  readonly dimensions: readonly Dimension[];
  /**
   * The objective, lower is better, of `params` [dimensions] on episodes `from` … `from + count - 1` of the training seeds, on common random
   * numbers: the same parameters give the same number. May return +Infinity (ruin), never NaN.
   */
  readonly evaluate: (params: Float64Array, episodesFrom: number, episodesCount: number) => number;
  /** Points that must be tried on all episodes, e.g. bands so wide that nothing is traded, so narrow that it is delta hedging. */
  readonly anchors?: readonly Float64Array[];
  readonly budget: { readonly trials?: number; readonly episodes: number };
  readonly seed: number | string;
}

export type TunePhase = "anchor" | "screen" | "search" | "promote" | "refine";

export interface Trial {
  readonly params: Float64Array;
  readonly objective: number;
  readonly episodes: number;
  readonly phase: TunePhase;
}

export interface TuneResult {
  readonly params: Float64Array;
  /** On all episodes of the budget. */
  readonly objective: number;
  /** Calls of `evaluate`. */
  readonly trials: number;
  /** Episodes simulated, over all trials. */
  readonly episodes: number;
  readonly history: readonly Trial[];
  /** Names of dimensions whose tuned value lies at an edge of the box: the box may be too small. */
  readonly atEdge: readonly string[];
}

/** Trials that a rule of d parameters gets unless told: 60 for one, 396 for eight, at most 600. */
export function defaultTrials(dimensions: number): number {
  return Math.min(600, 12 + 48 * dimensions);
}
