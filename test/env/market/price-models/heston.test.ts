import { describe, expect, it } from "vitest";
import { type HestonConfig, makePriceModel } from "../../../../env/market/price-models/price-model.ts";
import { hestonPrice } from "../../../../env/options/heston.ts";
import { errorsAway, meanAndError, play } from "./play.ts";

// Statistical bounds are 4 standard errors on literal seeds (false alarm 6e-5 each), option prices 3.
const crypto: HestonConfig = {
  model: "heston",
  drift: 0.3,
  initialVolatility: 0.5,
  longRunVolatility: 0.7,
  reversionPerYear: 6,
  volOfVol: 2,
  correlation: -0.4,
};
/** The parameters of Lewis's table: the variance reaches 0, so both branches of the scheme are taken. */
const lewis: HestonConfig = {
  model: "heston",
  drift: 0,
  initialVolatility: 0.2,
  longRunVolatility: 0.5,
  reversionPerYear: 4,
  volOfVol: 1,
  correlation: -0.5,
};

describe("Heston prices", () => {
  it.each([
    ["a minute", 1 / 525_600, 60],
    ["an hour", 1 / 8760, 48],
    ["a day", 1 / 365, 60],
    ["a month", 1 / 12, 12],
  ])("grow by the drift in the mean, whatever the step: %s", (_, dt, steps) => {
    const { logPrice } = play(makePriceModel(crypto, 1, dt), 8000, steps, 3);
    expect(errorsAway(logPrice.map(Math.exp), Math.exp(0.3 * steps * dt))).toBeLessThan(4);
  });

  it("grow by the drift with a positive correlation, and at correlation 1 and -1", () => {
    for (const correlation of [0.6, 1, -1]) {
      const { logPrice } = play(makePriceModel({ ...crypto, correlation }, 1, 1 / 365), 8000, 60, 4);
      expect(errorsAway(logPrice.map(Math.exp), Math.exp((0.3 * 60) / 365)), String(correlation)).toBeLessThan(4);
    }
  });

  it("have a variance with the closed-form mean, variance and autocovariance, by steps of a day", () => {
    const dt = 1 / 365;
    const { variance } = play(makePriceModel(crypto, 1, dt), 12_000, 90, 5);
    const [theta, v0, k, xi] = [0.49, 0.25, 6, 2];
    const mean = (t: number) => theta + (v0 - theta) * Math.exp(-k * t);
    const spread = (t: number) => {
      const e = Math.exp(-k * t);
      return (v0 * xi * xi * e * (1 - e)) / k + (theta * xi * xi * (1 - e) ** 2) / (2 * k);
    };
    for (const step of [10, 40, 90]) {
      const t = step * dt;
      const at = variance[step - 1]!;
      expect(errorsAway(at, mean(t))).toBeLessThan(4);
      expect(
        errorsAway(
          at.map((v) => (v - mean(t)) ** 2),
          spread(t),
        ),
      ).toBeLessThan(4);
    }
    // Cov(v_s, v_t) = Var(v_s) exp(-k (t - s)).
    const products = variance[39]!.map((v, i) => (v - mean(40 * dt)) * (variance[89]![i]! - mean(90 * dt)));
    expect(errorsAway(products, spread(40 * dt) * Math.exp(-k * 50 * dt))).toBeLessThan(4);
  });

  it.each([
    ["Lewis's, by twelve steps a year", lewis, 12, 12, 60_000],
    ["Lewis's, by days", lewis, 365, 365, 4000],
    ["a coin's, thirty days by days", { ...crypto, drift: 0 }, 30, 365, 30_000],
    ["a coin's, thirty days by six hours", { ...crypto, drift: 0 }, 120, 4 * 365, 10_000],
  ] as const)("price options like the closed form within 3 standard errors: %s", (_, config, steps, perYear, paths) => {
    const { logPrice } = play(makePriceModel(config, 1, 1 / perYear), paths, steps, 6);
    const parameters = {
      v0: config.initialVolatility ** 2,
      kappa: config.reversionPerYear,
      theta: config.longRunVolatility ** 2,
      sigma: config.volOfVol,
      rho: config.correlation,
    };
    for (const strike of [80, 100, 120]) {
      const sign = strike < 100 ? -1 : 1;
      const payoff = logPrice.map((x) => Math.max(sign * (100 * Math.exp(x) - strike), 0));
      const want = hestonPrice(sign, 100, strike, 0, 0, steps / perYear, parameters);
      expect(errorsAway(payoff, want), `strike ${strike}, closed form ${want}`).toBeLessThan(3);
    }
  });

  it("have shocks of mean 0 and variance 1 that no shock before foretells, in both branches", () => {
    for (const config of [crypto, lewis]) {
      const steps = 50;
      const { shocks } = play(makePriceModel(config, 1, 1 / 52), 2000, steps, 7);
      expect(errorsAway(shocks, 0)).toBeLessThan(4);
      expect(
        errorsAway(
          shocks.map((z) => z * z),
          1,
        ),
      ).toBeLessThan(4);
      expect(
        errorsAway(
          shocks.slice(1).map((z, i) => z * shocks[i]!),
          0,
        ),
      ).toBeLessThan(4);
    }
  });

  it("tell the sd of a step's return given the variance's path: without leverage the return over it is standard normal", () => {
    const model = makePriceModel({ ...crypto, correlation: 0, drift: 0 }, 1, 1 / 365);
    const squares: number[] = [];
    for (let key = 0; key < 300; key++) {
      model.start(0, key);
      for (let step = 0; step < 50; step++) {
        const r = model.advance(0, key, step);
        squares.push(((r + 0.5 * model.stepSd[0]! ** 2) / model.stepSd[0]!) ** 2);
      }
    }
    expect(errorsAway(squares, 1)).toBeLessThan(4);
  });

  it("expect the mean variance that their paths then have, from a calm and from a wild state", () => {
    for (const initialVolatility of [0.2, 1.5]) {
      const steps = 120;
      const model = makePriceModel({ ...crypto, initialVolatility }, 1, 0.25 / 365);
      model.start(0, 1);
      const want = model.expectedVolatility(0, steps * (0.25 / 365)) ** 2;
      expect(model.expectedVolatility(0, 0)).toBeCloseTo(initialVolatility, 12);
      expect(model.expectedVolatility(0, 1e6)).toBeCloseTo(model.longRunVolatility, 6);
      const { variance } = play(model, 4000, steps, 8);
      const means = variance[0]!.map((_, n) => {
        const inner = variance.slice(0, -1).reduce((s, v) => s + v[n]!, 0);
        return (0.5 * initialVolatility ** 2 + inner + 0.5 * variance[steps - 1]![n]!) / steps;
      });
      const { mean, error } = meanAndError(means);
      // The trapezoid of a curve that decays by k dt a step is off by (k dt)²/12 of its fall: 1e-6 here.
      expect(Math.abs(mean - want)).toBeLessThan(4 * error + 1e-5);
    }
  });

  it("run along the deterministic variance without vol of vol", () => {
    const model = makePriceModel({ ...crypto, volOfVol: 0 }, 1, 1 / 12);
    const { variance } = play(model, 3, 12, 9);
    for (const [i, v] of variance.entries())
      for (const x of v) expect(x).toBeCloseTo(0.49 - 0.24 * Math.exp((-6 * (i + 1)) / 12), 12);
  });

  it("never go below a variance of 0, and touch it in Lewis's market", () => {
    const { variance } = play(makePriceModel(lewis, 1, 1 / 52), 200, 52, 10);
    const all = variance.flatMap((v) => [...v]);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
    const { variance: calm } = play(makePriceModel({ ...lewis, longRunVolatility: 0.1 }, 1, 1 / 52), 200, 52, 10);
    expect(calm.flatMap((v) => [...v]).some((v) => v === 0)).toBe(true);
    expect(all.every(Number.isFinite)).toBe(true);
  });
});
