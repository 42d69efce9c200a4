import { describe, expect, it } from "vitest";
import { permanentVariancePerDay, transientVariance } from "../../../../env/market/flow-parameters.ts";
import { STREAM } from "../../../../env/market/streams.ts";
import { parseScenario, type ScenarioInput, usualVolatility } from "../../../../env/tasks/rebalance/scenario.ts";
import { SimulatedMarket } from "../../../../env/tasks/rebalance/simulated-market.ts";
import { deriveSeed, episodeKey, IndexedRandom } from "../../../../src/core/random.ts";
import { allOn, PRICES } from "./flow-scenarios.ts";
import { straddle } from "./scenarios.ts";

type Flow = NonNullable<ScenarioInput["market"]["flow"]>;

/** A day of 5-minute steps without gas; the price model's volatility is 0 unless told otherwise. */
function flowing(flow: Flow, volatility = 0, more: Partial<ScenarioInput> = {}): ScenarioInput {
  return straddle({
    name: "flowing",
    market: {
      price: { model: "gbm", initial: 2000, volatility },
      impliedVolatility: { model: "constant", volatility: 0.5 },
      flow: { toxicity: { bucketsPerDay: 200, buckets: 4, slowHalfLifeMinutes: 10 }, ...flow },
    },
    stepSeconds: 300,
    decisionInterval: 300,
    ...more,
  });
}

const simulated = (input: ScenarioInput, batch = 1) =>
  new SimulatedMarket({ scenario: parseScenario(input), batch, seed: 9, split: "train" });

describe("The observed mid", () => {
  it("starts at the scenario's price, whatever is displaced then, and tells the time", () => {
    for (const price of Object.values(PRICES)) {
      const market = simulated(allOn({ price }), 1);
      for (let episode = 0; episode < 5; episode++) {
        market.start(0, episode);
        expect(market.frame.price[0]).toBe(2000);
        expect(market.frame.seconds[0]).toBe(0);
        expect(market.frame.oraclePrice[0]).toBe(2000);
        for (let step = 0; step < 3; step++) market.advance(0, step);
        expect(market.frame.seconds[0]).toBe(900);
      }
    }
  });

  it("is displaced by uninformed trades, and comes back to where it was", () => {
    const market = simulated(flowing({ permanentBps: 0, transientBps: 8, transientHalfLifeMinutes: 10 }));
    market.start(0, 1);
    // Nothing moves the efficient price: log S - x stays what it was, to rounding.
    const efficient = Math.log(2000) - market.frame.transient[0]!;
    let largest = 0;
    for (let step = 0; step < market.steps; step++) {
      market.advance(0, step);
      expect(Math.log(market.frame.price[0]!) - market.frame.transient[0]!).toBeCloseTo(efficient, 11);
      largest = Math.max(largest, Math.abs(market.frame.transient[0]!));
    }
    expect(largest).toBeGreaterThan(1e-3);
  });

  it("moves for good with informed trades alone, and only in steps that have some", () => {
    const market = simulated(flowing({ permanentBps: 5, transientBps: 0 }));
    let [moved, stood] = [0, 0];
    for (let episode = 0; episode < 6; episode++) {
      market.start(0, episode);
      for (let step = 0, last = 2000; step < market.steps; step++) {
        market.advance(0, step);
        const price = market.frame.price[0]!;
        if (market.frame.informed[0]! > 0) moved++;
        else {
          expect(price).toBe(last);
          stood++;
        }
        expect(market.frame.transient[0]).toBe(0);
        last = price;
      }
    }
    expect(Math.min(moved, stood)).toBeGreaterThan(100);
  });

  it("adds the flow's parts to the price model's variance as the closed forms say (4 standard errors)", () => {
    const flow = {
      tradesPerHour: 30,
      branching: 0.3,
      decayMinutes: 1,
      informationMinutes: 5,
      informationEventsPerDay: 40,
      informedTradesPerHour: 120,
      burstMinutes: 5,
      permanentBps: 4,
      transientBps: 5,
    } as const;
    const scenario = parseScenario(flowing(flow, 0.4));
    const market = new SimulatedMarket({ scenario, batch: 1, seed: 10, split: "train" });
    const episodes = 700;
    const [displaced, efficient] = [[] as number[], [] as number[]];
    for (let e = 0; e < episodes; e++) {
      market.start(0, e);
      const x = market.frame.transient[0]!;
      let squares = 0;
      for (let step = 0; step < market.steps; step++) {
        market.advance(0, step);
        squares += market.frame.transient[0]! ** 2;
      }
      displaced.push(squares / market.steps);
      efficient.push((Math.log(market.frame.price[0]! / 2000) - market.frame.transient[0]! + x) ** 2);
    }
    const parameters = scenario.market.flow!;
    const cases = [
      [displaced, transientVariance(parameters)],
      [efficient, 0.4 ** 2 / 365 + permanentVariancePerDay(parameters)],
    ] as const;
    for (const [squares, closed] of cases) {
      const mean = squares.reduce((s, v) => s + v, 0) / episodes;
      const sd = Math.sqrt(squares.reduce((s, v) => s + (v - mean) ** 2, 0) / (episodes - 1));
      expect(Math.abs(mean - closed)).toBeLessThan((4 * sd) / Math.sqrt(episodes));
      // Close enough that a wrong factor would show.
      expect(sd / Math.sqrt(episodes)).toBeLessThan(0.08 * closed);
    }
  });
});

