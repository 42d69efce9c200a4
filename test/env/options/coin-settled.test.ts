import { describe, expect, it } from "vitest";
import { black76Into } from "../../../env/options/black-76.ts";
import { GREEK, GREEK_COUNT } from "../../../env/options/black-scholes.ts";
import {
  coinGreeksInto,
  coinPrice,
  inverseFutureProfit,
  netTransactionDelta,
} from "../../../env/options/coin-settled.ts";

const CASES = [
  { sign: 1, forward: 2500, strike: 2600, volatility: 0.7, years: 0.08 },
  { sign: -1, forward: 2500, strike: 2600, volatility: 0.7, years: 0.08 },
  { sign: 1, forward: 60_000, strike: 30_000, volatility: 0.5, years: 0.5 },
  { sign: -1, forward: 60_000, strike: 120_000, volatility: 0.9, years: 0.02 },
];

describe.each(CASES)(
  "A coin-settled option (sign $sign, F $forward, K $strike)",
  ({ sign, forward, strike, volatility, years }) => {
    const value = (f: number, v = volatility, t = years) => coinPrice(sign, f, strike, v, t);
    const greeks = (f: number, v = volatility) => {
      const out = new Float64Array(GREEK_COUNT);
      coinGreeksInto(out, 0, sign, f, strike, v, years);
      return out;
    };
    const usd = new Float64Array(GREEK_COUNT);
    black76Into(usd, 0, sign, forward, strike, 0, volatility, years);
    const blackDelta = usd[GREEK.delta]!;
    const net = netTransactionDelta(blackDelta, value(forward), forward);

    it("has Greeks that are the derivatives of its coin value", () => {
      const g = greeks(forward);
      const step = 1e-4 * forward;
      const h = 1e-4;
      const near = (name: keyof typeof GREEK, expected: number, floor: number) =>
        expect(Math.abs(g[GREEK[name]]! - expected)).toBeLessThan(1e-4 * Math.abs(expected) + floor);
      near("price", usd[GREEK.price]! / forward, 0);
      near("delta", (value(forward + step) - value(forward - step)) / (2 * step), 1e-12);
      near("gamma", (greeks(forward + step)[GREEK.delta]! - greeks(forward - step)[GREEK.delta]!) / (2 * step), 1e-14);
      near("vega", (value(forward, volatility + h) - value(forward, volatility - h)) / (2 * h), 1e-9);
      near(
        "theta",
        (value(forward, volatility, years * (1 - h)) - value(forward, volatility, years * (1 + h))) / (2 * years * h),
        1e-8,
      );
      const [up, down] = [greeks(forward, volatility + h), greeks(forward, volatility - h)];
      near("vanna", (up[GREEK.delta]! - down[GREEK.delta]!) / (2 * h), 1e-10);
      near("volga", (up[GREEK.vega]! - down[GREEK.vega]!) / (2 * h), 1e-6);
      expect(g[GREEK.rho]).toBe(0);
    });

    /** What is left of a hedge after a move, over what is left after half of it: 4 where the first order is gone, 2 where it is not. */
    const order = (profit: (exit: number) => number) => {
      const move = 1e-3 * forward;
      return profit(forward + move) / profit(forward + move / 2);
    };

    it("hedged with inverse futures of its net transaction delta, keeps coin wealth to first order; with the Black delta it does not", () => {
      const coinProfit = (hedge: number) => (exit: number) =>
        value(exit) - value(forward) - inverseFutureProfit(hedge, forward, exit);
      expect(order(coinProfit(net))).toBeCloseTo(4, 1);
      expect(order(coinProfit(blackDelta))).toBeCloseTo(2, 1);
    });

    it("bought with borrowed coin and hedged with its net transaction delta, keeps USD wealth to first order", () => {
      const premium = value(forward);
      const usdProfit = (hedge: number) => (exit: number) =>
        value(exit) * exit - premium * exit - hedge * (exit - forward);
      expect(order(usdProfit(net))).toBeCloseTo(4, 1);
      expect(order(usdProfit(blackDelta))).toBeCloseTo(2, 1);
    });
  },
);

describe("A coin-settled option at expiry", () => {
  it("pays max(F - K, 0) / F coins, a put max(K - F, 0) / F, which may be more than one", () => {
    expect(coinPrice(1, 4000, 1000, 0.5, 0)).toBe(0.75);
    expect(coinPrice(-1, 1000, 4000, 0.5, 0)).toBe(3);
    expect(coinPrice(1, 1000, 4000, 0.5, 0)).toBe(0);
  });
});
