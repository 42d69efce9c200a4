import { describe, expect, it } from "vitest";
import { NEUTRAL, ToxicityEstimators, type ToxicityParameters } from "../../../env/market/toxicity.ts";
import { vpin, vpinOfFairSigns } from "../../../env/market/vpin.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

const P: ToxicityParameters = { bucketVolume: 10, buckets: 50, fastHalfLifeMinutes: 5, slowHalfLifeMinutes: 60 };
const make = (p: Partial<ToxicityParameters> = {}) => new ToxicityEstimators(1, { ...P, ...p }, 60);

describe("ToxicityEstimators", () => {
  it("hold neutral values until the first bucket is full", () => {
    const e = make();
    expect([e.vpin[0], e.vpinBulk[0]]).toEqual([NEUTRAL.vpin, NEUTRAL.vpinBulk]);
    expect([e.imbalanceFast[0], e.imbalanceSlow[0], e.kyleLambda[0]]).toEqual([0, 0, 0]);
    e.step(0, 0, 0, 0.01);
    e.step(0, 9.9, 0, 0.01);
    expect([e.vpin[0], e.vpinBulk[0]]).toEqual([0, 0.5]);
    e.step(0, 0.1, 0, 0.01);
    expect(e.vpin[0]).toBe(1);
    // Every return is one standard deviation of those before it: Phi(1) of the volume is classified as bought.
    expect(e.vpinBulk[0]).toBeCloseTo(2 * 0.8413447460685429 - 1, 12);
  });

  it("classify a step in bulk by the returns before it, not by its own", () => {
    const e = make();
    e.step(0, 0, 0, 0.01);
    e.step(0, 10, 0, 0.02);
    // 2 Phi(2) - 1.
    expect(e.vpinBulk[0]).toBeCloseTo(0.954499736, 9);
  });

  it("show 1 for buys alone and 0 for balanced flow, and imbalances of 1, -1 and 0", () => {
    const [buys, sells, balanced] = [make(), make(), make()];
    for (let t = 0; t < 100; t++) {
      buys.step(0, 7, 0, 0.001);
      sells.step(0, 0, 7, -0.001);
      balanced.step(0, 7, 7, 0);
    }
    expect(buys.vpin[0]).toBeCloseTo(1, 9);
    expect(buys.imbalanceFast[0]).toBe(1);
    expect(sells.vpin[0]).toBeCloseTo(1, 9);
    expect(sells.imbalanceSlow[0]).toBe(-1);
    expect(balanced.vpin[0]).toBe(0);
    expect(balanced.imbalanceFast[0]).toBe(0);
  });

  it("give the VPIN of the batch function on the same tape cut into buckets, trades split over their borders", () => {
    const random = new Random(20260508, "tape");
    const e = make({ bucketVolume: 4, buckets: 20 });
    const [buy, sell]: [number[], number[]] = [[0], [0]];
    let room = 4;
    for (let t = 0; t < 2000; t++) {
      let volume = 0.3 * random.uniform() ** -0.6;
      const up = random.uniform() < 0.6;
      e.step(0, up ? volume : 0, up ? 0 : volume, 0);
      while (volume >= room) {
        (up ? buy : sell)[buy.length - 1]! += room;
        volume -= room;
        room = 4;
        buy.push(0);
        sell.push(0);
      }
      (up ? buy : sell)[buy.length - 1]! += volume;
      room -= volume;
    }
    const complete = buy.length - 1;
    expect(complete).toBeGreaterThan(200);
    const batch = vpin(Float64Array.from(buy.slice(0, -1)), Float64Array.from(sell.slice(0, -1)), 20);
    expect(e.vpin[0]).toBeCloseTo(batch[complete - 1]!, 9);
  });

  it.each([
    // sqrt(2 / (3 pi k)) for k = 10 bars a bucket; E|U1 + U2| / 2 = 1/3, U on [-1, 1], for two; 1/2 where a bar fills buckets.
    [1, 10, 0.1457],
    [5, 10, 1 / 3],
    [40, 40, 0.5],
  ])(
    "have closed-form means without information, %i trades of fair sign a step: that of %i trades, and %f in bulk on Gaussian returns",
    (trades, n, expected) => {
      const random = new Random(20260509, "fair", trades);
      const e = make({ slowHalfLifeMinutes: 500 });
      let [sum, bulk, count] = [0, 0, 0];
      for (let t = 0; t < 200_000 / trades; t++) {
        let up = 0;
        for (let i = 0; i < trades; i++) up += random.uint32() >>> 31;
        e.step(0, up, trades - up, 0.001 * random.normal());
        if (t * trades < 1000) continue;
        sum += e.vpin[0]!;
        bulk += e.vpinBulk[0]!;
        count++;
      }
      expect(Math.abs(sum / count - vpinOfFairSigns(n))).toBeLessThan(0.01);
      expect(Math.abs(bulk / count - expected)).toBeLessThan(0.01);
    },
  );

  it("raise bulk VPIN by volume alone, which holds fewer bars in a bucket, and not that of true signs", () => {
    const random = new Random(20260515, "volume-alone");
    const [thin, busy] = [make(), make()];
    let [gapBulk, gap] = [0, 0];
    for (let t = 0; t < 5000; t++) {
      const r = 0.001 * random.normal();
      thin.step(0, 0.5, 0.5, r);
      busy.step(0, 2.5, 2.5, r);
      if (t < 1000) continue;
      gapBulk += (busy.vpinBulk[0]! - thin.vpinBulk[0]!) / 4000;
      gap += (busy.vpin[0]! - thin.vpin[0]!) / 4000;
    }
    expect(gapBulk).toBeGreaterThan(0.1);
    expect(gap).toBeCloseTo(0, 12);
  });

  it("state Kyle's lambda as bps for one standard deviation of signed volume, whatever the unit of volume", () => {
    for (const unit of [1, 1000]) {
      const random = new Random(20260510, "lambda");
      const e = make({ bucketVolume: 10 * unit, slowHalfLifeMinutes: 2000 });
      for (let t = 0; t < 20_000; t++) {
        const q = 3 * random.normal();
        e.step(0, unit * Math.max(0, q), unit * Math.max(0, -q), 2e-4 * q + 1e-4 * random.normal());
      }
      expect(e.kyleLambda[0]).toBeCloseTo(6, 0);
    }
  });

  it("weigh the past of an imbalance by its half-life", () => {
    const e = make();
    e.step(0, 8, 0, 0);
    for (let t = 0; t < 4; t++) e.step(0, 0, 0, 0);
    e.step(0, 0, 8, 0);
    // After 5 minutes the buys weigh half: (4 - 8) / (4 + 8).
    expect(e.imbalanceFast[0]).toBeCloseTo(-1 / 3, 12);
  });

  it("take a trade of a million buckets at once", () => {
    const e = make();
    for (let t = 0; t < 100; t++) e.step(0, 5, 5, t % 2 === 0 ? 0.001 : -0.001);
    e.step(0, 1e7 + 3, 0, 0.01);
    expect(e.vpin[0]).toBeCloseTo(1, 9);
    e.step(0, 0, 7, 0);
    // 3 bought and 7 sold complete a bucket.
    expect(e.vpin[0]).toBeCloseTo((49 + 0.4) / 50, 6);
  });

  it("continue bit for bit from saved arrays and restart alone", () => {
    const random = new Random(20260511, "saved");
    const [one, two] = [new ToxicityEstimators(2, P, 60), new ToxicityEstimators(2, P, 60)];
    const feed = (...targets: ToxicityEstimators[]) => {
      for (let b = 0; b < 2; b++) {
        const [buy, sell, r] = [8 * random.uniform(), 8 * random.uniform(), 1e-3 * random.normal()];
        for (const e of targets) e.step(b, buy, sell, r);
      }
    };
    for (let t = 0; t < 300; t++) feed(one);
    for (const [name, array] of Object.entries(one.arrays())) two.arrays()[name]!.set(array);
    for (let t = 0; t < 300; t++) feed(one, two);
    expect(two.arrays()).toEqual(one.arrays());
    const kept = one.vpin[1]!;
    one.start(0);
    expect([one.vpin[0], one.vpinBulk[0], one.vpin[1]]).toEqual([0, 0.5, kept]);
    const fresh = make();
    for (let t = 0; t < 30; t++) {
      one.step(0, 4, 3, 1e-4);
      fresh.step(0, 4, 3, 1e-4);
    }
    expect([one.vpin[0], one.vpinBulk[0], one.kyleLambda[0]]).toEqual([
      fresh.vpin[0],
      fresh.vpinBulk[0],
      fresh.kyleLambda[0],
    ]);
  });

  it.each([
    ["bucketVolume", 0],
    ["buckets", 2.5],
    ["fastHalfLifeMinutes", -1],
    ["slowHalfLifeMinutes", Number.NaN],
  ] as const)("refuse %s = %s by its name", (name, value) => {
    expect(() => make({ [name]: value })).toThrow(ConfigError);
    expect(() => make({ [name]: value })).toThrow(name);
  });
});
