import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { price } from "../../../env/options/black-scholes.ts";
import { impliedVolatility, impliedVolatilityOf, type PricedOption } from "../../../env/options/implied-volatility.ts";
import { logNormalisedBlack, logNormalisedVega } from "../../../env/options/normalised-black.ts";
import { ConfigError } from "../../../src/core/errors.ts";

const power = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true }).map((e) => 10 ** e);

/** b(x, s) for x <= 0 and s > 0. */
const normalisedBlack = (x: number, s: number) => Math.exp(logNormalisedBlack(x, s));

describe("the normalised Black value", () => {
  // mpmath 1.3 with 100 digits: mp.log(e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2)).
  it.each([
    [0, 1e-8, -19.339619277157038],
    [0, 0.2, -2.5300420015472385],
    [0, 4, -0.046567912292390164],
    [-1e-9, 0.0001, -10.12929143876744],
    [-1e-5, 0.0001, -10.257493686516165],
    [-0.01, 0.05, -4.1771116271641344],
    [-0.05, 0.01, -21.349483053153856],
    [-0.1, 0.1, -4.7884995252199648],
    [-0.3, 0.99, -1.3900446027771121],
    [-0.3, 1.01, -1.3633765468440662],
    [-1, 0.1, -57.856933724833952],
    [-1, 3, -0.73876399092712643],
    [-2, 0.05, -811.29461274124732],
    [-5, 8, -2.5006472645453013],
    [-10, 6, -5.1334462730275109],
    [-30, 8, -15.598553700470969],
    [-30, 1, -457.84937808230364],
  ])("has the logarithm of 100-digit arithmetic at x = %d, s = %d", (x, s, want) => {
    expect(Math.abs(logNormalisedBlack(x, s) - want)).toBeLessThan(4e-15 * Math.max(1, Math.abs(want)));
  });

  it("has the slope that it is given", () => {
    for (const [x, s] of [
      [-0.1, 0.3],
      [-1, 0.2],
      [-0.01, 2],
      [-3, 5],
    ] as const) {
      const h = 1e-5 * s;
      const slope = (normalisedBlack(x, s + h) - normalisedBlack(x, s - h)) / (2 * h);
      expect(slope / Math.exp(logNormalisedVega(x, s))).toBeCloseTo(1, 7);
    }
  });
});

describe("the round trip", () => {
  it("returns the volatility of an exact out-of-the-money value to 1e-10, wherever the value determines it", () => {
    let tried = 0;
    fc.assert(
      fc.property(power(-9, 1.6), power(-5, 1.3), fc.boolean(), (logMoneyness, total, call) => {
        const spot = Math.exp((call ? -0.5 : 0.5) * logMoneyness);
        const strike = 1 / spot;
        const x = -Math.abs(Math.log(spot / strike));
        const value = normalisedBlack(x, total) * Math.sqrt(spot) * Math.sqrt(strike);
        if (!(value > 1e-290)) return; // float64 holds no such price to full precision
        const vega = Math.exp(logNormalisedVega(x, total)) * Math.sqrt(spot) * Math.sqrt(strike);
        if ((4 * Number.EPSILON * value) / (vega * total) > 1e-10) return; // at its bound: the volatility is not in the price
        tried++;
        const got = impliedVolatilityOf(call ? 1 : -1, value, spot, strike, 0, 0, 1);
        expect(Math.abs(got / total - 1)).toBeLessThan(1e-10);
      }),
      { seed: 41, numRuns: 4000 },
    );
    expect(tried).toBeGreaterThan(1500);
  });

  it("inverts the pricing formula for calls and puts, in and out of the money, with rates", () => {
    let determined = 0;
    fc.assert(
      fc.property(
        fc.constantFrom("call" as const, "put" as const),
        power(-2, 5),
        fc.double({ min: -6, max: 6, noNaN: true }),
        power(-2, 0.7),
        power(-4, 1),
        fc.double({ min: -0.05, max: 0.15, noNaN: true }),
        fc.double({ min: -0.05, max: 0.15, noNaN: true }),
        (type, spot, deviations, volatility, years, rate, dividendYield) => {
          const total = volatility * Math.sqrt(years);
          const strike = spot * Math.exp((rate - dividendYield) * years + deviations * total);
          const sign = type === "call" ? 1 : -1;
          const value = price(sign, spot, strike, rate, dividendYield, volatility, years);
          const s = spot * Math.exp(-dividendYield * years);
          const k = strike * Math.exp(-rate * years);
          const x = -Math.abs(Math.log(s / k));
          const vega = Math.sqrt(s * k) * Math.exp(logNormalisedVega(x, total));
          // The formula itself rounds at the size of spot and strike, and its normal law is good to 2e-14.
          const slack = (2e-13 * normalTail(x, total) * Math.sqrt(s * k) + 8e-16 * (s + k)) / (vega * total);
          if (slack > 1e-2) return;
          determined++;
          const got = impliedVolatility({ type, price: value, spot, strike, rate, dividendYield, years });
          expect(got.path).toBe("solved");
          expect(Math.abs(got.volatility / volatility - 1)).toBeLessThan(1e-12 + slack);
        },
      ),
      { seed: 42, numRuns: 2000 },
    );
    expect(determined).toBeGreaterThan(1000);
  });

  it("reads 20% from Hull's twenty-week call", () => {
    const hull = { type: "call", spot: 49, strike: 50, rate: 0.05, dividendYield: 0, years: 20 / 52 } as const;
    expect(impliedVolatility({ ...hull, price: 2.4005273 }).volatility).toBeCloseTo(0.2, 8);
  });
});

