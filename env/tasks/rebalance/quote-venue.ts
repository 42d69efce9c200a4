import { roundQuote } from "../../market/venue-specification.ts";

/** The parametric venue `quote`: a spread around the mid, square-root impact beyond the touch. Assumptions: docs/assumptions/quote-venue.md. */
export interface QuoteParameters {
  /** Half-spread as a fraction of the mid. */
  readonly halfSpread: number;
  readonly tick: number;
  /** Y of I = Y sigma_D sqrt(Q / V_D); 0 = no impact. */
  readonly impactCoefficient: number;
  readonly dailyVolatility: number;
  readonly dailyVolume: number;
}

/** Writes [efficient, mid, bid, ask]; `half` is half the spread in price. Quotes are rounded away from the mid to the tick. */
export function executionPrices(out: Float64Array, efficient: number, mid: number, half: number, tick: number): void {
  out[0] = efficient;
  out[1] = mid;
  out[2] = roundQuote(mid - half, tick, -1);
  out[3] = roundQuote(mid + half, tick, 1);
}
