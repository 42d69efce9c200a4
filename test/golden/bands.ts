/**
 * Published values of analytic bands.
 * Both half-widths at S 5000, gamma .02, cost 5e-4, risk aversion 1, rate 0; Zakamouline's also at a quarter of a year and volatility 20%:
 * recomputed from the formulas; the second is the value of the public Java class ZQF2006Hedging (its comment, .020884, is a slip).
 */
export const wwHalfWidth = 0.1144714;
export const zakamoulineHalfWidthValue = 0.0209537;

/**
 * pfhedge, nn/modules/ww.py, docstring: K 1, rate 0, .1 years, volatility 20%, risk aversion 1, previous hedge .5;
 * next hedge by log-moneyness, with cost 1e-5 and without cost; printed to four digits.
 */
export const pfhedge = {
  logMoneyness: [-0.05, -0.01, 0, 0.01, 0.05],
  withCost: [0.2946, 0.5, 0.5, 0.5, 0.7284],
  withoutCost: [0.2239, 0.4497, 0.5126, 0.5752, 0.7945],
} as const;
