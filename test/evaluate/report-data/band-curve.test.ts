import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { whalleyWilmottHalfWidth } from "../../../env/options/bands.ts";
import { GREEK, GREEK_COUNT, greeksInto } from "../../../env/options/black-scholes.ts";
import { featureIndex } from "../../../src/core/contracts/features.ts";
import { bandCurve } from "../../../src/evaluate/report-data/band-curve.ts";
import { baseFeeLevels } from "../../../src/evaluate/report-data/base-fee-levels.ts";
import { midSession } from "../../../src/evaluate/report-data/mid-session.ts";
import { Arena } from "../../../src/evaluate/rollout.ts";
import { NO_DATA, smallExperiment } from "./small.ts";

const experiment = smallExperiment();
const arena = new Arena(experiment, "select", 1, NO_DATA, 32);
const { context } = arena.env;
const rule = (id: string, params: Record<string, number> = {}) => createBaseline(id, params, context);
const from = { experiment, data: NO_DATA, split: "select", seed: 1 } as const;

describe("baseFeeLevels", () => {
  it("are quantiles of the fees of the split, ascending", () => {
    const levels = baseFeeLevels(from);
    expect(levels).toHaveLength(3);
    const [low, middle, high] = levels as [number, number, number];
    // Log fees have mean log 20 and sd 0.6 in the long run: quantiles 9.3, 20 and 43; 32 episodes leave about a fifth of slack.
    expect(Math.abs(Math.log(low / 9.3))).toBeLessThan(0.35);
    expect(Math.abs(Math.log(middle / 20))).toBeLessThan(0.35);
    expect(Math.abs(Math.log(high / 43))).toBeLessThan(0.35);
    expect(baseFeeLevels(from)).toEqual(levels);
    expect(baseFeeLevels({ ...from, split: "test" })).not.toEqual(levels);
  });

  it("are one level where the fee is constant", () => {
    const constant = smallExperiment({ chain: { fee: { model: "constant", gwei: 30 } } });
    expect(baseFeeLevels({ ...from, experiment: constant })).toEqual([30]);
    expect(baseFeeLevels({ ...from, experiment: smallExperiment({ chain: {} }) })).toEqual([0]);
  });
});

describe("midSession", () => {
  const usual = arena.play(rule("delta-band", { halfWidth: 0.1 }), 0, 32);
  const env = midSession({
    experiment,
    split: "select",
    initialPrice: 2000,
    usualFeeGwei: 20,
    states: [
      { ratio: 1, baseFeeGwei: 20 },
      { ratio: 1.1, baseFeeGwei: 60 },
    ],
    usual,
  });
  const at = featureIndex(context.schema);
  const row = new Float64Array(2 * env.extractor.width);
  for (const b of [0, 1]) env.extractor.update(b, env.observation, row);
  const feature = (b: number, name: string) => row[b * env.extractor.width + at[name]!]!;

  it("stands at the middle, at the price and fee that were asked for", () => {
    expect(feature(0, "time_left")).toBe(0.5);
    expect(feature(0, "spot")).toBeCloseTo(2000, 9);
    expect(feature(1, "spot")).toBeCloseTo(2200, 9);
    expect(feature(1, "leg0_log_moneyness")).toBeCloseTo(Math.log(1.1), 12);
    expect(feature(1, "base_fee_gwei")).toBeCloseTo(60, 9);
    expect(feature(0, "base_fee_slow")).toBe(0);
    expect(feature(1, "base_fee_slow")).toBeGreaterThan(0);
    expect(feature(1, "return_slow")).toBeGreaterThan(0.5);
    expect(feature(0, "is_first")).toBe(0);
  });

  it("has the scenario's realised volatility behind it", () => {
    expect(feature(0, "realised_volatility_fast")).toBeCloseTo(0.6, 2);
    expect(feature(0, "realised_volatility_slow")).toBeCloseTo(0.6, 2);
    expect(feature(1, "realised_volatility_slow")).toBeGreaterThan(0.59);
    expect(feature(1, "realised_volatility_slow")).toBeLessThan(0.8);
  });

  it("carries half of the usual costs, and half a usual gap since the last trade", () => {
    const mean = (a: Float64Array) => a.reduce((s, v) => s + v, 0) / a.length;
    const paid = mean(usual.fees) + mean(usual.gas) + mean(usual.slippage);
    expect(feature(0, "costs_bps")).toBeCloseTo(paid / 2, 9);
    expect(feature(0, "profit_bps")).toBeCloseTo(-mean(usual.costs) / 2, 9);
    expect(feature(0, "hours_since_trade")).toBeCloseTo(24 / (mean(usual.rebalances) + 1), 9);
  });
});

