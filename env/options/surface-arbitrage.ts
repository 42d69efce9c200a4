import { black76Price } from "./black-76.ts";
import type { VolatilitySurface } from "./surface.ts";

/** A way to lock in a profit on a surface. */
export interface SurfaceViolation {
  /**
   * calendar: total variance falls with time at one log-moneyness; vertical: a call costs less at a lower strike, or falls by more than the
   * distance of the strikes; butterfly: the call price is not convex in the strike.
   */
  readonly kind: "calendar" | "vertical" | "butterfly";
  /** Time to expiry; the later one of a calendar. */
  readonly years: number;
  /** Strikes concerned, increasing; for a calendar the strike on the later expiry. */
  readonly strikes: readonly number[];
  /** What it earns, above 0: total variance for a calendar, otherwise undiscounted price as a fraction of the forward (= coin). */
  readonly size: number;
}

export interface ArbitrageTolerance {
  /** Sizes up to this one are rounding of the volatilities: total variance, and fractions of the forward. */
  readonly variance?: number;
  readonly price?: number;
}

/** Lists the violations on a surface's own strikes, in order of expiry, calendars first; empty = free of arbitrage there. */
export function surfaceViolations(surface: VolatilitySurface, tolerance: ArbitrageTolerance = {}): SurfaceViolation[] {
  const { variance = 1e-12, price = 1e-12 } = tolerance;
  const found: SurfaceViolation[] = [];
  for (let e = 0; e < surface.years.length; e++) {
    if (e > 0) calendars(surface, e, variance, found);
    strikesOf(surface, e, price, found);
  }
  return found;
}

/**
 * Both expiries are piecewise linear in k, so w falls somewhere inside their common range only if it falls at a point of one of them;
 * beyond it one of the two would be an extrapolation.
 */
function calendars(s: VolatilitySurface, later: number, tolerance: number, found: SurfaceViolation[]): void {
  const from = Math.max(s.k[s.firstPoint[later - 1]!]!, s.k[s.firstPoint[later]!]!);
  const to = Math.min(s.k[s.firstPoint[later]! - 1]!, s.k[s.firstPoint[later + 1]! - 1]!);
  for (const e of [later - 1, later])
    for (let p = s.firstPoint[e]!; p < s.firstPoint[e + 1]!; p++) {
      const k = s.k[p]!;
      if (k < from || k > to) continue;
      const size = s.smileVariance(later - 1, k) - s.smileVariance(later, k);
      const strike = s.forward[later]! * Math.exp(k);
      if (size > tolerance) found.push({ kind: "calendar", years: s.years[later]!, strikes: [strike], size });
    }
}

function strikesOf(s: VolatilitySurface, e: number, tolerance: number, found: SurfaceViolation[]): void {
  const years = s.years[e]!;
  const forward = s.forward[e]!;
  const call = (p: number) => black76Price(1, forward, s.strike[p]!, 0, Math.sqrt(s.w[p]! / years), years) / forward;
  const first = s.firstPoint[e]!;
  // Slope of the call price over the strike, before the current point; a convex, falling price has slopes from -1 up to 0.
  let before = Number.NaN;
  for (let p = first + 1; p < s.firstPoint[e + 1]!; p++) {
    const width = (s.strike[p]! - s.strike[p - 1]!) / forward;
    const slope = (call(p) - call(p - 1)) / width;
    const outside = Math.max(slope, -1 - slope) * width;
    const pair = [s.strike[p - 1]!, s.strike[p]!];
    if (outside > tolerance) found.push({ kind: "vertical", years, strikes: pair, size: outside });
    // One call at each wing, weighted so that the wings balance: worth (slope after - slope before) times the harmonic width.
    if (p > first + 1) {
      const left = (s.strike[p - 1]! - s.strike[p - 2]!) / forward;
      const size = ((before - slope) * left * width) / (left + width);
      if (size > tolerance) found.push({ kind: "butterfly", years, strikes: [s.strike[p - 2]!, ...pair], size });
    }
    before = slope;
  }
}
