import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type FlowParameters, flowVarianceOfStep } from "../../../env/market/flow-parameters.ts";
import { Liquidity, type LiquidityParameters } from "../../../env/market/liquidity.ts";
import { OrderFlow } from "../../../env/market/order-flow.ts";
import { SimulatedMarket } from "../../../env/tasks/rebalance/simulated-market.ts";
import { episodeKey } from "../../../src/core/random.ts";
import { loadConfig } from "../../../src/core/yaml-config.ts";
import { experimentSchema } from "../../../src/evaluate/experiment.ts";

const STEP = 300;
const USUAL = 4e-6;
const HOURLY = 500;
const PARAMETERS: LiquidityParameters = {
  toxicitySpread: 2,
  neutralVpin: 0.3,
  volatilitySpread: 0.5,
  consumption: 0.1,
  refillMinutes: 20,
};

/** Spread and depth after an hour of equal steps. */
function quotesAfter(
  { move = Math.sqrt(USUAL), net = 0, vpin = 0.3, steps = 12 },
  p: Partial<LiquidityParameters> = {},
): [spread: number, depth: number] {
  const venue = new Liquidity(1, { ...PARAMETERS, ...p }, STEP, USUAL, HOURLY);
  venue.start(0, 0.3);
  for (let i = 0; i < steps; i++) venue.step(0, move, net, vpin);
  return [venue.spread[0]!, venue.depth[0]!];
}

describe("Spread and depth", () => {
  it("are the usual ones while volatility, flow and toxicity are, and in a calm market, too", () => {
    expect(quotesAfter({})[0]).toBeCloseTo(1, 12);
    expect(quotesAfter({})[1]).toBeCloseTo(1, 12);
    expect(quotesAfter({ move: 0, vpin: 0 })).toEqual([1, 1]);
  });

  it("answer to toxicity by the stated slope: the spread widens and depth goes to its inverse", () => {
    const [spread, depth] = quotesAfter({ vpin: 0.8, steps: 200 });
    expect(spread).toBeCloseTo(1 + 2 * 0.5, 12);
    expect(depth).toBeCloseTo(1 / spread, 12);
    const spreads = [0, 0.2, 0.3, 0.4, 0.6, 1].map((vpin) => quotesAfter({ vpin })[0]);
    expect(spreads.slice(0, 3)).toEqual([1, 1, 1].map(() => expect.closeTo(1, 12)));
    for (let i = 3; i < spreads.length; i++) expect(spreads[i]!).toBeGreaterThan(spreads[i - 1]!);
  });

  it("answer to the hour's realised volatility over the usual one", () => {
    // Moves of twice the usual size for ever: the ratio is 2.
    expect(quotesAfter({ move: 2 * Math.sqrt(USUAL), steps: 500 })[0]).toBeCloseTo(1.5, 9);
    // After one half-life the mean square is (1 + 4) / 2.
    expect(quotesAfter({ move: -2 * Math.sqrt(USUAL) })[0]).toBeCloseTo(1 + 0.5 * (Math.sqrt(2.5) - 1), 12);
    const depths = [1, 1.5, 3, 6].map((m) => quotesAfter({ move: m * Math.sqrt(USUAL) })[1]);
    for (let i = 1; i < depths.length; i++) expect(depths[i]!).toBeLessThan(depths[i - 1]!);
  });

  it("lose depth to one-sided volume only, on either side alike, and get it back with the half-life of refill", () => {
    const venue = new Liquidity(2, PARAMETERS, STEP, USUAL, HOURLY);
    for (const b of [0, 1]) venue.start(b, 0);
    venue.step(0, 0, HOURLY, 0);
    venue.step(1, 0, -HOURLY, 0);
    // An hour's volume, all one way, takes the share of exp(-consumption).
    expect(venue.depth[0]).toBeCloseTo(Math.exp(-0.1), 12);
    expect(venue.depth[1]).toBe(venue.depth[0]);
    const gap = 1 - venue.depth[0]!;
    for (let i = 0; i < 4; i++) venue.step(0, 0, 0, 0);
    expect(1 - venue.depth[0]!).toBeCloseTo(gap / 2, 12);
  });

  it("stay within bounds in any market", () => {
    for (const market of [{ move: 1, vpin: 1 }, { net: 1e9 }, { move: 0.5, net: -1e9, vpin: 1, steps: 300 }]) {
      const [spread, depth] = quotesAfter(market, { toxicitySpread: 50, volatilitySpread: 50 });
      expect(spread).toBeGreaterThanOrEqual(1);
      expect(spread).toBeLessThanOrEqual(20);
      expect(depth).toBeGreaterThanOrEqual(1 / 20);
      expect(depth).toBeLessThanOrEqual(1);
    }
  });

  it("say nothing of volatility where nothing ever moves", () => {
    const venue = new Liquidity(1, PARAMETERS, STEP, 0, HOURLY);
    venue.start(0, 0);
    venue.step(0, 0, 0, 0.3);
    expect([venue.spread[0], venue.depth[0]]).toEqual([1, 1]);
  });
});

