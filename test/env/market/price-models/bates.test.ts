import { describe, expect, it } from "vitest";
import { type BatesConfig, makePriceModel } from "../../../../env/market/price-models/price-model.ts";
import { price } from "../../../../env/options/black-scholes.ts";
import { errorsAway, play } from "./play.ts";

const bates: BatesConfig = {
  model: "bates",
  drift: 0.2,
  initialVolatility: 0.5,
  longRunVolatility: 0.6,
  reversionPerYear: 5,
  volOfVol: 1.5,
  correlation: -0.3,
  jumpsPerYear: 40,
  jumpMean: -0.03,
  jumpSd: 0.08,
};
/** Constant variance: Merton's (1976) jump diffusion, which has a closed form. */
const merton: BatesConfig = { ...bates, drift: 0, initialVolatility: 0.6, volOfVol: 0 };

describe("Bates prices", () => {
  it.each([
    ["an hour", 1 / 8760, 100],
    ["a day", 1 / 365, 60],
    ["a month, with three jumps each", 1 / 12, 6],
  ])("grow by the drift in the mean, jumps compensated: %s", (_, dt, steps) => {
    const { logPrice } = play(makePriceModel(bates, 1, dt), 12_000, steps, 21);
    expect(errorsAway(logPrice.map(Math.exp), Math.exp(0.2 * steps * dt))).toBeLessThan(4);
  });

  it.each([
    ["days", 365, 30],
    ["a single step", 12, 1],
  ])(
    "without vol of vol price options like Merton's (1976) series within 3 standard errors, by %s",
    (_, perYear, steps) => {
      const years = steps / perYear;
      const { logPrice } = play(makePriceModel(merton, 1, 1 / perYear), 40_000, steps, 22);
      const { jumpsPerYear: l, jumpMean: m, jumpSd: s } = merton;
      const growth = Math.expm1(m + 0.5 * s * s);
      for (const strike of [70, 100, 130]) {
        const sign = strike < 100 ? -1 : 1;
        let want = 0;
        let chance = Math.exp(-l * years);
        for (let n = 0; n < 60; n++) {
          const spot = 100 * Math.exp(-l * growth * years + n * (m + 0.5 * s * s));
          want += chance * price(sign, spot, strike, 0, 0, Math.sqrt(0.36 + (n * s * s) / years), years);
          chance *= (l * years) / (n + 1);
        }
        const payoff = logPrice.map((x) => Math.max(sign * (100 * Math.exp(x) - strike), 0));
        expect(errorsAway(payoff, want), `strike ${strike}, series ${want}`).toBeLessThan(3);
      }
    },
  );

  it("have shocks of mean 0 and variance 1, jumps included, with fat tails by hours", () => {
    const { shocks } = play(makePriceModel(bates, 1, 1 / 8760), 400, 1000, 23);
    expect(errorsAway(shocks, 0)).toBeLessThan(4);
    expect(
      errorsAway(
        shocks.map((z) => z * z),
        1,
      ),
    ).toBeLessThan(4);
    const fourth = shocks.reduce((sum, z) => sum + z ** 4, 0) / shocks.length;
    expect(fourth).toBeGreaterThan(20);
  });

  it("jump as often as asked", () => {
    const { returns } = play(makePriceModel({ ...bates, jumpMean: -1, jumpSd: 0 }, 1, 1 / 365), 1000, 100, 24);
    const jumped = returns.map((r) => (r < -0.5 ? 1 : 0));
    expect(errorsAway(jumped, -Math.expm1(-40 / 365))).toBeLessThan(4);
  });

  it("expect the variance of jumps too, and leave it out of the step's own sd", () => {
    const model = makePriceModel(bates, 1, 1 / 365);
    model.start(0, 1);
    const jumps = 40 * (0.03 ** 2 + 0.08 ** 2);
    expect(model.expectedVolatility(0, 0)).toBeCloseTo(Math.sqrt(0.25 + jumps), 12);
    expect(model.longRunVolatility).toBeCloseTo(Math.sqrt(0.36 + jumps), 12);
    expect(model.stepSd[0]).toBeCloseTo(0.5 / Math.sqrt(365), 12);
    const { returns } = play(makePriceModel({ ...bates, drift: 0 }, 1, 1 / 8760), 4000, 240, 25);
    const years = 240 / 8760;
    const realised = Float64Array.from({ length: 4000 }, (_, n) =>
      returns.subarray(n * 240, (n + 1) * 240).reduce((sum, r) => sum + r * r, 0),
    );
    expect(errorsAway(realised, model.expectedVolatility(0, years) ** 2 * years)).toBeLessThan(4);
  });

  it("are Heston's where nothing jumps", () => {
    const { jumpsPerYear: _l, jumpMean: _m, jumpSd: _s, ...rest } = bates;
    const heston = play(makePriceModel({ ...rest, model: "heston" }, 1, 1 / 365), 20, 20, 26);
    const still = play(makePriceModel({ ...bates, jumpsPerYear: 0 }, 1, 1 / 365), 20, 20, 26);
    expect(still.returns).toEqual(heston.returns);
  });
});
