import { describe, expect, it } from "vitest";
import { integralMoments, markovChain } from "../../../../env/market/price-models/markov-chain.ts";
import { matrixExponential } from "../../../../env/market/price-models/matrix-exponential.ts";
import { MeanVarianceTable } from "../../../../env/market/price-models/mean-variance-table.ts";
import type { RegimeSwitchingConfig } from "../../../../env/market/price-models/price-model.ts";
import { makePriceModel } from "../../../../env/market/price-models/price-model.ts";
import { RegimeSwitchingPrices } from "../../../../env/market/price-models/regime-switching.ts";
import { errorsAway, play } from "./play.ts";

const three: RegimeSwitchingConfig = {
  model: "regime-switching",
  drift: 0.2,
  regimes: [
    { name: "calm", volatility: 0.3, meanHours: 60, next: [0, 0.9, 0.1] },
    { name: "normal", volatility: 0.6, meanHours: 40, next: [0.6, 0, 0.4] },
    { name: "stress", volatility: 1.5, meanHours: 8, next: [0.2, 0.8, 0] },
  ],
};
/** Two regimes: everything has a closed form. Rates a year 8760/30 and 8760/10. */
const two: RegimeSwitchingConfig = {
  model: "regime-switching",
  drift: 0,
  regimes: [
    { name: "calm", volatility: 0.4, meanHours: 30 },
    { name: "wild", volatility: 1.2, meanHours: 10 },
  ],
};
const HOURS = 8760;

/** Share of paths in each regime after `hours`, by steps of `stepHours`. [regimes][N] of 0 and 1 */
function occupied(config: RegimeSwitchingConfig, stepHours: number, hours: number, paths: number): Float64Array[] {
  const model = new RegimeSwitchingPrices(config, 1, stepHours / HOURS, HOURS);
  const hits = config.regimes.map(() => new Float64Array(paths));
  for (let n = 0; n < paths; n++) {
    model.start(0, 4 * n + 1);
    for (let step = 0; step < hours / stepHours; step++) model.advance(0, 4 * n + 1, step);
    hits[model.regime[0]!]![n] = 1;
  }
  return hits;
}

describe("the chain", () => {
  it("has the long-run law that balances its flows", () => {
    const { stationary, generator } = markovChain(three.regimes, HOURS);
    for (let j = 0; j < 3; j++) {
      const flow = stationary.reduce((sum, p, i) => sum + p * generator[3 * i + j]!, 0);
      expect(Math.abs(flow)).toBeLessThan(1e-12 * HOURS);
    }
    expect(stationary.reduce((s, p) => s + p, 0)).toBeCloseTo(1, 14);
    expect([...markovChain(two.regimes, HOURS).stationary]).toEqual([
      expect.closeTo(0.75, 14),
      expect.closeTo(0.25, 14),
    ]);
  });

  it("has a matrix exponential that agrees with the two-state closed form over eight decades of time", () => {
    const { generator } = markovChain(two.regimes, HOURS);
    const rate = HOURS / 30 + HOURS / 10;
    for (const years of [1e-8, 1e-5, 1e-3, 0.1, 1]) {
      const e = matrixExponential(generator, 2, years);
      const left = 0.25 * -Math.expm1(-rate * years);
      expect(Math.abs(e[1]! - left)).toBeLessThan(1e-13 * Math.max(1, 1 / left) * left + 1e-14);
      expect(Math.abs(e[0]! - (1 - left))).toBeLessThan(1e-12);
    }
  });

  it("has an expected mean variance by table that agrees with the two-state closed form to 1e-7", () => {
    const chain = markovChain(two.regimes, HOURS);
    const table = new MeanVarianceTable(chain, Float64Array.of(0.16, 1.44));
    const rate = HOURS / 30 + HOURS / 10;
    const limit = 0.75 * 0.16 + 0.25 * 1.44;
    for (let e = -10; e <= 4; e += 0.037) {
      const years = 10 ** e;
      const weight = -Math.expm1(-rate * years) / (rate * years);
      for (const [i, v] of [0.16, 1.44].entries())
        expect(Math.abs(table.at(i, years) - (limit + (v - limit) * weight)), `10^${e} years`).toBeLessThan(1e-7);
    }
    expect(table.at(1, 0)).toBe(1.44);
  });

  it("has the two-state closed form's variance of time in a regime", () => {
    const chain = markovChain(two.regimes, HOURS);
    const { mean, variance } = integralMoments(chain, Float64Array.of(0, 1), 24 / HOURS);
    // By the midpoint rule: E[T] = ∫ P_i1(s) ds and E[T²] = 2 ∫∫ P_i1(s) P_11(u - s) du ds over s < u.
    const rate = 1 / 30 + 1 / 10;
    const into = (i: number, h: number) => 0.25 + (i === 1 ? 0.75 : -0.25) * Math.exp(-rate * h);
    const cells = 600;
    const h = 24 / cells;
    for (const i of [0, 1]) {
      let first = 0;
      let second = 0;
      for (let a = 0; a < cells; a++) {
        first += h * into(i, (a + 0.5) * h);
        second += h * h * into(i, (a + 0.5) * h) * into(1, 0.25 * h);
        for (let b = a + 1; b < cells; b++) second += 2 * h * h * into(i, (a + 0.5) * h) * into(1, (b - a) * h);
      }
      expect(mean[i]! * HOURS).toBeCloseTo(first, 3);
      expect(variance[i]! * HOURS * HOURS).toBeCloseTo(second - first * first, 2);
    }
  });
});