/** The larger of the two terms whose difference the pricing formula takes, normalised. */
function normalTail(x: number, s: number): number {
  return Math.max(normalisedBlack(x, s), Math.exp(logNormalisedVega(x, s)));
}

describe("the edges", () => {
  const base = { type: "call", spot: 100, strike: 80, rate: 0.05, dividendYield: 0, years: 1 } as const;
  const intrinsic = 100 - 80 * Math.exp(-0.05);

  it("answers 0 for the intrinsic value, and for a time value that is only rounding", () => {
    expect(impliedVolatility({ ...base, price: intrinsic })).toEqual({
      volatility: 0,
      path: "intrinsic",
      uncertainty: 1,
    });
    expect(impliedVolatility({ ...base, price: intrinsic * (1 + 2e-16) }).path).toBe("intrinsic");
    expect(impliedVolatility({ ...base, price: intrinsic * (1 - 2e-16) }).path).toBe("intrinsic");
    expect(impliedVolatility({ ...base, strike: 120, price: 0 }).volatility).toBe(0);
  });

  it("solves a time value just above rounding, and says how little it is worth", () => {
    const near = impliedVolatility({ ...base, price: intrinsic + 1e-12 });
    expect(near.path).toBe("solved");
    expect(near.volatility).toBeGreaterThan(0.01);
    expect(near.volatility).toBeLessThan(0.1);
    expect(near.uncertainty).toBeGreaterThan(1e-5);
    const good = impliedVolatility({ ...base, price: intrinsic + 5 });
    expect(good.uncertainty).toBeLessThan(1e-15 * 10);
  });

  it("solves an out-of-the-money price down to the smallest floats", () => {
    const tiny = impliedVolatility({ ...base, strike: 200, price: 1e-300 });
    expect(tiny.volatility).toBeGreaterThan(0.01);
    expect(logNormalisedBlack(Math.log(100 / (200 * Math.exp(-0.05))), tiny.volatility)).toBeCloseTo(
      Math.log(1e-300 / Math.sqrt(100 * 200 * Math.exp(-0.05))),
      9,
    );
  });

  it.each<[Partial<PricedOption>, string, string]>([
    [{ price: intrinsic - 0.01 }, "price", "The price is below the discounted intrinsic value."],
    [{ price: -1, strike: 150 }, "price", "The price is below the discounted intrinsic value."],
    [{ price: 100 }, "price", "The price reaches the discounted spot: no volatility is large enough."],
    [{ type: "put", price: 90 }, "price", "The price reaches the discounted strike: no volatility is large enough."],
    [{ price: Number.NaN }, "price", "The price is not a number."],
    [{ price: 30, years: 0 }, "years", "An option at expiry has no implied volatility."],
    [{ price: 30, years: -1 }, "years", "The option has expired."],
    [{ price: 30, spot: -3 }, "spot", "An option needs a positive spot."],
  ])("refuses %o naming the field %s", (change, which, short) => {
    const call = () => impliedVolatility({ ...base, price: 25, ...change });
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(expect.objectContaining({ which, short, fix: expect.any(String) }));
  });

  it("returns NaN without throwing from the unchecked solver", () => {
    expect(impliedVolatilityOf(1, 101, 100, 80, 0, 0, 1)).toBeNaN();
    expect(impliedVolatilityOf(1, 10, 100, 80, 0, 0, 1)).toBeNaN();
    expect(impliedVolatilityOf(1, 25, 100, 80, 0, 0, 0)).toBeNaN();
    expect(impliedVolatilityOf(1, Number.NaN, 100, 80, 0, 0, 1)).toBeNaN();
  });
});
