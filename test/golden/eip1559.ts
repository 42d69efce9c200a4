/**
 * Base fees of the next block: go-ethereum, consensus/misc/eip1559/eip1559_test.go (TestCalcBaseFee), parent base fee 1 gwei, gas limit
 * 20M (target 10M). Denominator 16: the copy of that table in a go-ethereum-derived client for Polygon's Delhi fork.
 */
export const PARENT_BASE_FEE_WEI = 1_000_000_000;
export const GAS_TARGET = 10_000_000;
export const NEXT_BASE_FEE_WEI = [
  { denominator: 8, gasUsed: 10_000_000, expected: 1_000_000_000 },
  { denominator: 8, gasUsed: 9_000_000, expected: 987_500_000 },
  { denominator: 8, gasUsed: 11_000_000, expected: 1_012_500_000 },
  { denominator: 8, gasUsed: 20_000_000, expected: 1_125_000_000 },
  { denominator: 8, gasUsed: 0, expected: 875_000_000 },
  { denominator: 16, gasUsed: 10_000_000, expected: 1_000_000_000 },
  { denominator: 16, gasUsed: 9_000_000, expected: 993_750_000 },
  { denominator: 16, gasUsed: 11_000_000, expected: 1_006_250_000 },
  { denominator: 16, gasUsed: 20_000_000, expected: 1_062_500_000 },
  { denominator: 16, gasUsed: 0, expected: 937_500_000 },
] as const;