describe("regime-switching prices", () => {
  it.each([1 / 60, 1, 24])("are in each regime as the long-run law says, by steps of %d hours", (stepHours) => {
    const { stationary } = markovChain(three.regimes, HOURS);
    const hits = occupied(three, stepHours, stepHours < 1 ? 2 : 48, 6000);
    for (const [i, hit] of hits.entries()) expect(errorsAway(hit, stationary[i]!)).toBeLessThan(4);
  });

  it("leave a regime at its own times: what they know after a day is exp(Q t), by steps of 5 minutes or of a day", () => {
    for (const stepHours of [1 / 12, 4, 24]) {
      const model = new RegimeSwitchingPrices(three, 1, stepHours / HOURS, HOURS);
      const e = matrixExponential(markovChain(three.regimes, HOURS).generator, 3, 24 / HOURS);
      const from = [0, 1, 2].map(() => [0, 1, 2].map(() => [] as number[]));
      for (let n = 0; n < 4000; n++) {
        model.start(0, 4 * n + 1);
        const first = model.regime[0]!;
        for (let step = 0; step < 24 / stepHours; step++) model.advance(0, 4 * n + 1, step);
        for (const j of [0, 1, 2]) from[first]![j]!.push(model.regime[0] === j ? 1 : 0);
      }
      for (const i of [0, 1, 2])
        for (const j of [0, 1, 2]) expect(errorsAway(from[i]![j]!, e[3 * i + j]!), `${i} to ${j}`).toBeLessThan(4);
    }
  });

  it.each([
    ["minutes", 1 / 60, 200],
    ["days", 24, 40],
  ])("grow by the drift in the mean and realise the expected variance, by %s", (_, stepHours, steps) => {
    const dt = stepHours / HOURS;
    const model = makePriceModel(three, 1, dt);
    const { logPrice, returns } = play(model, 6000, steps, 31);
    expect(errorsAway(logPrice.map(Math.exp), Math.exp(0.2 * steps * dt))).toBeLessThan(4);
    const realised = Float64Array.from({ length: 6000 }, (_, n) =>
      returns.subarray(n * steps, (n + 1) * steps).reduce((sum, r) => sum + r * r, 0),
    );
    const drift = (0.2 * dt) ** 2 * steps;
    expect(errorsAway(realised, model.longRunVolatility ** 2 * steps * dt + drift)).toBeLessThan(4);
  });

  it.each([
    ["minutes", 1 / 60],
    ["days", 24],
  ])("have shocks of mean 0 and variance 1, by %s", (_, stepHours) => {
    const { shocks } = play(makePriceModel(three, 1, stepHours / HOURS), 1000, 60, 32);
    expect(errorsAway(shocks, 0)).toBeLessThan(4);
    expect(
      errorsAway(
        shocks.map((z) => z * z),
        1,
      ),
    ).toBeLessThan(4);
  });

  it("expect the mean variance that their paths then have, by regime at the start", () => {
    const model = new RegimeSwitchingPrices(three, 1, 1 / HOURS, HOURS);
    const means = [[], [], []] as number[][];
    const wants = [0, 0, 0];
    for (let n = 0; n < 8000; n++) {
      model.start(0, 4 * n + 1);
      const first = model.regime[0]!;
      wants[first] = model.expectedVolatility(0, 12 / HOURS) ** 2;
      let sum = 0;
      for (let step = 0; step < 12; step++) {
        model.advance(0, 4 * n + 1, step);
        sum += model.stepSd[0]! ** 2;
      }
      means[first]!.push((sum * HOURS) / 12);
    }
    for (const i of [0, 1, 2]) expect(errorsAway(means[i]!, wants[i]!), `regime ${i}`).toBeLessThan(4);
  });

  it("with one regime are geometric Brownian motion", () => {
    const one = makePriceModel(
      { model: "regime-switching", drift: 0.1, regimes: [{ name: "only", volatility: 0.5, meanHours: 1 }] },
      1,
      1 / 365,
    );
    const gbm = makePriceModel({ model: "gbm", drift: 0.1, volatility: 0.5 }, 1, 1 / 365);
    for (let step = 0; step < 50; step++) {
      expect(one.advance(0, 77, step)).toBeCloseTo(gbm.advance(0, 77, step), 15);
      expect(one.shock[0]).toBeCloseTo(gbm.shock[0]!, 12);
    }
    expect(one.expectedVolatility(0, 3)).toBeCloseTo(0.5, 12);
  });

  it("count hours in the scenario's own year", () => {
    const year = (days: number) => makePriceModel(two, 1, 1 / days, days);
    for (const model of [year(365), year(250)]) model.start(0, 5);
    // The same number of hours ahead, the same expectation.
    expect(year(250).expectedVolatility(0, 1 / 250)).toBeCloseTo(year(365).expectedVolatility(0, 1 / 365), 9);
  });
});
