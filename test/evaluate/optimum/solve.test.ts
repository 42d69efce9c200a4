import { describe, expect, it } from "vitest";
import { GREEK, GREEK_COUNT, greeksInto } from "../../../env/options/black-scholes.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import type { Lattice } from "../../../src/evaluate/optimum/lattice.ts";
import type { HedgeProblem } from "../../../src/evaluate/optimum/problem.ts";
import { type Optimum, solveOptimum } from "../../../src/evaluate/optimum/solve.ts";
import { NO_EDGE, TRADE, TRADE_WIDTH } from "../../../src/evaluate/optimum/trades.ts";
import { bestOfAllPlans } from "./brute-force.ts";
import { oneOption } from "./problems.ts";

/** The trade at decision t, at the node nearest to a price. */
function tradeAt(o: Optimum, t: number, price: number) {
  const i = Math.round((Math.log(price) - o.first[t]!) / o.step);
  const at = (t * o.nodes + i) * TRADE_WIDTH;
  const spot = Math.exp(o.first[t]! + i * o.step);
  return {
    spot,
    low: o.trades[at + TRADE.stayLow]!,
    buyTo: o.trades[at + TRADE.buyTo]!,
    sellTo: o.trades[at + TRADE.sellTo]!,
    high: o.trades[at + TRADE.stayHigh]!,
  };
}

function deltaAt(spot: number, years: number) {
  const out = new Float64Array(GREEK_COUNT);
  greeksInto(out, 0, 1, spot, 100, 0, 0, 0.6, years);
  return out[GREEK.delta]!;
}

/** Entropic cost of leaving the option unhedged, by Simpson's rule over the one normal, up to 7 standard deviations. */
function unhedged(p: HedgeProblem, a: number): number {
  const years = p.intervals.reduce((s, x) => s + x, 0);
  const sd = p.volatility * Math.sqrt(years);
  const n = 20_000;
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    const z = -7 + (14 * k) / n;
    const weight = (k === 0 || k === n ? 1 : k % 2 === 1 ? 4 : 2) * (14 / n / 3);
    const cost = (-p.bookValue(p.initialPrice * Math.exp(sd * z - 0.5 * sd * sd)) - p.premium) / p.unitUsd;
    sum += (weight * Math.exp(a * cost - 0.5 * z * z)) / Math.sqrt(2 * Math.PI);
  }
  return Math.log(sum) / a;
}

describe("solveOptimum against every plan of a binomial tree", () => {
  const up = 1.1;
  const positions = Array.from({ length: 31 }, (_, k) => (k - 5) / 20);
  const upProbability = 0.52;
  const lattice: Lattice = {
    step: Math.log(up),
    reach: 2,
    middle: Float64Array.of(Math.log(100), Math.log(100), Math.log(100)),
    laws: [0, 1].map(() => Float64Array.of(1 - upProbability, 0, upProbability)),
    hedges: Float64Array.from(positions),
    hedgeStep: 0.05,
  };
  for (const [name, rate, fixed, quantity] of [
    ["a proportional cost", 0.01, 0, -1],
    ["a proportional and a fixed cost", 0.005, 0.3, -1],
    ["a fixed cost alone", 0, 0.8, -1],
    ["a long option", 0.01, 0.1, 1],
    ["no cost", 0, 0, -1],
  ] as const)
    it(`finds the least cost under ${name}`, () => {
      const p = oneOption({ decisions: 2, rate, fixed, quantity, unitUsd: 1, premium: 0 });
      const brute = bestOfAllPlans({
        price: 100,
        up,
        down: 1 / up,
        upProbability,
        payoff: (s) => -p.bookValue(s),
        rate,
        fixed,
        positions,
        riskAversion: 0.2,
      });
      expect(solveOptimum(p, 0.2, { lattice }).value).toBeCloseTo(brute.cost, 10);
    });
});

describe("solveOptimum", () => {
  it("changes by less than 0.2% where the grid is halved", () => {
    for (const p of [
      oneOption({ decisions: 6, rate: 0.005 }),
      oneOption({ decisions: 6, rate: 0.002, fixed: 0.05, quantity: 1, sign: -1 }),
    ]) {
      const coarse = solveOptimum(p, 0.01).value;
      const fine = solveOptimum(p, 0.01, { resolution: 2 }).value;
      expect(Math.abs(coarse / fine - 1)).toBeLessThan(0.002);
    }
  });

  it("never hedges, at the cost of the unhedged option, where trading costs more than the option", () => {
    // Left at the mark: what must be unwound in any case is sold early for nothing.
    const p = oneOption({ decisions: 10, rate: 5, closes: false });
    const o = solveOptimum(p, 0.001);
    expect(o.value / unhedged(p, 0.001)).toBeCloseTo(1, 2);
    const { buyTo, sellTo } = tradeAt(o, 5, 100);
    expect(buyTo).toBeLessThanOrEqual(0);
    expect(sellTo).toBeGreaterThanOrEqual(1);
    const fixed = tradeAt(
      solveOptimum(oneOption({ decisions: 10, rate: 0, fixed: 1000, closes: false }), 0.001),
      5,
      100,
    );
    expect([fixed.low, fixed.high]).toEqual([-NO_EDGE, NO_EDGE]);
  });

  it("hedges to about the delta where trading is free, and its cost falls as 1 / decisions", () => {
    const values = [20, 40].map((decisions) => {
      const o = solveOptimum(oneOption({ decisions, rate: 0 }), 0.003);
      const { spot, buyTo, sellTo } = tradeAt(o, decisions / 2, 103);
      const delta = deltaAt(spot, 15 / 365);
      expect(sellTo - buyTo).toBeLessThan(1e-9);
      expect(Math.abs(buyTo - delta)).toBeLessThan(0.02);
      return o.value;
    });
    expect(values[1]).toBeGreaterThan(0);
    // The variance of discrete hedging errors is inverse to their number (Boyle and Emanuel, 1980).
    expect(values[0]! / values[1]!).toBeGreaterThan(1.8);
    expect(values[0]! / values[1]!).toBeLessThan(2.3);
  });

  it("trades further than the edge under a fixed cost, and only beyond a wider band", () => {
    const free = tradeAt(solveOptimum(oneOption({ decisions: 30, rate: 0.002 }), 0.01), 15, 100);
    const paid = tradeAt(solveOptimum(oneOption({ decisions: 30, rate: 0.002, fixed: 0.05 }), 0.01), 15, 100);
    expect(free.low).toBe(free.buyTo);
    expect(paid.low).toBeLessThan(free.low);
    expect(paid.buyTo).toBeGreaterThan(paid.low);
    expect(paid.high).toBeGreaterThan(free.high);
    expect(paid.sellTo).toBeLessThan(paid.high);
    expect(paid.sellTo).toBeGreaterThanOrEqual(paid.buyTo);
  });

  it("stays finite where a window of prices spans more than a double's exponent", () => {
    expect(solveOptimum(oneOption({ decisions: 3, rate: 0.001 }), 30).value).toBeGreaterThan(0);
  });

  it("refuses a speculation and a table too large", () => {
    expect(() => solveOptimum(oneOption({ decisions: 5, rate: 0, drift: 3 }), 1e-5)).toThrow(ConfigError);
    expect(() => solveOptimum(oneOption({ decisions: 20_000, rate: 0.01 }), 0.01)).toThrow(/too large a table/);
  });
});
