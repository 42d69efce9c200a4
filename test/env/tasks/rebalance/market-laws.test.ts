import { describe, expect, it } from "vitest";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import type { ScenarioData } from "../../../../env/tasks/rebalance/scenario-data.ts";
import { SimulatedMarket } from "../../../../env/tasks/rebalance/simulated-market.ts";
import { series, straddle } from "./scenarios.ts";

function simulated(input: ScenarioInput, batch: number, data?: ScenarioData): SimulatedMarket {
  const scenario = parseScenario(input);
  const market = new SimulatedMarket({
    scenario,
    batch,
    seed: 9,
    split: "train",
    ...(data === undefined ? {} : { data }),
  });
  for (let b = 0; b < batch; b++) market.start(b, b);
  return market;
}

const mean = (x: readonly number[]) => x.reduce((a, v) => a + v, 0) / x.length;
const variance = (x: readonly number[]) => {
  const m = mean(x);
  return mean(x.map((v) => (v - m) ** 2));
};

describe("Geometric Brownian motion", () => {
  const N = 20_000;
  const input = straddle({
    name: "gbm",
    market: { price: { model: "gbm", initial: 2000, drift: 0.5, volatility: 0.8 } },
    maturityDays: 30,
    stepSeconds: 86_400 * 10,
    decisionInterval: "10d",
  });
  const market = simulated(input, N);
  const path = [0, 1, 2].map((step) => {
    for (let b = 0; b < N; b++) market.advance(b, step);
    return Array.from(market.frame.price, (p) => Math.log(p / 2000));
  });
  const years = 10 / 365;

  it("has the drift and variance asked for, at every horizon (4 standard errors)", () => {
    for (const [i, logs] of path.entries()) {
      const t = (i + 1) * years;
      expect(Math.abs(mean(logs) - (0.5 - 0.32) * t)).toBeLessThan(4 * 0.8 * Math.sqrt(t / N));
      expect(Math.abs(variance(logs) / (0.64 * t) - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    }
  });

  it("has independent normal increments", () => {
    const sd = 0.8 * Math.sqrt(years);
    const second = path[1]!.map((x, b) => (x - path[0]![b]! - 0.18 * years) / sd);
    const first = path[0]!.map((x) => (x - 0.18 * years) / sd);
    expect(Math.abs(mean(first.map((x, b) => x * second[b]!)))).toBeLessThan(4 / Math.sqrt(N));
    expect(Math.abs(mean(second.map((x) => x ** 3)))).toBeLessThan(4 * Math.sqrt(15 / N));
    expect(Math.abs(mean(second.map((x) => x ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / N));
  });

  it("publishes prices on its tick, and rounding does not add up", () => {
    const rounded = simulated({ ...input, market: { price: { ...input.market.price, tick: 50 } as never } }, 200);
    for (const step of [0, 1, 2]) for (let b = 0; b < 200; b++) rounded.advance(b, step);
    for (let b = 0; b < 200; b++) {
      expect(rounded.frame.price[b]! % 50).toBe(0);
      expect(Math.abs(rounded.frame.price[b]! - 2000 * Math.exp(path[2]![b]!))).toBeLessThanOrEqual(25 + 1e-9);
    }
  });
});

describe("Inclusion", () => {
  const N = 20_000;
  const fees = { model: "eip1559" } as const;
  const at = (inclusionBlocks: number) =>
    straddle({
      name: "inclusion",
      chain: { fee: fees, inclusionBlocks },
      stepSeconds: 120,
      decisionInterval: 120,
      maturityDays: 1 / 24,
    });

  it("in the same block fills at the price and fee of the decision", () => {
    const market = simulated(at(0), 50);
    const [price, fee] = [market.frame.price.slice(), market.frame.baseFeeGwei.slice()];
    for (let b = 0; b < 50; b++) market.advance(b, 0);
    expect(market.frame.fillPrice).toEqual(price);
    expect(market.frame.fillBaseFeeGwei).toEqual(fee);
  });

  it("later fills at a point of a Brownian bridge: its mean and variance given both ends (4 standard errors)", () => {
    const market = simulated(at(3), N);
    for (let b = 0; b < N; b++) market.advance(b, 0);
    const share = 36 / 120;
    const sd = 0.6 * Math.sqrt(120 / (365 * 86_400));
    const whole = Array.from(market.frame.price, (p) => Math.log(p / 2000) / sd);
    const part = Array.from(market.frame.fillPrice, (p) => Math.log(p / 2000) / sd);
    const off = part.map((x, b) => x - share * whole[b]!);
    const spread = share * (1 - share);
    expect(Math.abs(mean(off))).toBeLessThan(4 * Math.sqrt(spread / N));
    expect(Math.abs(variance(off) / spread - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    expect(Math.abs(mean(off.map((x, b) => x * whole[b]!)))).toBeLessThan(4 * Math.sqrt(spread / N));
  });
});

describe("Mean-reverting mark volatility", () => {
  it("starts and stays in its stationary law, and moves with returns as its correlation says", () => {
    const N = 8000;
    const market = simulated(
      straddle({
        name: "vol",
        market: {
          price: { model: "gbm", initial: 2000, volatility: 0.6 },
          impliedVolatility: {
            model: "mean-reverting",
            volatility: 0.5,
            reversionPerYear: 12,
            volOfVol: 1.2,
            correlation: -0.7,
          },
        },
        maturityDays: 60,
        stepSeconds: 86_400,
        decisionInterval: "1d",
      }),
      N,
    );
    const logs = () => Array.from(market.frame.volatility, (v) => Math.log(v / 0.5));
    const sd = 1.2 / Math.sqrt(24);
    let before = logs();
    expect(Math.abs(variance(before) / (sd * sd) - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    let price = market.frame.price.slice();
    let correlation = 0;
    for (let step = 0; step < 60; step++) {
      for (let b = 0; b < N; b++) market.advance(b, step);
      const now = logs();
      if (step === 30) {
        const moved = now.map((x, b) => x - before[b]!);
        const returns = Array.from(market.frame.price, (p, b) => Math.log(p / price[b]!));
        correlation =
          mean(moved.map((x, b) => (x - mean(moved)) * returns[b]!)) / Math.sqrt(variance(moved) * variance(returns));
      }
      before = now;
      price = market.frame.price.slice();
    }
    expect(Math.abs(mean(before))).toBeLessThan((4 * sd) / Math.sqrt(N));
    expect(Math.abs(variance(before) / (sd * sd) - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    // Reversion adds variance that returns do not explain: the sample correlation is a little weaker than -0.7.
    expect(correlation).toBeGreaterThan(-0.74);
    expect(correlation).toBeLessThan(-0.63);
  });
});

describe("Recorded prices and fees", () => {
  const data: ScenarioData = {
    series: { p: series("p", 3000, 60, (i) => 1000 + i), f: series("f", 60, 3600, (i) => 10 + i) },
  };
  const input = (inclusionBlocks: number): ScenarioInput =>
    straddle({
      market: { price: { model: "file", series: "p", volatility: 0.6 } },
      chain: { fee: { model: "file", series: "f" }, inclusionBlocks },
      maturityDays: 1 / 24,
      stepSeconds: 60,
      decisionInterval: 60,
    });

  it("are played back sample by sample", () => {
    const market = new SimulatedMarket({ scenario: parseScenario(input(0)), batch: 1, seed: 1, split: "test", data });
    expect(market.windows).toBe(49);
    market.start(0, 2);
    expect(market.frame.price[0]).toBe(1120);
    for (let step = 0; step < 60; step++) {
      market.advance(0, step);
      expect(market.frame.price[0]).toBe(1121 + step);
      expect(market.frame.fillPrice[0]).toBe(1120 + step);
      expect(market.frame.baseFeeGwei[0]).toBeGreaterThanOrEqual(10);
    }
  });

  it("are joined by a straight line inside a step: recorded bars say nothing of what lies between", () => {
    const market = new SimulatedMarket({ scenario: parseScenario(input(2)), batch: 1, seed: 1, split: "test", data });
    market.start(0, 0);
    market.advance(0, 0);
    expect(market.frame.fillPrice[0]).toBeCloseTo(1000 * (1001 / 1000) ** 0.4, 9);
  });

  it("are asked for by name when they are not loaded", () => {
    const missing = () => new SimulatedMarket({ scenario: parseScenario(input(0)), batch: 1, seed: 1, split: "test" });
    expect(missing).toThrow('The recorded series "p" is not loaded.');
    expect(missing).toThrow("scenario.market.price.series");
  });
});
