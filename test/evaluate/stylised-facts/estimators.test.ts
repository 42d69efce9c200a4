import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/random.ts";
import { autocorrelation } from "../../../src/evaluate/stylised-facts/autocorrelation.ts";
import { meanCorrelation } from "../../../src/evaluate/stylised-facts/correlation.ts";
import { fanoFactor } from "../../../src/evaluate/stylised-facts/fano.ts";
import { hillIndex } from "../../../src/evaluate/stylised-facts/hill.ts";
import { impactExponent } from "../../../src/evaluate/stylised-facts/impact.ts";
import { excessKurtosis, kurtosisRatio } from "../../../src/evaluate/stylised-facts/kurtosis.ts";
import { LOG_LAGS, powerLawExponent } from "../../../src/evaluate/stylised-facts/power-law.ts";
import { type AdditiveStatistic, estimated, sumsOf } from "../../../src/evaluate/stylised-facts/resampled.ts";
import { aggregated } from "../../../src/evaluate/stylised-facts/series.ts";
import { autoregressive, garch, longMemory, longMemoryAutocorrelation, made, poisson, student } from "./made.ts";

const value = (s: AdditiveStatistic) => s.value(sumsOf(s.parts));
const normal = (random: Random) => () => random.normal();
const squared = (x: readonly Float64Array[]) => x.map((e) => e.map((v) => v * v));
const acfOf = (x: readonly Float64Array[], lag: number) => value(autocorrelation(x, [lag], (acf) => acf[0]!));

describe("autocorrelation", () => {
  it("is phi^lag for an autoregression, wherever its mean lies", () => {
    const x = made(40, 5000, autoregressive(0.6));
    const high = x.map((e) => e.map((v) => v + 1e4));
    for (const lag of [1, 2, 5, 20]) {
      expect(Math.abs(acfOf(x, lag) - 0.6 ** lag)).toBeLessThan(0.01);
      expect(acfOf(high, lag)).toBeCloseTo(acfOf(x, lag), 8);
    }
  });

  it("pairs no value with one of another episode", () => {
    const x = [Float64Array.of(1, -1, 1, -1), Float64Array.of(-1, 1, -1, 1)];
    expect(acfOf(x, 1)).toBeCloseTo(-1, 12);
    expect(acfOf(x, 3)).toBeCloseTo(-1, 12);
    expect(acfOf(x, 4)).toBeNaN();
  });

  it("keeps a level that differs between episodes, which an episode's own mean would hide", () => {
    const x = made(200, 50, (random) => {
      const level = random.normal();
      return () => level + random.normal();
    });
    expect(Math.abs(acfOf(x, 40) - 0.5)).toBeLessThan(0.1);
  });

  it("of a constant is not a number", () => {
    expect(acfOf([new Float64Array(50).fill(3)], 1)).toBeNaN();
  });
});

describe("the power-law exponent", () => {
  it("is exact for a power law and passes over values that are not positive", () => {
    const exact = LOG_LAGS.map((lag) => 2.5 * lag ** -0.31);
    expect(powerLawExponent(LOG_LAGS, exact)).toBeCloseTo(0.31, 12);
    exact[3] = -1;
    exact[7] = Number.NaN;
    expect(powerLawExponent(LOG_LAGS, exact)).toBeCloseTo(0.31, 12);
    expect(powerLawExponent([1, 2, 3, 4, 5], [1, 1, -1, 1, 1])).toBeNaN();
    expect(powerLawExponent(LOG_LAGS, exact, { floor: 2 })).toBeNaN();
  });

  it("finds the memory of a long-memory series from its own autocorrelations", () => {
    const truth = LOG_LAGS.map((lag) => longMemoryAutocorrelation(0.3, lag));
    const want = powerLawExponent(LOG_LAGS, truth);
    expect(Math.abs(want - 0.3)).toBeLessThan(0.06);
    const x = made(20, 6000, longMemory(0.3));
    for (const lag of [1, 10, 100])
      expect(Math.abs(acfOf(x, lag) - longMemoryAutocorrelation(0.3, lag))).toBeLessThan(0.08);
    const got = value(autocorrelation(x, LOG_LAGS, (acf) => powerLawExponent(LOG_LAGS, acf)));
    expect(Math.abs(got - want)).toBeLessThan(0.06);
  });

  it("reads a steep line from short memory", () => {
    const x = made(20, 6000, autoregressive(0.9));
    expect(value(autocorrelation(x, LOG_LAGS, (acf) => powerLawExponent(LOG_LAGS, acf)))).toBeGreaterThan(0.6);
  });
});

describe("Hill's tail index", () => {
  it("is exact for a Pareto law, whatever the unit", () => {
    const x = made(10, 10_000, (random) => () => random.uniform() ** (-1 / 3.5));
    expect(Math.abs(value(hillIndex(x, 0.02)) / 3.5 - 1)).toBeLessThan(4 / Math.sqrt(2000));
    expect(
      value(
        hillIndex(
          x.map((e) => e.map((v) => -7 * v)),
          0.02,
        ),
      ),
    ).toBeCloseTo(value(hillIndex(x, 0.02)), 9);
  });

  it("is about 3 for Student's t(3), and beyond 5 for a normal law", () => {
    expect(Math.abs(value(hillIndex(made(20, 10_000, student(3)), 0.02)) - 3)).toBeLessThan(0.35);
    expect(value(hillIndex(made(20, 10_000, normal), 0.02))).toBeGreaterThan(5.5);
  });

  it("is not a number for too few values or a sample of zeros", () => {
    expect(value(hillIndex(made(1, 500, normal), 0.02))).toBeNaN();
    expect(value(hillIndex([new Float64Array(5000)], 0.02))).toBeNaN();
  });
});

