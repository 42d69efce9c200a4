import { price } from "../../../env/options/black-scholes.ts";
import type { HedgeProblem } from "../../../src/evaluate/optimum/problem.ts";

/** One at-the-money option at spot 100, volatility 60%, 30 days, costs in bps of notional; no drift. */
export function oneOption(
  o: { decisions: number; rate: number; fixed?: number; quantity?: number; sign?: 1 | -1 } & Partial<HedgeProblem>,
): HedgeProblem {
  const { decisions, rate, fixed = 0, quantity = -1, sign = 1, ...other } = o;
  const years = 30 / 365;
  return {
    initialPrice: 100,
    drift: 0,
    volatility: 0.6,
    intervals: Array.from({ length: decisions }, () => years / decisions),
    growth: Array.from({ length: decisions + 1 }, () => 1),
    income: Array.from({ length: decisions }, () => 0),
    carry: 1,
    buyRate: rate,
    sellRate: rate,
    fixedUsd: fixed,
    fixedShare: 0,
    premium: -quantity * price(sign, 100, 100, 0, 0, 0.6, years),
    bookSize: Math.abs(quantity),
    lowestTarget: Math.min(0, -quantity * sign),
    highestTarget: Math.max(0, -quantity * sign),
    bookValue: (at) => quantity * Math.max(sign * (at - 100), 0),
    delivered: () => 0,
    closes: true,
    unitUsd: 0.01,
    ...other,
  };
}
