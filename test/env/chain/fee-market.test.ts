import { describe, expect, it } from "vitest";
import { CHAIN_PRESETS } from "../../../env/chain/base-fee.ts";
import { type DemandParameters, FeeMarket } from "../../../env/chain/fee-market.ts";
import { episodeKey, IndexedRandom } from "../../../src/core/random.ts";

/** The schema's defaults. */
const DEMAND: DemandParameters = {
  medianGwei: 20,
  logSd: 0.6,
  halfLifeHours: 12,
  volatilityCoupling: 0.05,
  blockNoise: 0.4,
};

interface Sample {
  /** Log base fee at the end of each hour, in order, an episode after the other. */
  readonly hours: number[][];
  /** Log change of each hour and the mean |z| of its steps. */
  readonly changes: [number, number][];
}

function sample(stepSeconds: number, demand: DemandParameters, episodes: number, hours: number): Sample {
  const market = new FeeMarket(1, CHAIN_PRESETS.l1, demand, stepSeconds);
  const perHour = 3600 / stepSeconds;
  const out: Sample = { hours: [], changes: [] };
  for (let e = 0; e < episodes; e++) {
    const key = episodeKey(77, "train", e);
    market.start(0, key);
    let last = Math.log(market.baseFeeWei[0]! / 1e9);
    const row = [last];
    for (let h = 0; h < hours; h++) {
      let size = 0;
      for (let i = 0; i < perHour; i++) {
        const step = h * perHour + i;
        const z = Math.abs(IndexedRandom.normal(key, step, 0));
        size += z / perHour;
        market.advance(0, key, step, z);
      }
      const now = Math.log(market.baseFeeWei[0]! / 1e9);
      out.changes.push([now - last, size]);
      row.push(now);
      last = now;
    }
    out.hours.push(row);
  }
  return out;
}

const mean = (x: readonly number[]) => x.reduce((a, v) => a + v, 0) / x.length;
const sd = (x: readonly number[]) => {
  const m = mean(x);
  return Math.sqrt(mean(x.map((v) => (v - m) ** 2)));
};
const correlation = (pairs: readonly [number, number][]) => {
  const [a, b] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])];
  return (mean(pairs.map(([x, y]) => x * y)) - mean(a) * mean(b)) / (sd(a) * sd(b));
};

describe("FeeMarket with the defaults of L1", () => {
  const fees = sample(60, DEMAND, 300, 24);

  it("starts and stays in a law with the median asked for", () => {
    // 300 independent episodes, sd of log fee 0.6: the standard error of a mean of logs is 0.035.
    for (const hour of [0, 1, 24])
      expect(Math.abs(mean(fees.hours.map((r) => r[hour]!)) - Math.log(20))).toBeLessThan(0.14);
    for (const hour of [0, 24]) expect(Math.abs(sd(fees.hours.map((r) => r[hour]!)) - 0.6)).toBeLessThan(0.1);
  });

  it("moves by the hour as much as recorded base fees of 2022-23 did (sd of the log change 0.23)", () => {
    const moved = sd(fees.changes.map((c) => c[0]));
    expect(moved).toBeGreaterThan(0.2);
    expect(moved).toBeLessThan(0.27);
  });

  it("rises when returns are large, the more the stronger the coupling", () => {
    expect(correlation(fees.changes)).toBeGreaterThan(0.08);
    const strong = sample(60, { ...DEMAND, volatilityCoupling: 0.15 }, 100, 24);
    expect(correlation(strong.changes)).toBeGreaterThan(0.3);
    const none = sample(60, { ...DEMAND, volatilityCoupling: 0 }, 300, 24);
    // Standard error 1/sqrt(7200) = 0.012.
    expect(Math.abs(correlation(none.changes))).toBeLessThan(0.05);
  });

  it.each([12, 60, 300, 1800])("has the same hourly law at steps of %i s", (stepSeconds) => {
    const other = sample(stepSeconds, DEMAND, 60, 48);
    const moved = sd(other.changes.map((c) => c[0]));
    expect(moved).toBeGreaterThan(0.19);
    expect(moved).toBeLessThan(0.28);
    expect(sd(other.hours.flat())).toBeGreaterThan(0.45);
    expect(sd(other.hours.flat())).toBeLessThan(0.75);
  });

  it("moves by at most 12.5% a block", () => {
    const market = new FeeMarket(1, CHAIN_PRESETS.l1, { ...DEMAND, blockNoise: 2 }, 12);
    market.start(0, 3);
    let largest = 0;
    for (let step = 0; step < 5000; step++) {
      const before = market.baseFeeWei[0]!;
      market.advance(0, 3, step, 1);
      const after = market.baseFeeWei[0]!;
      expect(after).toBeLessThanOrEqual(before + before / 8);
      expect(after).toBeGreaterThanOrEqual(before - before / 8);
      largest = Math.max(largest, Math.abs(after / before - 1));
    }
    expect(largest).toBeGreaterThan(0.12);
  });
});

describe("FeeMarket", () => {
  it("holds whole wei and never goes below the chain's minimum", () => {
    const market = new FeeMarket(1, CHAIN_PRESETS.l2, { ...DEMAND, medianGwei: 0.004 }, 4);
    market.start(0, 1);
    for (let step = 0; step < 500; step++) {
      market.advance(0, 1, step, 0.5);
      expect(Number.isInteger(market.baseFeeWei[0])).toBe(true);
      expect(market.baseFeeWei[0]).toBeGreaterThanOrEqual(5_000_000);
    }
  });

  it("stays at the median without shocks, noise and coupling", () => {
    const market = new FeeMarket(
      1,
      CHAIN_PRESETS.l1,
      { ...DEMAND, logSd: 0, volatilityCoupling: 0, blockNoise: 0 },
      60,
    );
    market.start(0, 1);
    for (let step = 0; step < 50; step++) market.advance(0, 1, step, 3);
    expect(market.baseFeeWei[0]).toBe(20e9);
  });
});

describe("The fee of the including block", () => {
  it("is one block from the published fee, at most 12.5% away, in steps of one block and of 1,200", () => {
    for (const stepSeconds of [12, 60, 14_400]) {
      const market = new FeeMarket(1, CHAIN_PRESETS.l1, DEMAND, stepSeconds, 1);
      const key = episodeKey(5, "train", 1);
      market.start(0, key);
      let moved = 0;
      for (let step = 0; step < 200; step++) {
        const published = market.baseFeeWei[0]!;
        market.advance(0, key, step, 0.8);
        const included = market.includedFeeWei[0]!;
        expect(Math.abs(included / published - 1)).toBeLessThanOrEqual(0.125 + 1e-9);
        if (included !== published) moved++;
        if (stepSeconds === 12) expect(included).toBe(market.baseFeeWei[0]);
      }
      expect(moved).toBeGreaterThan(190);
    }
  });

  it("goes with demand where inclusion takes longer than the fee needs to converge", () => {
    const market = new FeeMarket(1, CHAIN_PRESETS.l1, { ...DEMAND, volatilityCoupling: 0 }, 14_400, 1200);
    const key = episodeKey(5, "train", 2);
    market.start(0, key);
    market.advance(0, key, 0, 0.8);
    expect(market.includedFeeWei[0]! / 2e10).toBeCloseTo(Math.exp(market.logDemand[0]!), 6);
  });
});
