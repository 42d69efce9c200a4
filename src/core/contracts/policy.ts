import type { FeatureSchema } from "./features.ts";

/**
 * The one port that baselines, learned agents, exported bundles and the live runner speak: raw features in, intents out.
 * A policy is pure: the same inputs give the same outputs; what it remembers lives in `memory`, which the caller owns.
 */
export interface Policy {
  /** The contender's id, e.g. `delta-band` or `ppo`. */
  readonly id: string;
  /** Float64 numbers of memory an environment; zeros at the start of an episode. */
  readonly memoryWidth: number;
  /** Actions of a discrete mask, or 0 where the policy takes none. */
  readonly maskWidth: number;
  /** Names of the features that it cannot do without. */
  readonly requires: readonly string[];
  /**
   * @param batch B, the number of environments decided for.
   * @param features raw features [B*F], row b*F+f, in the order of the schema that the policy was built for; unavailable ones hold 0.
   * @param available 1 where feature f can be had, else 0. [F]
   * @param memory [B*memoryWidth], updated in place.
   * @param mask 1 = allowed [B*maskWidth]; an empty array where there is none.
   * @param out intents [B*slots*INTENT_WIDTH], written whole.
   */
  decide(
    batch: number,
    features: Float64Array,
    available: Uint8Array,
    memory: Float64Array,
    mask: Uint8Array,
    out: Float64Array,
  ): void;
}

/** What a policy needs to know when it is built: where its features are and which hedge slots it may write intents for. */
export interface PolicyContext {
  readonly schema: FeatureSchema;
  readonly slots: readonly SlotInfo[];
  /** Seconds between decisions. */
  readonly decisionSeconds: number;
  /** Days a year in the scenario's day count. */
  readonly daysPerYear: number;
  /** Proportional one-way cost of trading the first slot (fraction of notional, fees and half-spread). */
  readonly costRate: number;
  /** Expected drift of the underlying is unknown to policies; the risk-free rate is not. */
  readonly rate: number;
  /** Sum of absolute leg quantities: the book's size in units of the underlying. */
  readonly bookSize: number;
  readonly legs: number;
  /** True where mark volatility moves, so that a centre may lean on vega (minimum-variance delta). */
  readonly stochasticVolatility: boolean;
  /** True where options settle in coin, so that a centre may be premium-adjusted. */
  readonly coinSettled: boolean;
}

/** A hedge slot as policies see it. */
export interface SlotInfo {
  readonly name: string;
  readonly kind: "spot" | "perpetual" | "inverse-perpetual" | "option";
}