describe("kurtosis", () => {
  it("is 0 for a normal law, 3 for Laplace's and -1.2 for a uniform one", () => {
    expect(Math.abs(value(excessKurtosis(made(20, 10_000, normal))))).toBeLessThan(4 * Math.sqrt(24 / 2e5));
    const laplace = made(20, 10_000, (random) => () => Math.log(random.uniform()) * (random.uniform() < 0.5 ? 1 : -1));
    expect(Math.abs(value(excessKurtosis(laplace)) - 3)).toBeLessThan(0.4);
    expect(
      Math.abs(value(excessKurtosis(made(20, 10_000, (random) => () => 1e3 + random.uniform()))) + 1.2),
    ).toBeLessThan(0.02);
  });

  it("is Bollerslev's (1986) closed form for a GARCH, single and summed, and falls as 1/n when independent values are summed", () => {
    const [a, b] = [0.1, 0.8];
    const x = made(60, 10_000, garch(a, b));
    const want = (6 * a * a) / (1 - (a + b) ** 2 - 2 * a * a);
    expect(Math.abs(value(excessKurtosis(x)) / want - 1)).toBeLessThan(0.1);
    const laplace = made(40, 12_000, (random) => () => Math.log(random.uniform()) * (random.uniform() < 0.5 ? 1 : -1));
    expect(Math.abs(value(kurtosisRatio(laplace, aggregated(laplace, 12))) - 1 / 12)).toBeLessThan(0.06);
    // Sum of 12: E[S⁴] = 12 m4 + 6 Σ (12 - k) E[r² r²(k)], whose autocorrelation is Bollerslev's. Here it rises before it falls.
    const first = (a * (1 - a * b - b * b)) / (1 - 2 * a * b - b * b);
    let summed = 12 * want;
    for (let k = 1; k < 12; k++) summed += 6 * (12 - k) * (want + 2) * first * (a + b) ** (k - 1);
    expect(Math.abs(value(kurtosisRatio(x, aggregated(x, 12))) / (summed / 144 / want) - 1)).toBeLessThan(0.15);
  });
});

describe("correlations", () => {
  it("are exact for a linear relation, at their lag only", () => {
    const x = made(10, 2000, normal);
    const later = x.map((e) => e.map((_, i) => (i < 3 ? 0 : 0.6 * e[i - 3]! + 5)));
    expect(value(meanCorrelation(x, later, [3]))).toBeCloseTo(1, 12);
    expect(Math.abs(value(meanCorrelation(x, later, [1, 2, 4])))).toBeLessThan(4 / Math.sqrt(3 * 20_000));
  });

  it("see leverage in an asymmetric GARCH and none in a symmetric one", () => {
    const lags = Array.from({ length: 10 }, (_, i) => i + 1);
    const fallen = made(40, 5000, garch(0.03, 0.85, 0.15));
    const even = made(40, 5000, garch(0.1, 0.85));
    expect(value(meanCorrelation(fallen, squared(fallen), lags))).toBeLessThan(-0.03);
    expect(Math.abs(value(meanCorrelation(even, squared(even), lags)))).toBeLessThan(0.01);
  });
});

describe("the Fano factor", () => {
  it("is 1 for Poisson counts and c where each event is c trades", () => {
    const x = made(20, 5000, poisson(3));
    const error = 4 * Math.sqrt(2 / 1e5);
    expect(Math.abs(value(fanoFactor(x)) - 1)).toBeLessThan(error);
    expect(value(fanoFactor(x.map((e) => e.map((n) => 4 * n))))).toBeCloseTo(4 * value(fanoFactor(x)), 10);
    expect(value(fanoFactor([new Float64Array(10)]))).toBeNaN();
  });
});

describe("the impact exponent", () => {
  const orders = (n: number, power: number, noise: number) => {
    const random = new Random(5, "test/stylised-facts/impact");
    return Array.from({ length: n }, () => {
      const size = Math.exp(1.5 * random.normal());
      return { size, move: 0.01 * size ** power + noise * random.normal() };
    });
  };

  it.each([0.5, 1, 0.25])("is exact for size^%d", (power) => {
    // The mean of a power is not the power of the mean: within wide outer bins the curve shows a little.
    expect(Math.abs(value(impactExponent(orders(24_000, power, 0))) - power)).toBeLessThan(0.02);
  });

  it("finds a square root under noise three times its size", () => {
    expect(Math.abs(value(impactExponent(orders(24_000, 0.5, 0.03))) - 0.5)).toBeLessThan(0.05);
  });

  it("is not a number for few orders", () => {
    expect(value(impactExponent(orders(200, 0.5, 0)))).toBeNaN();
  });
});

describe("intervals over episodes", () => {
  it("cover the truth in about 95 of 100 samples", () => {
    let covered = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const x = made(40, 100, autoregressive(0.5), seed);
      const { ci95 } = estimated(
        autocorrelation(x, [1], (acf) => acf[0]!),
        { seed, resamples: 200 },
      );
      if (ci95![0] <= 0.5 && 0.5 <= ci95![1]) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(86);
    expect(covered).toBeLessThan(100);
  });

  it("are the same for the same seed, and absent for one episode", () => {
    const x = made(10, 500, normal);
    const at = (seed: number) => estimated(excessKurtosis(x), { seed, resamples: 100 }).ci95;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
    expect(estimated(excessKurtosis(x.slice(0, 1)), { seed: 1, resamples: 100 }).ci95).toBeNull();
    expect(estimated({ parts: [], value: () => 1 }, { seed: 1, resamples: 100 })).toEqual({ value: null, ci95: null });
  });
});
