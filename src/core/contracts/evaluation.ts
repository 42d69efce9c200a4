/** What `compare` returns and a report shows: the JSON of docs/design.md §8. Costs: lower is better unless `direction` says otherwise. */

export type VerdictValue = "better" | "equivalent" | "worse" | "inconclusive";

/** Means over episodes, in the objective's unit. The named parts sum to `mean` cost with sign reversed (profit = -cost). */
export interface Attribution {
  readonly delta: number;
  readonly gamma: number;
  readonly theta: number;
  readonly vega: number;
  readonly vanna: number;
  readonly volga: number;
  readonly residual: number;
  readonly collateral: number;
  readonly funding: number;
  readonly basis: number;
  readonly spread: number;
  readonly fee: number;
  readonly impact: number;
  readonly gas: number;
}
export const ATTRIBUTION_PARTS = [
  "delta",
  "gamma",
  "theta",
  "vega",
  "vanna",
  "volga",
  "residual",
  "collateral",
  "funding",
  "basis",
  "spread",
  "fee",
  "impact",
  "gas",
] as const satisfies readonly (keyof Attribution)[];

export interface Budget {
  /** Environment steps (decisions) spent on tuning or learning, warm starts included. */
  readonly steps: number;
  readonly trials: number;
  readonly coreSeconds: number;
}

export interface ContenderResult {
  readonly id: string;
  readonly kind: "baseline" | "learned" | "oracle";
  readonly tuned: boolean;
  readonly params: Readonly<Record<string, number>>;
  readonly budget: Budget;
  readonly objective: number;
  readonly mean: number;
  readonly sd: number;
  /** Mean of the worst 5% of episode costs. */
  readonly cvar95: number;
  readonly maxDrawdown: number;
  /** Units of the underlying traded an episode, absolute. */
  readonly turnover: number;
  readonly fees: number;
  readonly gas: number;
  /** Spread and impact. */
  readonly slippage: number;
  /** Trades of a slot an episode, the unwind at its end included. */
  readonly rebalances: number;
  /** Share of decisions at which exposure was outside the scenario's bounds. */
  readonly outsideBounds: number;
  readonly liquidations: number;
  readonly attribution: Attribution;
  /**
   * What its mean exposure earned of the mean price move, in the objective's unit: mean over episodes of the time-averaged total delta
   * times the mean move. Absent on recorded prices and in markets without order flow, where drift and timing cannot be told apart.
   */
  readonly driftProfit?: number;
}

export interface PairedResult {
  readonly a: string;
  readonly b: string;
  /** Objective of a minus objective of b: negative means a is better. */
  readonly difference: number;
  readonly ci95: readonly [number, number];
  /** Holds for all baselines at once (max-T). */
  readonly simultaneousCi95: readonly [number, number];
  /** Share of episodes in which a costs less than b (ties count half). */
  readonly probabilityOfImprovement: number;
}

/** What a contender leaves to an oracle, a row that nobody can trade. */
export interface OracleGap {
  readonly oracle: string;
  readonly contender: string;
  /** Objective of the contender minus the oracle's, on the same episodes: what is left to win. */
  readonly difference: number;
  readonly ci95: readonly [number, number];
  /**
   * For something learned: its gain over the best rule, as a share of that rule's gap (1 = all of it). Absent where the interval of
   * the rule's gap holds 0: a share of nothing says nothing.
   */
  readonly closes?: number;
}

export interface EvaluationResult {
  readonly scenario: { readonly name: string; readonly version: number; readonly hash: string; readonly kind: string };
  readonly objective: {
    readonly name: string;
    readonly unit: string;
    readonly direction: "minimise";
    readonly k?: number;
  };
  readonly episodes: number;
  /** Episodes on non-overlapping data: less than `episodes` for recorded windows. */
  readonly effectiveEpisodes: number;
  readonly seed: number;
  readonly splits: { readonly train: string; readonly select: string; readonly test: string };
  readonly split: "train" | "select" | "test";
  readonly contenders: readonly ContenderResult[];
  /** The least objective among rules, and among all that can be traded. */
  readonly best: { readonly baseline: string; readonly overall: string };
  readonly paired: readonly PairedResult[];
  /** By oracle, then by objective: every tuned rule and everything learned. Absent where no oracle was played. */
  readonly gaps?: readonly OracleGap[];
  readonly verdict: {
    readonly value: VerdictValue;
    /** δ as a fraction of the best tuned row's objective. */
    readonly delta: number;
    /** The learned contender judged, and the row it is judged against; empty where nothing was learned. */
    readonly contender: string;
    readonly against: string;
    /** One sentence for people, with every caveat of the data. */
    readonly sentence: string;
    /** How many more episodes would decide, where the verdict is inconclusive and prices are simulated. */
    readonly moreEpisodes?: number;
    /** The same for recorded data: how many more windows that overlap none of those seen. */
    readonly moreWindows?: number;
    /** Smallest true difference that this comparison would find with a power of 0.8, in the objective's unit. */
    readonly minimumDetectableEffect?: number;
    /** True where a better verdict is mostly carry or direction, not hedging skill. */
    readonly notHedgingSkill?: boolean;
    /** True where a better verdict is mostly timing: exposure held while the price was displaced and came back. */
    readonly mostlyTiming?: boolean;
  };
  readonly testTouches: number;
  readonly notes: readonly string[];
}
