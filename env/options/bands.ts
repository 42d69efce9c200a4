/**
 * Analytic no-trade bands and hedging volatilities under proportional costs. All are per unit of underlying: a half-width in units
 * of the hedge, to be laid around a target. No checks and no allocation: these run inside baselines, once a decision.
 * `costRate` is the *one-way* proportional cost (0.0005 = 5 bp of traded value); `riskAversion` is absolute, per unit of money
 * (a utility -exp(-riskAversion*wealth)), so it must be rescaled when money is; `gamma` is of the whole book, of either sign.
 */

/** Variance is never scaled below this fraction: close to expiry Zakamouline's K can pass 1, as can Leland's number. */
export const SMALLEST_VARIANCE_FACTOR = 0.05;
/** Widths are held at their value one second before expiry: Zakamouline's H0 has a pole there. */
const SMALLEST_YEARS = 1 / 31_557_600;
/** Likewise for a still market. */
const SMALLEST_VOLATILITY = 1e-4;

/**
 * Whalley-Wilmott half-width (3/2 e^(-r t) cost S gamma^2 / riskAversion)^(1/3), laid around the Black-Scholes delta.
 * It is the small-cost limit of the Hodges-Neuberger band and grows as cost^(1/3).
 * Source: A. E. Whalley & P. Wilmott, Mathematical Finance 7 (1997) 307.
 */
export function whalleyWilmottHalfWidth(
  spot: number,
  gamma: number,
  costRate: number,
  riskAversion: number,
  rate: number,
  years: number,
): number {
  return Math.cbrt((1.5 * Math.exp(-rate * Math.max(years, 0)) * costRate * spot * gamma * gamma) / riskAversion);
}

/**
 * Zakamouline half-width H0 + H1, laid around the delta at `zakamoulineVolatility`:
 *   H0 = cost / (riskAversion S vol^2 t),   H1 = 1.12 cost^.31 t^.05 (e^(-r t)/vol)^.25 (|gamma|/riskAversion)^.5.
 * H0 is what makes a hedger with little gamma left stop trading. Within the last second, and below a volatility of 1e-4, it is held.
 * Source: V. Zakamouline, "Optimal hedging of options with transaction costs" (2005), Quantitative Finance 6 (2006) 435.
 */
export function zakamoulineHalfWidth(
  spot: number,
  gamma: number,
  volatility: number,
  costRate: number,
  riskAversion: number,
  rate: number,
  years: number,
): number {
  const t = Math.max(years, SMALLEST_YEARS);
  const v = Math.max(volatility, SMALLEST_VOLATILITY);
  const still = costRate / (riskAversion * spot * v * v * t);
  const moving =
    1.12 * costRate ** 0.31 * t ** 0.05 * (Math.exp(-rate * t) / v) ** 0.25 * Math.sqrt(Math.abs(gamma) / riskAversion);
  return still + moving;
}

/**
 * Volatility at which Zakamouline takes the delta: vol * sqrt(1 ± K), K = 4.76 cost^.78 t^-.02 (e^(-r t)/vol)^.25 (riskAversion S^2 |gamma|)^.15.
 * Like Leland's: raised for a short-gamma book (its delta turns more slowly, so less is traded), lowered for a long one, where the
 * factor is held at 0.05 or more (K can pass 1 close to expiry); unchanged at gamma 0. Public code
 * writes K with a minus and 1 - K for the writer. Read the other way (a lower volatility for the writer), the tuned mean + 1.5 sd of a short
 * one-month call hedged daily at 1% cost came out 1 to 3% higher in our simulation.
 * Source: as `zakamoulineHalfWidth`.
 */
export function zakamoulineVolatility(
  spot: number,
  gamma: number,
  volatility: number,
  costRate: number,
  riskAversion: number,
  rate: number,
  years: number,
): number {
  if (gamma === 0) return volatility;
  const t = Math.max(years, SMALLEST_YEARS);
  const v = Math.max(volatility, SMALLEST_VOLATILITY);
  const k =
    4.76 *
    costRate ** 0.78 *
    t ** -0.02 *
    (Math.exp(-rate * t) / v) ** 0.25 *
    (riskAversion * spot * spot * Math.abs(gamma)) ** 0.15;
  return volatility * Math.sqrt(Math.max(1 - Math.sign(gamma) * k, SMALLEST_VARIANCE_FACTOR));
}

/**
 * Leland's hedging volatility for rebalancing every `intervalYears`: vol^2 (1 ± sqrt(8/pi) cost/(vol sqrt(dt))), raised for a
 * short-gamma book (costs add to what the option must earn), lowered for a long one (variance held at 5% or more); unchanged at gamma 0.
 * Beware of a factor of 2: `costRate` is one-way. With the round-trip cost k = 2 cost the factor reads sqrt(2/pi) k.
 * Source: H. E. Leland, Journal of Finance 40 (1985) 1283; the long side: T. Hoggard, A. E. Whalley & P. Wilmott (1994).
 */
export function lelandVolatility(gamma: number, volatility: number, costRate: number, intervalYears: number): number {
  if (gamma === 0 || costRate === 0) return volatility;
  const v = Math.max(volatility, SMALLEST_VOLATILITY);
  const number = (Math.sqrt(8 / Math.PI) * costRate) / (v * Math.sqrt(Math.max(intervalYears, SMALLEST_YEARS)));
  return v * Math.sqrt(Math.max(1 - Math.sign(gamma) * number, SMALLEST_VARIANCE_FACTOR));
}

/** The position nearest to `held` in the band target ± halfWidth: a band is traded only to its edge. */
export function nearestInBand(held: number, target: number, halfWidth: number): number {
  return Math.min(Math.max(held, target - halfWidth), target + halfWidth);
}
