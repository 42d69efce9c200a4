import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FeatureExtractor } from "../../../env/features/extractor.ts";
import {
  ACCOUNT_FEATURES,
  AT,
  type FeatureConfig,
  featureSchema,
  LEG_FEATURES,
  SLOT_FEATURES,
} from "../../../env/features/schema.ts";
import { blackScholes } from "../../../env/options/black-scholes.ts";
import { featureConfig } from "../../../env/tasks/rebalance/feature-config.ts";
import { makeObservation, type Observation } from "../../../src/core/contracts/observation.ts";
import { Random } from "../../../src/core/random.ts";
import { scenarios } from "../tasks/rebalance/arbitrary.ts";
import { EVERYTHING, environment, intents } from "../tasks/rebalance/scenarios.ts";

const YEAR = 365 * 86_400;
const CONFIG: FeatureConfig = {
  slots: [
    { name: "spot", kind: "spot" },
    { name: "inverse", kind: "inverse-perpetual" },
    { name: "option", kind: "option" },
  ],
  contractSizes: [1, 10, 1],
  takerFees: [5e-4, 0, 0],
  onChain: [true, false, false],
  legs: 2,
  bookSize: 4,
  deltaConvention: "bs",
  numeraire: "usd",
  collateral: "usd",
  rate: 0.02,
  dividendYield: 0,
  secondsPerYear: YEAR,
  gasUnits: 200_000,
  priorityFeeGwei: 2,
  groups: [],
};

/** Two short legs and a hedge in each kind of slot, at a spot of 2000. */
function observation(): Observation {
  const o = makeObservation(1, 3, 2);
  o.timeSeconds[0] = 7200;
  o.secondsLeft[0] = 21_600;
  o.decision[0] = 2;
  o.indexPrice[0] = 2000;
  o.baseFeeGwei[0] = 30;
  o.nativePrice[0] = 1800;
  o.legQuantity.set([-3, -1]);
  o.legStrike.set([2100, 1900]);
  o.legSecondsLeft.set([10 * 86_400, 20 * 86_400]);
  o.legSign.set([1, -1]);
  o.legVolatility.set([0.6, 0.8]);
  o.slotBid.set([1999, 2000, 90]);
  o.slotAsk.set([2001, 2004, 110]);
  o.slotMark.set([2000, 2002, 100]);
  o.slotFunding.set([0, 1e-4, 0]);
  o.slotVolatility.set([0, 0, 0.7]);
  o.slotStrike.set([0, 0, 2000]);
  o.slotSecondsLeft.set([0, 0, 30 * 86_400]);
  o.slotSign.set([0, 0, 1]);
  o.slotPosition.set([1, -50, 2]);
  o.slotPending.set([0.5, 0, 0]);
  o.cashCoin[0] = 7;
  o.secondsSinceTrade[0] = 5400;
  o.costsPaid[0] = 12;
  o.profit[0] = -40;
  return o;
}

function features(config: FeatureConfig = CONFIG, o = observation()): Record<string, number> {
  const extractor = new FeatureExtractor(config, 1);
  const out = new Float64Array(extractor.width);
  extractor.update(0, o, out);
  return Object.fromEntries(extractor.schema.features.map((f, i) => [f.name, out[i]!]));
}

const greeks = (type: "call" | "put", strike: number, days: number, volatility: number) =>
  blackScholes({ type, spot: 2000, strike, rate: 0.02, dividendYield: 0, volatility, years: days / 365 });
const call = greeks("call", 2100, 10, 0.6);
const put = greeks("put", 1900, 20, 0.8);
const hedge = greeks("call", 2000, 30, 0.7);

describe("The feature schema", () => {
  it("stands in the order that AT and the block widths say", () => {
    const { features } = featureSchema(CONFIG.slots, 2);
    for (const [name, i] of Object.entries(AT)) expect(features[i]!.name).toBe(name);
    expect(Object.keys(AT)).toHaveLength(ACCOUNT_FEATURES);
    expect(features).toHaveLength(ACCOUNT_FEATURES + 3 * SLOT_FEATURES + 2 * LEG_FEATURES);
    for (let s = 0; s < 3; s++)
      for (let i = 0; i < SLOT_FEATURES; i++)
        expect(features[ACCOUNT_FEATURES + s * SLOT_FEATURES + i]!.name).toMatch(`slot${s}_`);
    for (let l = 0; l < 2; l++)
      for (let i = 0; i < LEG_FEATURES; i++)
        expect(features[ACCOUNT_FEATURES + 3 * SLOT_FEATURES + l * LEG_FEATURES + i]!.name).toMatch(`leg${l}_`);
  });

  it("gives each feature a name of its own, a unit, a source and a range", () => {
    const { features } = featureSchema(CONFIG.slots, 2);
    expect(new Set(features.map((f) => f.name)).size).toBe(features.length);
    for (const f of features) {
      expect(f.unit).not.toBe("");
      expect(f.sources.length).toBeGreaterThan(0);
      expect(f.low).toBeLessThan(f.high);
    }
  });
});

