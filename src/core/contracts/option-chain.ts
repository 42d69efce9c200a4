import type { Series } from "./series.ts";

/** What a reader of a chain met and dealt with. Nothing is dropped without one of these. */
export interface ChainFinding {
  readonly kind:
    | "crossed-quote"
    | "zero-quote"
    | "missing-bid"
    | "missing-ask"
    | "missing-mark"
    | "missing-volatility"
    | "missing-other"
    | "empty-row"
    | "stale-row"
    | "expired-row"
    | "gap";
  readonly count: number;
  /** File and line of the first one. */
  readonly first: string;
  /** What was done, as a sentence. */
  readonly handling: string;
}

/**
 * Recorded option chains: N snapshots of the listed options of one currency, Q quotes in all, struct of arrays.
 * `times` [N] are the starts of the snapshots; the quotes inside one are polled within seconds of it and are not simultaneous.
 * `values` [N] is the forward of the nearest expiry more than 7 days away (of the farthest, where all are nearer), USD, the median of that
 * expiry's quotes: one price a snapshot for what asks a series. The chain is a {@link Series}, so it goes wherever a series goes.
 */
export interface OptionChain extends Series {
  readonly kind: "option-chain";
  /** "BTC", "ETH". */
  readonly currency: string;
  /** Snapshot n holds quotes firstQuote[n] to firstQuote[n+1] - 1, in order of expiry, strike, sign (puts first). [N+1] */
  readonly firstQuote: Int32Array;
  /** Expiry, seconds since 1970. [Q] */
  readonly expiry: Float64Array;
  /** USD. [Q] */
  readonly strike: Float64Array;
  /** 1 call, -1 put. [Q] */
  readonly sign: Int8Array;
  /** Forward of the quote's expiry as published with the quote, USD; quotes of one expiry may differ by a few basis points. [Q] */
  readonly forward: Float64Array;
  /** Best quotes and the exchange's mark, in coin; NaN = none. [Q] */
  readonly bid: Float64Array;
  readonly ask: Float64Array;
  readonly mark: Float64Array;
  /** Black (1976) volatility of the mark, fraction a year of 365 days; NaN = none. [Q] */
  readonly markVolatility: Float64Array;
  /** The exchange's delta: dPrice/dForward of the USD price, not adjusted for the premium; NaN = none. [Q] */
  readonly delta: Float64Array;
  /** Open interest, coin. [Q] */
  readonly openInterest: Float64Array;
  /** Snapshot n holds expiries firstExpiry[n] to firstExpiry[n+1] - 1 of the three arrays below, in time order. [N+1] */
  readonly firstExpiry: Int32Array;
  /** Expiry, seconds since 1970. [E] */
  readonly listedExpiry: Float64Array;
  /** Median of the forwards of its quotes, USD. [E] */
  readonly listedForward: Float64Array;
  /** First quote of the expiry; the last one is before listedQuote[e+1]. [E+1] */
  readonly listedQuote: Int32Array;
  readonly findings: readonly ChainFinding[];
}

/** Whether a recorded series is an option chain. */
export function isOptionChain(series: Series): series is OptionChain {
  return (series as Partial<OptionChain>).kind === "option-chain";
}
