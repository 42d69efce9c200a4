import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bulkBuyShare, rollingSd, vpin, vpinOfFairSigns } from "../../../env/market/vpin.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import { BULK_VPIN_OF_GAUSSIAN_RETURNS, VPIN_OF_FAIR_SIGNS } from "../../golden/microstructure.ts";

const RECORDED = process.env.GREEKGYM_DATA ?? "../shared/data";
const recorded = existsSync(`${RECORDED}/trades`);
if (!recorded) process.stdout.write(`skipped: 2 tests of VPIN, recorded data is missing at ${RECORDED}\n`);

/** Numbers of the named columns of a file without quoted commas. */
function columns(file: string, names: readonly string[]): Float64Array[] {
  const lines = readFileSync(`${RECORDED}/trades/${file}`, "utf8").trim().split("\n");
  const header = lines[0]!.split(",");
  const rows = lines.slice(1).map((line) => line.split(","));
  return names.map((name) => Float64Array.from(rows, (row) => Number(row[header.indexOf(name)])));
}

const changes = (price: Float64Array) => price.map((p, i) => (i === 0 ? Number.NaN : p - price[i - 1]!));
const finite = (x: Float64Array) => Array.from(x).filter((v) => !Number.isNaN(v));
const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length;
function correlation(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const dot = (u: readonly number[], mu: number, v: readonly number[], mv: number) =>
    u.reduce((s, a, i) => s + (a - mu) * (v[i]! - mv), 0);
  return dot(x, mx, y, my) / Math.sqrt(dot(x, mx, x, mx) * dot(y, my, y, my));
}

describe("vpin", () => {
  it("is 1 where all volume is bought and 0 where it is balanced", () => {
    const [full, none, half] = [new Float64Array(60).fill(7), new Float64Array(60), new Float64Array(60).fill(3.5)];
    expect(finite(vpin(full, none, 50))).toEqual(Array(11).fill(1));
    expect(finite(vpin(none, full, 50))).toEqual(Array(11).fill(1));
    expect(finite(vpin(half, half, 50))).toEqual(Array(11).fill(0));
  });

  it.each(VPIN_OF_FAIR_SIGNS)(
    "is C(N, N/2) / 2^N in the mean for N = %i equal trades of fair sign: %f",
    (n, expected) => {
      expect(vpinOfFairSigns(n)).toBeCloseTo(expected, 6);
      const buckets = 20_000;
      const random = new Random(20260505, "fair-signs", n);
      const buy = new Float64Array(buckets);
      for (let i = 0; i < buckets; i++) for (let j = 0; j < n; j++) buy[i]! += random.uint32() >>> 31;
      const value = vpin(
        buy,
        buy.map((v) => n - v),
        buckets,
      )[buckets - 1]!;
      // |buys - sells| / N has a standard deviation below 1 / sqrt(N).
      expect(Math.abs(value - expected)).toBeLessThan(4 / Math.sqrt(n * buckets));
    },
  );

  it("lies in [0, 1], does not change when sides are swapped, and is NaN until the window is full", () => {
    const volume = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(volume, volume), { minLength: 5, maxLength: 30 }), (rows) => {
        const buy = Float64Array.from(rows, (r) => r[0]);
        const sell = Float64Array.from(rows, (r) => r[1]);
        const value = vpin(buy, sell, 5);
        expect(value).toEqual(vpin(sell, buy, 5));
        expect(Array.from(value.subarray(0, 4), Number.isNaN)).toEqual([true, true, true, true]);
        for (const v of value.subarray(4)) expect(v >= 0 && v <= 1).toBe(true);
      }),
      { seed: 20260506, numRuns: 200 },
    );
  });

  it("refuses windows and lengths that do not fit, and an odd number of trades", () => {
    const x = new Float64Array(3);
    expect(() => vpin(x, x, 0)).toThrow(ContractError);
    expect(() => vpin(x, new Float64Array(2), 1)).toThrow(ContractError);
    expect(() => rollingSd(x, 1)).toThrow(ContractError);
    expect(() => vpinOfFairSigns(7)).toThrow(ContractError);
  });
});

