import { describe, expect, it } from "vitest";
import { normalCdf } from "../../../src/core/normal.ts";
import { Random } from "../../../src/core/random.ts";
import { holm } from "../../../src/evaluate/statistics/holm.ts";
import { minimumDetectableEffect, moreEpisodesToDecide } from "../../../src/evaluate/statistics/power.ts";
import { percentileInterval, sortedQuantile } from "../../../src/evaluate/statistics/quantile.ts";
import { bootstrapTInterval, tInterval } from "../../../src/evaluate/statistics/seeds.ts";
import { studentCdf, studentDraw, studentQuantile } from "../../../src/evaluate/statistics/student-t.ts";
import {
  interquartileMean,
  optimalityGap,
  performanceProfile,
  rankImprovement,
  stratifiedInterval,
} from "../../../src/evaluate/statistics/supplements.ts";

describe("Student's t", () => {
  it("matches the printed table of quantiles", () => {
    // Abramowitz and Stegun (1964), table 26.10: t for 0.975 (two-sided 5%).
    for (const [degrees, t] of [
      [1, 12.706],
      [2, 4.303],
      [3, 3.182],
      [4, 2.776],
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [120, 1.98],
    ] as const)
      expect(studentQuantile(0.975, degrees)).toBeCloseTo(t, 3);
  });

  it("is symmetric, inverts itself and tends to the normal", () => {
    for (const degrees of [1, 2, 3, 7, 8, 40]) {
      expect(studentCdf(0, degrees)).toBeCloseTo(0.5, 14);
      expect(studentCdf(studentQuantile(0.9, degrees), degrees)).toBeCloseTo(0.9, 11);
      expect(studentQuantile(0.1, degrees)).toBeCloseTo(-studentQuantile(0.9, degrees), 12);
    }
    expect(studentCdf(1.3, 1000)).toBeCloseTo(normalCdf(1.3), 3);
    expect(() => studentCdf(1, 0)).toThrow("Degrees of freedom");
  });

  it("draws with the right tail", () => {
    // False-alarm rate about 0.3%: 3 standard errors of a share of 2.5% in 20,000.
    const random = new Random(1, "test");
    let beyond = 0;
    for (let i = 0; i < 20_000; i++) if (studentDraw(random, 4) > 2.776) beyond++;
    expect(Math.abs(beyond / 20_000 - 0.025)).toBeLessThan(0.0034);
  });
});

describe("intervals over training seeds", () => {
  it("gives Student's interval worked by hand", () => {
    // 1..5: mean 3, sd sqrt(2.5), half-width 2.776 sqrt(0.5) = 1.9632.
    const [low, high] = tInterval([1, 2, 3, 4, 5]);
    expect(low).toBeCloseTo(3 - 1.9632, 3);
    expect(high).toBeCloseTo(3 + 1.9632, 3);
    expect(() => tInterval([1])).toThrow("at least two seeds");
  });

  it("bootstrap-t leans to the long side of a skewed spread", () => {
    const values = [1, 1.1, 1.2, 1.3, 1.5, 1.8, 2.4, 3.1, 4.9, 9];
    const mean = values.reduce((s, x) => s + x, 0) / values.length;
    const [low, high] = bootstrapTInterval(values, { seed: 1 });
    expect(high - mean).toBeGreaterThan(1.3 * (mean - low));
    expect(bootstrapTInterval(values, { seed: 1 })).toEqual([low, high]);
    expect(bootstrapTInterval([2, 2, 2], { seed: 1 })).toEqual([2, 2]);
  });
});

describe("quantiles", () => {
  it("interpolate between order statistics", () => {
    expect(sortedQuantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(sortedQuantile([1, 2, 3, 4], 1)).toBe(4);
    const [low, high] = percentileInterval(Float64Array.from({ length: 101 }, (_, i) => 100 - i));
    expect(low).toBeCloseTo(2.5, 12);
    expect(high).toBeCloseTo(97.5, 12);
  });
});

describe("holm", () => {
  it("multiplies the least by the number of tests and never decreases", () => {
    // 0.01 x 4, 0.015 x 3, then 0.03 x 2, then 0.04 x 1 raised to what came before.
    const adjusted = holm([0.04, 0.01, 0.03, 0.015]);
    for (const [i, p] of [0.06, 0.04, 0.06, 0.045].entries()) expect(adjusted[i]).toBeCloseTo(p, 12);
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
    expect(() => holm([1.2])).toThrow("pValues[0]");
  });
});

describe("power", () => {
  it("needs 1.96 + 0.84 standard errors for 80% power", () => {
    expect(minimumDetectableEffect(1)).toBeCloseTo(2.8016, 3);
  });

  it("quarters the error with sixteen times the episodes", () => {
    // Room 1, needed error 1 / 2.8016; the present one is 4 times that: 16 times the episodes, 15 x 100 more.
    const pathStandardError = 4 / 2.80158;
    const base = { margin: 0, pathStandardError, seedStandardError: 0, independent: 100 };
    const more = moreEpisodesToDecide({ ...base, difference: -1 })!;
    expect(Math.abs(more - 1500)).toBeLessThanOrEqual(1);
    expect(moreEpisodesToDecide({ ...base, difference: 1 })).toBe(more);
  });

  it("may decide by equivalence, and cannot where training seeds alone are too noisy", () => {
    const base = { difference: 0, margin: 1, pathStandardError: 1, independent: 100 };
    // (1.95996 + 1.28155)² = 10.507 times the episodes.
    expect(moreEpisodesToDecide({ ...base, seedStandardError: 0 })).toBe(951);
    expect(moreEpisodesToDecide({ ...base, seedStandardError: 0.4 })).toBeUndefined();
  });
});

describe("supplements", () => {
  it("follow the definitions of rliable", () => {
    // 8 scores, 2 dropped at each end: (3 + 4 + 5 + 6) / 4.
    expect(
      interquartileMean([
        [1, 2, 3, 4],
        [5, 6, 7, 100],
      ]),
    ).toBe(4.5);
    expect(optimalityGap([[0.5, 2]])).toBe(0.25);
    expect(Array.from(performanceProfile([[1, 2], [3]], [0, 1, 2.5, 3]))).toEqual([1, 2 / 3, 1 / 3, 0]);
    // 3 > 2 wins, 1 < 2 loses; 2 = 2 ties: (1 + 0) / 2 and 1/2.
    expect(rankImprovement([[3, 1], [2]], [[2], [2]])).toBe(0.5);
  });

  it("resamples runs inside each task only, repeatably", () => {
    const scores = [
      [0, 0, 0],
      [10, 10, 10],
    ];
    expect(stratifiedInterval(scores, interquartileMean, { seed: 1, resamples: 50 })).toEqual([5, 5]);
    const noisy = [[1, 2, 3, 4, 5, 6]];
    const interval = stratifiedInterval(noisy, interquartileMean, { seed: 1 });
    expect(interval).toEqual(stratifiedInterval(noisy, interquartileMean, { seed: 1 }));
    expect(interval[0]).toBeLessThan(3.5);
    expect(interval[1]).toBeGreaterThan(3.5);
    expect(() => interquartileMean([])).toThrow("at least one score");
  });
});
