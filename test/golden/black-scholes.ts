/**
 * European option values with their sources.
 * Hull: J. C. Hull, "Options, Futures, and Other Derivatives", chapter on the Greek letters: S 49, K 50, r 5%, vol 20%, 20 weeks
 * (printed as 2.40, .522, .066, 12.1, -4.31 a year, 8.91); and the chapter on Black-Scholes-Merton: S 42, K 40, r 10%, vol 20%, half a year
 * (printed as 4.76 and .81). Further digits recomputed from the closed form.
 * Haug: E. G. Haug, "The Complete Guide to Option Pricing Formulas" (1998), as collected in QuantLib's test-suite/europeanoption.cpp; tolerance 1e-4.
 */
export const hullTwentyWeeks = {
  terms: { spot: 49, strike: 50, rate: 0.05, dividendYield: 0, volatility: 0.2, years: 20 / 52 },
  call: 2.4005273,
  put: 2.4481754,
  delta: 0.5216047,
  gamma: 0.065544,
  vega: 12.10548,
  theta: -4.3053298,
  rho: 8.9069619,
  vanna: 0.139133,
  volga: -0.2290811,
} as const;

export const hullHalfYear = {
  terms: { spot: 42, strike: 40, rate: 0.1, dividendYield: 0, volatility: 0.2, years: 0.5 },
  call: 4.7594224,
  put: 0.8085994,
} as const;

/** Hull's table of dynamic hedging: delta as the 20-week option lives, printed to three digits. [week, spot, delta] */
export const hullDeltaPath = [
  [0, 49, 0.522],
  [1, 48.12, 0.458],
  [2, 47.37, 0.4],
  [3, 50.25, 0.596],
] as const;

/** [greek, type, spot, strike, dividendYield, rate, years, volatility, value] */
export const haug = [
  ["price", "call", 60, 65, 0, 0.08, 0.25, 0.3, 2.1334],
  ["price", "put", 100, 95, 0.05, 0.1, 0.5, 0.2, 2.4648],
  ["price", "call", 42, 40, 0.08, 0.04, 0.75, 0.35, 5.0975],
  ["delta", "call", 105, 100, 0.1, 0.1, 0.5, 0.36, 0.5946],
  ["gamma", "call", 55, 60, 0, 0.1, 0.75, 0.3, 0.0278],
  ["vega", "call", 55, 60, 0, 0.1, 0.75, 0.3, 18.9358],
  ["theta", "put", 430, 405, 0.05, 0.07, 1 / 12, 0.2, -31.1924],
] as const;