describe("bandCurve", () => {
  const curve = bandCurve({
    ...from,
    learned: rule("gas-aware", { halfWidth: 0.1, costExponent: 0.5 }),
    baseline: rule("delta-band", { halfWidth: 0.08 }),
    whalleyWilmott: rule("whalley-wilmott", { riskAversion: 0.01 }),
    levels: [40, 10, 20],
    points: 21,
  })!;

  it("shows a constant band as flat at every fee", () => {
    expect(curve.baselineId).toBe("delta-band");
    expect(curve.levels.map((l) => l.baseFeeGwei)).toEqual([10, 20, 40]);
    for (const { baseline } of curve.levels) {
      expect(baseline.upper).toHaveLength(21);
      for (const u of baseline.upper) expect(u).toBeCloseTo(0.08, 4);
      for (const l of baseline.lower) expect(l).toBeCloseTo(-0.08, 4);
    }
  });

  it("shows Whalley-Wilmott's formula, at the money and away from it", () => {
    const years = 1 / 365;
    for (const i of [0, 6, 10, 17]) {
      const spot = 2000 * curve.x[i]!;
      const greeks = new Float64Array(GREEK_COUNT);
      greeksInto(greeks, 0, 1, spot, 2000, 0, 0, 0.6, years);
      // Call and put have one gamma; half a unit of each is one unit of book.
      const halfWidth = whalleyWilmottHalfWidth(spot, -greeks[GREEK.gamma]!, 6e-4, 0.01, 0, years);
      for (const { whalleyWilmott } of curve.levels) {
        expect(whalleyWilmott.upper[i]).toBeCloseTo(halfWidth, 4);
        expect(whalleyWilmott.lower[i]).toBeCloseTo(-halfWidth, 4);
      }
    }
  });

  it("shows a gas-aware band wider where gas is dearer", () => {
    const widths = curve.levels.map(({ learned }) => learned.upper[10]! - learned.lower[10]!);
    // A rebalance costs 6 bps and gas: 180 000 gas at 2000 USD on 20 000 USD of book are 0.18 bps a gwei. Root of 13.2 over 7.8 bps.
    expect(widths[2]! / widths[0]!).toBeCloseTo(Math.sqrt(13.2 / 7.8), 3);
    expect(widths[1]! / widths[0]!).toBeCloseTo(Math.sqrt(9.6 / 7.8), 3);
  });

  it("reaches 2.5 sd of the price at the middle to either side of the strike", () => {
    const sd = 0.6 * Math.sqrt(1 / 365);
    expect(curve.xName).toBe("Spot / strike");
    expect(curve.x[10]).toBe(1);
    expect(Math.log(curve.x[20]!)).toBeCloseTo(2.5 * sd, 12);
    expect(Math.log(curve.x[0]!)).toBeCloseTo(-2.5 * sd, 12);
    const strangle = smallExperiment({
      book: {
        legs: [
          { type: "call", quantity: -1, moneyness: 1.05 },
          { type: "put", quantity: -1, moneyness: 0.95 },
        ],
      },
    });
    const policies = { learned: rule("never"), baseline: rule("never"), whalleyWilmott: rule("never") };
    const other = bandCurve({ ...from, experiment: strangle, ...policies, levels: [20], points: 3 })!;
    expect(other.xName).toBe("Spot / spot at the start");
    // A band without edges is drawn at the largest exposure, not at infinity.
    expect(other.levels[0]!.learned).toEqual({ lower: [-2, -2, -2], upper: [2, 2, 2] });
  });

  it("does not exist for a session of one decision", () => {
    const single = smallExperiment({ decisionInterval: "2d" });
    const policies = { learned: rule("delta"), baseline: rule("delta"), whalleyWilmott: rule("delta") };
    expect(bandCurve({ ...from, experiment: single, ...policies, levels: [20] })).toBeUndefined();
  });
});