describe("A trade that is included inside a step", () => {
  const chain = { fee: { model: "constant", gwei: 20 }, inclusionBlocks: 10 } as const;
  const keyOf = (episode: number) => episodeKey(deriveSeed(9, "market/flowing"), "train", episode);

  it("finds the price on a bridge between the step's ends that is as rough as news and flow together", () => {
    const market = simulated(flowing({ transientBps: 6 }, 0.4, { chain }));
    const share = (10 * 12) / 300;
    let squares = 0;
    let steps = 0;
    let roughness = Number.NaN;
    for (let e = 0; e < 20; e++) {
      market.start(0, e);
      for (let step = 0, before = 2000; step < market.steps; step++) {
        market.advance(0, step);
        const move = Math.log(market.frame.price[0]! / before);
        const off = Math.log(market.frame.fillPrice[0]! / before) - share * move;
        const z = IndexedRandom.normal(keyOf(e), step, STREAM.bridge);
        roughness = off / (Math.sqrt(share * (1 - share)) * z);
        squares += move * move;
        steps++;
        before = market.frame.price[0]!;
      }
    }
    const usual = squares / steps;
    expect(roughness ** 2 / usual).toBeGreaterThan(0.9);
    expect(roughness ** 2 / usual).toBeLessThan(1.1);
  });

  it("finds the price of the step's start with the next block, and of its end where full blocks keep it waiting", () => {
    const now = simulated(flowing({}));
    now.start(0, 0);
    for (let step = 0, last = 2000; step < 50; step++) {
      now.advance(0, step);
      expect(now.frame.fillPrice[0]).toBe(last);
      last = now.frame.price[0]!;
    }
    // No tip at all, and a base fee that cannot follow demand: where that is more than twice the target, every block is full and takes others first.
    const fee = { model: "eip1559", logSd: 1, halfLifeHours: 0.5, blockNoise: 0, denominator: 1_000_000 } as const;
    const slow = simulated(
      flowing({}, 0.4, { stepSeconds: 60, decisionInterval: 60, chain: { fee, inclusion: { tipLogSd: 0 } } }),
    );
    let [waited, next] = [0, 0];
    for (let e = 0; e < 4; e++) {
      slow.start(0, e);
      for (let step = 0; step < 200; step++) {
        slow.advance(0, step);
        // Full blocks or not: nothing in between without noise.
        if (slow.frame.fillPrice[0] === slow.frame.price[0]) waited++;
        else next++;
      }
    }
    expect(waited).toBeGreaterThan(50);
    expect(next).toBeGreaterThan(50);
  });
});

describe("The usual volatility of regimes", () => {
  it("weighs them by the time spent in them, which transitions decide as well as lengths", () => {
    const regimes = [
      { name: "a", volatility: 0.2, meanHours: 10, next: [0, 1, 0] },
      { name: "b", volatility: 0.4, meanHours: 10, next: [0.5, 0, 0.5] },
      { name: "c", volatility: 0.8, meanHours: 20, next: [0, 1, 0] },
    ];
    const price = { model: "regime-switching", initial: 1, regimes } as const;
    const parsed = parseScenario(straddle({ market: { price } })).market.price;
    // b is entered twice as often as a or c: shares 1/5, 2/5, 2/5 of (10, 2 x 10, 20) hours.
    expect(usualVolatility(parsed)).toBeCloseTo(Math.sqrt(0.2 * 0.04 + 0.4 * 0.16 + 0.4 * 0.64), 12);
  });
});