describe("The usual variance of a step", () => {
  const flow: FlowParameters = {
    tradesPerHour: 60,
    branching: 0.6,
    crossShare: 0.2,
    decayMinutes: 5,
    sizeTail: 3.5,
    meanSize: 1,
    informationEventsPerDay: 12,
    informationMinutes: 30,
    informedTradesPerHour: 60,
    informedSize: 0.7,
    burstsPerDay: 12,
    burstMinutes: 10,
    burstTradesPerHour: 120,
    burstSize: 1.5,
    permanentBps: 3,
    transientBps: 3,
    transientHalfLifeMinutes: 20,
  };
  it.each([
    ["a minute", 60, {}],
    ["five minutes", 300, {}],
    ["an hour", 3600, {}],
    ["an excitation that fades as x does", 300, { decayMinutes: (0.64 * 20) / Math.LN2 }],
  ])("is what the trades' moves have: steps of %s (4 standard errors)", (_name, step, changes) => {
    const p = { ...flow, ...changes };
    const tape = new OrderFlow(1, p, step);
    const means: number[] = [];
    for (let e = 0; e < 150; e++) {
      const key = episodeKey(77, "train", e);
      tape.start(0, key);
      let squares = 0;
      const steps = 43_200 / step;
      for (let s = 0; s < steps; s++) {
        const before = tape.transient[0]!;
        tape.advance(0, key, s);
        squares += (tape.permanent[0]! + tape.transient[0]! - before) ** 2;
      }
      means.push(squares / steps);
    }
    const mean = means.reduce((s, v) => s + v, 0) / means.length;
    const error = Math.sqrt(means.reduce((s, v) => s + (v - mean) ** 2, 0) / (means.length - 1) / means.length);
    expect(Math.abs(mean - flowVarianceOfStep(p, step))).toBeLessThan(4 * error);
    expect(error).toBeLessThan(0.06 * mean);
  });
});

describe("In the shipped scenario toxic-flow", () => {
  it("spread and depth are about the usual ones, on average, and answer", () => {
    const path = "experiments/toxic-flow.yaml";
    const { value } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
    const market = new SimulatedMarket({ scenario: value.scenario, batch: 1, seed: 4, split: "train" });
    let [spread, depth, n, largest] = [0, 0, 0, 0];
    for (let e = 0; e < 60; e++) {
      market.start(0, e);
      for (let s = 0; s < market.steps; s++) {
        market.advance(0, s);
        spread += market.frame.spread[0]!;
        depth += market.frame.depth[0]!;
        largest = Math.max(largest, market.frame.spread[0]!);
        n++;
      }
    }
    expect(spread / n).toBeGreaterThan(1.02);
    expect(spread / n).toBeLessThan(1.15);
    expect(depth / n).toBeGreaterThan(0.87);
    expect(depth / n).toBeLessThan(0.98);
    expect(largest).toBeGreaterThan(1.5);
  });
});
