import { describe, expect, it } from "vitest";
import { ContractError } from "../../src/core/errors.ts";
import { deriveSeed, deriveState, IndexedRandom, Random } from "../../src/core/random.ts";

/** The seeds are literal, so these tests never flicker; a bound of 4.5 standard errors would fail a sound generator once in 150,000 seeds. */
const BOUND = 4.5;

function fromState(a: number, b: number, c: number, d: number): Random {
  const random = new Random(0, "any");
  random.loadState({ a, b, c, d });
  return random;
}

/** Checks a sample of uniforms: mean 1/2, variance 1/12, no correlation between neighbours, even counts in 64 cells. */
function expectUniform(sample: Float64Array): void {
  const n = sample.length;
  let mean = 0;
  let square = 0;
  let lag = 0;
  const cells = new Float64Array(64);
  for (let i = 0; i < n; i++) {
    const u = sample[i]! - 0.5;
    mean += u / n;
    square += (u * u) / n;
    if (i > 0) lag += (u * (sample[i - 1]! - 0.5)) / n;
    cells[Math.floor(sample[i]! * 64)]! += 1;
  }
  expect(Math.abs(mean)).toBeLessThan(BOUND * Math.sqrt(1 / 12 / n));
  expect(Math.abs(square - 1 / 12)).toBeLessThan(BOUND * Math.sqrt(1 / 180 / n));
  expect(Math.abs(lag)).toBeLessThan((BOUND / 12) * Math.sqrt(1 / n));
  const chi2 = cells.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0);
  // Chi-square with 63 degrees of freedom: mean 63, standard deviation 11.2.
  expect(Math.abs(chi2 - 63)).toBeLessThan(BOUND * Math.sqrt(126));
}

