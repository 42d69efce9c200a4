/**
 * Hedging at N dates without costs. E. Derman & M. Kamal, "When you cannot hedge continuously", Goldman Sachs Quantitative Strategies (1999):
 * the standard deviation of the final profit of a delta-hedged at-the-money option is about sqrt(pi/4) vega volatility / sqrt(N).
 * The setting is that of QuantLib's example DiscreteHedging: one month, at the money, volatility 20%, rate 5%, 21 and 84 hedges.
 */
export const dermanKamal = {
  terms: { spot: 100, strike: 100, rate: 0.05, dividendYield: 0, volatility: 0.2, years: 1 / 12 },
  hedges: [21, 84],
  factor: Math.sqrt(Math.PI / 4),
} as const;
