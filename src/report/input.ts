import type { EvaluationResult } from "../core/contracts/evaluation.ts";

/** Where the numbers of a report come from, and the command that makes them again. */
export interface Provenance {
  readonly runId: string;
  readonly seed: number;
  readonly configHash: string;
  readonly gitSha: string;
  /** Network engine, e.g. `kernel (wasm-simd)` or `tfjs-node`. */
  readonly engine: string;
  /** Version of Node, e.g. `20.20.2`. */
  readonly node: string;
  readonly dataFiles: readonly { readonly path: string; readonly sha256: string }[];
  /** The command that produced this report, ready to paste. */
  readonly command: string;
}

/** One training seed's curve; the three arrays have one length. */
export interface LearningSeed {
  readonly seed: number;
  /** Environment steps so far. */
  readonly steps: readonly number[];
  /** Objective on the select split, in the objective's unit; null where nothing was evaluated at that step. */
  readonly objective: readonly (number | null)[];
  /** Mean training return an episode, in reward units; null where no episode ended. */
  readonly return: readonly (number | null)[];
}

export interface LearningCurve {
  readonly seeds: readonly LearningSeed[];
  /** Tuned baselines on the select split, drawn as reference lines. */
  readonly references: readonly { readonly id: string; readonly objective: number }[];
}

/** Episode costs of one contender, in the objective's unit, subsampled to at most 2000. */
export interface CostSample {
  readonly id: string;
  readonly costs: readonly number[];
}

export interface EpisodeTrade {
  /** Hours from the start of the episode. */
  readonly time: number;
  /** Units of the underlying; positive buys. */
  readonly size: number;
  /** Spread, fee and impact, in the objective's unit. */
  readonly cost: number;
  /** Gas, in the objective's unit. */
  readonly gas: number;
}

/** One hedged episode. All series have the length of `times`. */
export interface EpisodeTrace {
  /** Hours from the start of the episode, ascending. */
  readonly times: readonly number[];
  /** Price of the underlying, in the account's numeraire. */
  readonly price: readonly number[];
  readonly priceUnit: string;
  /** Net delta of book and hedge, in units of the underlying. */
  readonly exposure: {
    readonly policy: { readonly id: string; readonly values: readonly number[] };
    readonly baseline: { readonly id: string; readonly values: readonly number[] };
  };
  /** Edges of the policy's no-trade band, in units of the underlying. */
  readonly band: { readonly lower: readonly number[]; readonly upper: readonly number[] };
  /** The policy's trades. */
  readonly trades: readonly EpisodeTrade[];
  readonly baseFeeGwei: readonly number[];
}

/** Edges (and centre) of a no-trade band over `BandCurve.x`, in delta. */
export interface Band {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly centre?: readonly number[];
}

/** The learned no-trade band beside the tuned baseline's and Whalley-Wilmott's, at two or three base-fee levels. */
export interface BandCurve {
  /** E.g. `Spot / strike` or `Spot`. */
  readonly xName: string;
  /** Empty for a ratio. */
  readonly xUnit: string;
  readonly x: readonly number[];
  readonly baselineId: string;
  readonly levels: readonly {
    readonly baseFeeGwei: number;
    readonly learned: Band;
    readonly baseline: Band;
    readonly whalleyWilmott: Band;
  }[];
}

/** The no-trade band of `dp-optimum` beside analytic and tuned ones, at one base fee; edges as net delta of one unit of book. */
export interface OptimumBand {
  readonly xName: string;
  readonly xUnit: string;
  readonly x: readonly number[];
  /** Of the optimum, per unit of cost. */
  readonly riskAversion: number;
  readonly bands: readonly {
    readonly id: "optimum" | "same" | "tuned" | "rule";
    readonly name: string;
    readonly band: Band;
  }[];
}

export interface FrontierPoint {
  readonly mean: number;
  readonly sd: number;
}

/** Mean cost against its standard deviation, in the objective's unit. */
export interface Frontier {
  readonly points: readonly (FrontierPoint & { readonly id: string })[];
  /** Baselines swept over their width, in order of width. */
  readonly sweeps?: readonly {
    readonly id: string;
    readonly points: readonly (FrontierPoint & { readonly width: number })[];
  }[];
}

/** What the policy would have done beside the incumbent on recorded or live data. */
export interface ShadowSummary {
  readonly decisions: number;
  /** Share of decisions at which policy and incumbent chose the same, in [0, 1]. */
  readonly agreement: number;
  /** Unit of the three amounts below. */
  readonly unit: string;
  /** Profit when the policy's position is reset to the incumbent's at each decision. */
  readonly pnlAnchored: number;
  /** Profit when the policy's own position runs on. */
  readonly pnlFreeRun: number;
  /** Profit given up against the better of the two in hindsight. */
  readonly regret: number;
}

/** Everything that a report shows. Optional parts that are absent leave no heading. */
export interface ReportInput {
  readonly title: string;
  readonly evaluation: EvaluationResult;
  readonly provenance: Provenance;
  readonly costSamples: readonly CostSample[];
  readonly frontier: Frontier;
  readonly learningCurve?: LearningCurve;
  readonly episode?: EpisodeTrace;
  readonly bandCurve?: BandCurve;
  readonly optimumBand?: OptimumBand;
  readonly shadow?: ShadowSummary;
}
