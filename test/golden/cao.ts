/**
 * Cao, Chen, Hull & Poulos, "Deep hedging of derivatives using reinforcement learning", Journal of Financial Data Science 3 (2021),
 * delta-hedging columns for the one-month option: short at-the-money call, S = K = 100, drift 5%, volatility 20%, 250 days a year, 1% of
 * traded value with set-up and final unwind; cost net of premium in % of the premium. The paper prints whole numbers (69/50, 78/42, 88/39,
 * 108/38); the digits are an independent simulation of 400,000 paths, whose error of the mean is .04 to .08.
 */
export const caoDelta = [
  { maturityDays: 20, rebalanceDays: 5, mean: 69.0, sd: 49.57 },
  { maturityDays: 21, rebalanceDays: 3, mean: 78.25, sd: 42.13 },
  { maturityDays: 20, rebalanceDays: 2, mean: 88.15, sd: 39.38 },
  { maturityDays: 20, rebalanceDays: 1, mean: 107.84, sd: 37.73 },
] as const;
export const caoPaths = 400_000;