describe("Features of one observation, worked by hand", () => {
  const f = features();
  const bookDelta = -3 * call.delta - put.delta;
  const hedgeDelta = 1.5 + (-50 * 10) / 2002 + 2 * hedge.delta;

  it("delta, in every convention", () => {
    const value = -3 * call.price - put.price;
    expect(f.book_delta).toBeCloseTo(bookDelta / 4, 12);
    expect(f.delta).toBeCloseTo((bookDelta + hedgeDelta) / 4, 12);
    const net = features({ ...CONFIG, deltaConvention: "netTransaction" });
    expect(net.book_delta).toBeCloseTo((bookDelta - value / 2000) / 4, 12);
    // A bought option is paid in coin as well: its unit delta is net of its price.
    expect(net.slot2_unit_delta).toBeCloseTo(hedge.delta - hedge.price / 2000, 12);
    expect(net.delta).toBeCloseTo((bookDelta - value / 2000 + hedgeDelta - (2 * hedge.price) / 2000) / 4, 12);
    const equity = features({ ...CONFIG, deltaConvention: "usdEquity" });
    expect(equity.book_delta).toBeCloseTo((bookDelta + 7) / 4, 12);
    expect(equity.delta).toBeCloseTo((bookDelta + 7 + hedgeDelta) / 4, 12);
  });

  it("gamma, vega, theta and volatility", () => {
    const gamma = -3 * call.gamma - put.gamma + 2 * hedge.gamma;
    expect(f.gamma_percent).toBeCloseTo((gamma * 20) / 4, 12);
    expect(f.vega_percent).toBeCloseTo(((-3 * call.vega - put.vega + 2 * hedge.vega) * 0.01) / 8000, 12);
    expect(f.theta_day).toBeCloseTo((-3 * call.theta - put.theta) / 365 / 8000, 12);
    expect(f.implied_volatility).toBeCloseTo(0.7, 12);
  });

  it("time, costs, account", () => {
    expect(f.years_left).toBeCloseTo(10 / 365, 12);
    expect(f.time_left).toBe(0.75);
    expect(f.gas_cost_bps).toBeCloseTo((1e4 * 200_000 * 32e-9 * 1800) / 8000, 12);
    expect(f.cost_rate_bps).toBeCloseTo(5 + 5, 12);
    expect(f.hours_since_trade).toBe(1.5);
    expect(f.is_first).toBe(0);
    expect(f.profit_bps).toBeCloseTo(-50, 12);
    expect(f.costs_bps).toBeCloseTo(15, 12);
    expect(features({ ...CONFIG, onChain: [false, true, true] }).gas_cost_bps).toBe(0);
  });

  it("slots and legs", () => {
    expect([f.slot0_position, f.slot0_pending, f.slot0_unit_delta]).toEqual([0.25, 0.125, 1]);
    expect(f.slot1_unit_delta).toBeCloseTo(10 / 2002, 15);
    expect(f.slot1_spread_bps).toBeCloseTo((0.5e4 * 4) / 2002, 12);
    expect(f.slot1_funding_8h).toBe(1e-4);
    expect(f.slot2_unit_gamma_percent).toBeCloseTo(hedge.gamma * 20, 12);
    expect(f.slot2_unit_vega_percent).toBeCloseTo((hedge.vega * 0.01) / 2000, 12);
    expect([f.leg0_quantity, f.leg0_sign, f.leg0_volatility]).toEqual([-0.75, 1, 0.6]);
    expect(f.leg1_log_moneyness).toBeCloseTo(Math.log(2000 / 1900), 12);
    expect(f.leg1_years).toBeCloseTo(20 / 365, 12);
  });
});

