import { describe, expect, it } from "vitest";
import { branchingFromFano, hawkesIntensity, hawkesLogLikelihood, simulateHawkes } from "../../../env/market/hawkes.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import { HAWKES } from "../../golden/microstructure.ts";
import { fanoOf } from "../../support/fano.ts";

const { mu, a, b, window } = HAWKES;
const windows = 1200;
const times = simulateHawkes(mu, a, b, window * windows, new Random(20260501, "hawkes"));

describe("simulateHawkes", () => {
  const counts = new Float64Array(windows);
  for (const t of times) counts[Math.floor(t / window)]!++;

  it("has the published mean rate mu / (1 - n) = 5, within 5 standard errors", () => {
    const se = Math.sqrt((25 * 5) / (window * windows));
    expect(Math.abs(times.length / (window * windows) - HAWKES.rate)).toBeLessThan(5 * se);
  });

  it("has the Fano factor of windows of 500 s, 25 - 24 (1 - e^-100) / 100, within 5 standard errors, and so the published branching ratio", () => {
    // Var N(W) / E N(W) = k^2 + (1 - k^2)(1 - e^{-gW}) / (gW), k = 1 / (1 - n), g = b - a: the integral of Hawkes' covariance density.
    const g = (b - a) * window;
    const expected = HAWKES.fano + (1 - HAWKES.fano) * (-Math.expm1(-g) / g);
    const fano = fanoOf(counts);
    expect(Math.abs(fano / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / windows));
    expect(branchingFromFano(fano)).toBeCloseTo(HAWKES.branchingEstimate, 1);
    expect(branchingFromFano(HAWKES.fano)).toBeCloseTo(0.8, 12);
  });

  it("has unit-exponential compensator increments (time-change theorem): mean and variance 1, no autocorrelation", () => {
    let excited = 0;
    let last = 0;
    const gaps: number[] = [];
    for (const t of times.subarray(0, 60_000)) {
      const fall = Math.exp(-b * (t - last));
      gaps.push(mu * (t - last) + (a / b) * excited * (1 - fall));
      excited = excited * fall + 1;
      last = t;
    }
    const n = gaps.length;
    const mean = gaps.reduce((s, v) => s + v, 0) / n;
    const variance = gaps.reduce((s, v) => s + (v - mean) ** 2, 0) / n;
    let covariance = 0;
    for (let i = 1; i < n; i++) covariance += ((gaps[i]! - mean) * (gaps[i - 1]! - mean)) / n;
    expect(Math.abs(mean - 1)).toBeLessThan(5 / Math.sqrt(n));
    // The variance of a squared deviation of an exponential is 8.
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(8 / n));
    expect(Math.abs(covariance)).toBeLessThan(5 / Math.sqrt(n));
  });

  it("refuses a branching ratio of 1", () => {
    expect(() => simulateHawkes(1, 1, 1, 10, new Random(1, "x"))).toThrow(ContractError);
  });
});

describe("hawkesLogLikelihood", () => {
  const few = Float64Array.of(0.5, 0.9, 1, 3.25);

  it("is the sum of log intensities less the integral of the intensity", () => {
    let expected = 0;
    for (const t of few) expected += Math.log(hawkesIntensity(few, t, mu, a, b));
    // Midpoint rule on a grid that has the events on its nodes.
    const h = 1 / 4000;
    for (let i = 0; i < 16_000; i++) expected -= h * hawkesIntensity(few, (i + 0.5) * h, mu, a, b);
    expect(hawkesLogLikelihood(few, 4, mu, a, b)).toBeCloseTo(expected, 5);
  });

  it("is that of a Poisson process without excitation", () => {
    expect(hawkesLogLikelihood(few, 4, 2, 0, 1)).toBeCloseTo(4 * Math.log(2) - 8, 12);
  });

  it("is highest near the parameters that simulated the events", () => {
    const sample = times.subarray(0, 40_000);
    const horizon = sample.at(-1)!;
    const at = (m: number, x: number, y: number) => hawkesLogLikelihood(sample, horizon, m, x, y);
    const truth = at(mu, a, b);
    for (const [m, x, y] of [
      [1.3, a, b],
      [0.75, a, b],
      [mu, 0.7, b],
      [mu, 0.9, b],
      [mu, a, 1.2],
      [mu, a, 0.9],
      [5, 0, b],
    ] as const)
      expect(at(m, x, y)).toBeLessThan(truth);
  });
});