describe("Random", () => {
  it("is xoshiro128**: the published sequence for the state 1, 2, 3, 4", () => {
    // The reference program (Blackman and Vigna) as quoted by the tests of the rand_xoshiro crate.
    const random = fromState(1, 2, 3, 4);
    expect(Array.from({ length: 10 }, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("repeats itself for one seed, stream and index, and differs where any of them does", () => {
    const first = (...args: ConstructorParameters<typeof Random>) => {
      const random = new Random(...args);
      return [random.uint32(), random.uint32(), random.uint32()];
    };
    expect(first(7, "prices", 3)).toEqual(first(7, "prices", 3));
    const others = [first(7, "prices", 3), first(8, "prices", 3), first(7, "flow", 3), first(7, "prices", 4)];
    expect(new Set(others.map(String)).size).toBe(4);
  });

  it("keeps seeds fixed for good: a change here changes every recorded result", () => {
    expect(deriveState(1, "prices", 0)).toMatchInlineSnapshot(`
      {
        "a": 1063381044,
        "b": 3063066737,
        "c": 3456990614,
        "d": 1224647089,
      }
    `);
    expect(deriveSeed(1, "prices")).toBe(deriveState(1, "prices", 0).a);
  });

  it("does not confuse where the seed ends and the stream or the index begins", () => {
    expect(deriveState(1, "a", 11)).not.toEqual(deriveState(1, "a/1", 1));
    expect(deriveState(11, "a", 1)).not.toEqual(deriveState(1, "1a", 1));
  });

  it("goes on from a saved state, which does not change meanwhile", () => {
    const random = new Random(3, "x");
    random.uint32();
    const saved = random.saveState();
    const ahead = [random.uniform(), random.normal(), random.integer(10)];
    const other = new Random(4, "y");
    other.loadState(saved);
    expect([other.uniform(), other.normal(), other.integer(10)]).toEqual(ahead);
    expect(other.saveState()).toEqual(random.saveState());
    // JSON holds it exactly.
    expect(JSON.parse(JSON.stringify(saved))).toEqual(saved);
  });

  it("refuses a malformed state and then changes nothing", () => {
    const random = new Random(3, "x");
    const before = random.saveState();
    expect(() => random.loadState({ ...before, c: 0.5 })).toThrow(ContractError);
    expect(() => random.loadState({ a: 1, b: 2, c: 3 } as never)).toThrow(ContractError);
    expect(random.saveState()).toEqual(before);
  });

  it("draws uniforms inside the open interval", () => {
    const random = new Random(11, "uniform");
    const sample = Float64Array.from({ length: 100_000 }, () => random.uniform());
    expect(sample.every((u) => u > 0 && u < 1)).toBe(true);
    expectUniform(sample);
    // The extreme words give the extreme uniforms, still inside.
    expect((0 + 0.5) / 4503599627370496).toBeGreaterThan(0);
    expect((67108863 * 67108864 + 67108863 + 0.5) / 4503599627370496).toBeLessThan(1);
  });

  it("draws every integer below n equally often", () => {
    const random = new Random(12, "integer");
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(BOUND * Math.sqrt((70_000 * 6) / 49));
  });

  it("draws normals with the moments of the standard normal, one uniform each", () => {
    const random = new Random(13, "normal");
    const twin = new Random(13, "normal");
    const n = 100_000;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const z = random.normal();
      twin.uniform();
      for (let k = 0; k < 4; k++) moments[k]! += z ** (k + 1) / n;
    }
    expect(twin.saveState()).toEqual(random.saveState());
    // Variances of z, z², z³, z⁴: 1, 2, 15, 96.
    for (const [k, [mean, variance]] of [
      [0, 1],
      [1, 2],
      [0, 15],
      [3, 96],
    ].entries())
      expect(Math.abs(moments[k]! - mean!), `moment ${k + 1}`).toBeLessThan(BOUND * Math.sqrt(variance! / n));
  });

  it("shuffles to every order equally often, and keeps the elements", () => {
    const random = new Random(14, "shuffle");
    const counts = new Map<string, number>();
    const n = 24_000;
    for (let i = 0; i < n; i++) {
      const array = Int32Array.of(0, 1, 2, 3);
      random.shuffle(array);
      counts.set(array.join(), (counts.get(array.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values())
      expect(Math.abs(count - n / 24)).toBeLessThan(BOUND * Math.sqrt((n / 24) * (23 / 24)));
  });

  it("has streams without correlation between neighbouring indices", () => {
    const sample = Float64Array.from({ length: 4000 }, (_, i) => new Random(5, "worker", i).uniform());
    expectUniform(sample);
  });
});

describe("IndexedRandom", () => {
  it("draws a row of normals as one by one", () => {
    const out = new Float64Array(6).fill(7);
    IndexedRandom.normals(out, 5, -123456, 31, 48);
    expect(Array.from(out)).toEqual([0, 1, 2, 3, 4].map((i) => IndexedRandom.normal(-123456, 31, 48 + i)).concat(7));
  });

  it("depends on key, bin and index only, not on what was drawn before", () => {
    const key = deriveSeed(1, "prices", 0);
    const forward = Array.from({ length: 50 }, (_, bin) => IndexedRandom.uniform(key, bin));
    const backward = Array.from({ length: 50 }, (_, i) => IndexedRandom.uniform(key, 49 - i)).reverse();
    expect(backward).toEqual(forward);
    expect(IndexedRandom.uniform(key, 3)).toBe(IndexedRandom.uniform(key, 3, 0));
  });

  it("is uniform along bins, along indices, and along keys", () => {
    const key = deriveSeed(2, "prices", 0);
    expectUniform(Float64Array.from({ length: 60_000 }, (_, bin) => IndexedRandom.uniform(key, bin)));
    expectUniform(Float64Array.from({ length: 60_000 }, (_, index) => IndexedRandom.uniform(key, 17, index)));
    expectUniform(Float64Array.from({ length: 60_000 }, (_, k) => IndexedRandom.uniform(k, 17, 2)));
    expectUniform(Float64Array.from({ length: 60_000 }, (_, i) => IndexedRandom.uniform(key, i >> 2, i & 3)));
  });

  it("shows no correlation between neighbouring bins, indices or keys", () => {
    const n = 40_000;
    for (const [db, di, dk] of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 0],
      [1, -1, 0],
      [64, 0, 0],
      [0, 0, 128],
    ] as const) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const u = IndexedRandom.uniform(1000 + i * 3, i * 7, i % 11);
        const v = IndexedRandom.uniform(1000 + i * 3 + dk, i * 7 + db, (i % 11) + di);
        sum += (u - 0.5) * (v - 0.5);
      }
      expect(Math.abs(sum / n), `${db},${di},${dk}`).toBeLessThan((BOUND / 12) * Math.sqrt(1 / n));
    }
  });

  it("seldom repeats a value: no two of 200,000 draws of one key are equal", () => {
    const seen = new Set<number>();
    for (let bin = 0; bin < 50_000; bin++)
      for (let index = 0; index < 4; index++) seen.add(IndexedRandom.uniform(99, bin, index));
    // 52 bits: the expected number of equal pairs is 5e-6.
    expect(seen.size).toBe(200_000);
  });

  it("draws normals by inverting the same uniform", () => {
    // 0.5 maps to 0, and order is kept.
    const key = deriveSeed(3, "prices");
    const pairs = Array.from({ length: 200 }, (_, bin) => [
      IndexedRandom.uniform(key, bin),
      IndexedRandom.normal(key, bin),
    ]);
    pairs.sort((a, b) => a[0]! - b[0]!);
    for (let i = 1; i < pairs.length; i++) expect(pairs[i]![1]!).toBeGreaterThan(pairs[i - 1]![1]!);
    for (const [u, z] of pairs) expect(Math.sign(z!)).toBe(Math.sign(u! - 0.5));
  });
});