describe("Moving features", () => {
  const HOUR = 3600;
  /** Feeds prices and base fees, one every `every` seconds, and returns the last features. */
  function feed(
    every: number,
    count: number,
    price: (i: number) => number,
    fee: (i: number) => number,
  ): Record<string, number> {
    const extractor = new FeatureExtractor(CONFIG, 1);
    const out = new Float64Array(extractor.width);
    const o = observation();
    for (let i = 0; i <= count; i++) {
      o.timeSeconds[0] = i * every;
      o.indexPrice[0] = price(i);
      o.baseFeeGwei[0] = fee(i);
      extractor.update(0, o, out);
    }
    return Object.fromEntries(extractor.schema.features.map((f, i) => [f.name, out[i]!]));
  }
  const flat = () => 30;

  it("realised volatility of a path with constant squared returns is its volatility, whatever the interval", () => {
    for (const every of [60, 600, HOUR]) {
      const move = 0.5 * Math.sqrt(every / YEAR);
      const f = feed(every, (40 * HOUR) / every, (i) => 2000 * Math.exp(i % 2 === 0 ? 0 : move), flat);
      expect(f.realised_volatility_fast).toBeCloseTo(0.5, 6);
      // A day's half-life still remembers the implied volatility that it started from: 2^(-40/24) of the variance.
      const kept = 0.5 ** (40 / 24);
      expect(f.realised_volatility_slow).toBeCloseTo(Math.sqrt(kept * 0.49 + (1 - kept) * 0.25), 6);
    }
  });

  it("a fee that jumps stands above its averages by what their half-lives have not forgotten", () => {
    const f = feed(
      HOUR,
      2,
      () => 2000,
      (i) => (i === 0 ? 10 : 20),
    );
    expect(f.base_fee_fast).toBeCloseTo(Math.log(2) * 0.5 ** 2, 12);
    expect(f.base_fee_slow).toBeCloseTo(Math.log(2) * 0.5 ** (2 / 24), 12);
  });

  it("returns are counted in standard deviations of their half-life", () => {
    const f = feed(HOUR, 1, (i) => 2000 * Math.exp(0.01 * i), flat);
    expect(f.return_fast).toBeCloseTo((0.01 * 0.5) / (0.7 * Math.sqrt(HOUR / YEAR)), 12);
    expect(f.return_slow).toBeCloseTo((0.01 * 0.5 ** (1 / 24)) / (0.7 * Math.sqrt((24 * HOUR) / YEAR)), 12);
  });

  it("go by event time: an observation that repeats a time moves nothing, and rows do not touch one another", () => {
    const extractor = new FeatureExtractor(CONFIG, 2);
    const o = makeObservation(2, 3, 2);
    const one = observation();
    for (const [name, array] of Object.entries(one))
      if (array instanceof Float64Array)
        for (const b of [0, 1]) (o as unknown as Record<string, Float64Array>)[name]!.set(array, b * array.length);
    const out = new Float64Array(2 * extractor.width);
    for (const b of [0, 1]) extractor.update(b, o, out);
    o.timeSeconds[0]! += 600;
    o.indexPrice[0] = 2040;
    extractor.update(0, o, out);
    const moved = out.slice();
    extractor.update(0, o, out);
    expect(out).toEqual(moved);
    extractor.update(1, o, out);
    expect([...out.subarray(extractor.width)]).toEqual([...moved.subarray(extractor.width)]);
  });

  it("are forgotten at a reset, and kept by a saved state", () => {
    const extractor = new FeatureExtractor(CONFIG, 1);
    const [fresh, out, again] = [0, 1, 2].map(() => new Float64Array(extractor.width));
    const o = observation();
    extractor.update(0, o, fresh!);
    const wander = (e: FeatureExtractor, into: Float64Array) => {
      const p = observation();
      for (let i = 1; i < 5; i++) {
        p.timeSeconds[0] = 7200 + i * 60;
        p.indexPrice[0] = 2000 + 10 * i;
        e.update(0, p, into);
      }
    };
    const saved = extractor.saveState();
    wander(extractor, out!);
    const other = new FeatureExtractor(CONFIG, 1);
    other.loadState(saved);
    wander(other, again!);
    expect(again).toEqual(out);
    extractor.reset(0);
    extractor.update(0, o, again!);
    expect(again).toEqual(fresh);
    expect(() => other.loadState({})).toThrow("does not fit");
  });
});

describe("Features in the environment", () => {
  it("are what a second extractor makes of the environment's observations alone", () => {
    const env = environment(EVERYTHING, { numEnvs: 2, autoresetMode: "disabled" });
    env.reset({ seed: 1 });
    const extractor = new FeatureExtractor(featureConfig(env.scenario), 2);
    const out = new Float64Array(env.features.length);
    for (let d = 0; d <= env.timing.decisions; d++) {
      for (const b of [0, 1]) extractor.update(b, structuredClone(env.observation), out);
      expect(out).toEqual(env.features);
      if (d < env.timing.decisions) env.step(intents(env, () => (d % 3) - 1));
    }
  });

  it("are finite in any scenario, to the last step and after legs have expired", () => {
    fc.assert(
      fc.property(scenarios, fc.integer({ min: 0, max: 99 }), (input, seed) => {
        const env = environment(input, { seed, autoresetMode: "disabled" });
        const random = new Random(seed, "trades");
        env.reset({ seed });
        for (let d = 0; d < env.timing.decisions; d++) {
          const { rewards } = env.step(intents(env, () => random.normal() * env.context.bookSize));
          const bad = env.features.findIndex((x) => !Number.isFinite(x));
          expect(bad < 0 ? "" : env.extractor.schema.features[bad]!.name).toBe("");
          expect(Number.isFinite(rewards[0])).toBe(true);
        }
      }),
      { seed: 20260406, numRuns: 150 },
    );
  });
});