describe("bulkBuyShare", () => {
  it("is 1/2 without a move or without a sigma, and goes to 0 and 1", () => {
    expect([bulkBuyShare(0, 2), bulkBuyShare(3, 0), bulkBuyShare(3, Number.NaN)]).toEqual([0.5, 0.5, 0.5]);
    expect(bulkBuyShare(2, 2)).toBeCloseTo(0.841344746, 9);
    expect(bulkBuyShare(-1e3, 2)).toBe(0);
    expect(bulkBuyShare(1e3, 2)).toBe(1);
  });

  it("gives a VPIN of exactly 0.5 for Gaussian returns with known sigma: shares are uniform", () => {
    const n = 50_000;
    const random = new Random(20260507, "bulk");
    const share = Float64Array.from({ length: n }, () => bulkBuyShare(3 * random.normal(), 3));
    const value = vpin(
      share,
      share.map((s) => 1 - s),
      n,
    )[n - 1]!;
    // |2U - 1| is uniform: standard deviation sqrt(1/12).
    expect(Math.abs(value - BULK_VPIN_OF_GAUSSIAN_RETURNS)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(value).not.toBe(0.5);
  });
});

describe("bulk classification of recorded trades", () => {
  it.skipIf(!recorded)("gives mlfinlab's VPIN on 1,000 dollar bars of E-mini futures", () => {
    const golden = JSON.parse(readFileSync(`${RECORDED}/vectors/vpin_mlfinlab.json`, "utf8"));
    const [close, volume] = columns("mlfinlab_es_dollar_bars_2015.csv", ["close", "cum_vol"]) as [
      Float64Array,
      Float64Array,
    ];
    const dP = changes(close);
    const sd = rollingSd(dP, 20);
    const known = sd.map((s, i) => (Number.isNaN(s) ? Number.NaN : volume[i]! * bulkBuyShare(dP[i]!, s)));
    const first = known.findIndex((v) => !Number.isNaN(v));
    const buy = known.subarray(first);
    const held = volume.subarray(first);
    const sell = buy.map((v, i) => held[i]! - v);
    for (const window of [1, 20]) {
      const ours = vpin(buy, sell, window);
      // mlfinlab divides the mean imbalance by the current bar's volume, not by the window's mean volume: undo that.
      const theirs = ours.map((v, i) => {
        const inWindow = held.subarray(Math.max(0, i - window + 1), i + 1).reduce((s, x) => s + x, 0);
        return (v * inWindow) / (window * held[i]!);
      });
      const values = finite(theirs);
      const expected = golden[`vpin_w${window}`];
      const exact = golden.recomputed_here[`vpin_w${window}`];
      const at = window === 1 ? 25 : 45;
      expect(Math.abs(Math.max(...values) - expected.max)).toBeLessThan(golden.tol);
      expect(Math.abs(mean(values) - expected.mean)).toBeLessThan(golden.tol);
      expect(Math.abs(theirs[at - first]! - expected[`at${at}`])).toBeLessThan(golden.tol);
      expect(mean(values)).toBeCloseTo(exact.mean, 9);
      expect(theirs[at - first]).toBeCloseTo(exact[`at${at}`], 9);
      // With the window's own volume in the denominator it stays near that: bars are of nearly equal dollar volume.
      expect(Math.abs(mean(finite(ours)) - exact.mean)).toBeLessThan(0.01);
    }
  });

  it.skipIf(!recorded)(
    "correlates by half with the true taker flow of a year of four-hour bars, and overstates imbalances",
    () => {
      const [close, volume, takerBuy] = columns("binance_btcusdt_4h_klines_takerbuy_202308-202408.csv", [
        "Close",
        "Volume",
        "Taker_buy_volume",
      ]) as [Float64Array, Float64Array, Float64Array];
      const dP = changes(close.map(Math.log));
      const sd = rollingSd(dP, 50);
      const [bulk, truth]: [number[], number[]] = [[], []];
      for (let i = 0; i < dP.length; i++) {
        if (Number.isNaN(sd[i]!)) continue;
        bulk.push(2 * bulkBuyShare(dP[i]!, sd[i]!) - 1);
        truth.push((2 * takerBuy[i]!) / volume[i]! - 1);
      }
      // Measured: correlation .515, same sign in 70% of bars; bulk imbalances are 7 times as large as true ones (.413 against .059).
      expect(bulk.length).toBe(2188);
      expect(correlation(bulk, truth)).toBeGreaterThan(0.5);
      expect(mean(bulk.map((x, i) => (x * truth[i]! > 0 ? 1 : 0)))).toBeGreaterThan(0.69);
      expect(mean(bulk.map(Math.abs)) / mean(truth.map(Math.abs))).toBeGreaterThan(6);
    },
  );
});
