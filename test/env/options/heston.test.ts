import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { price } from "../../../env/options/black-scholes.ts";
import { type HestonParameters, hestonPrice } from "../../../env/options/heston.ts";
import { impliedVolatilityOf } from "../../../env/options/implied-volatility.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { fortyDigits, lewis } from "../../golden/heston.ts";

const FILE = "../shared/data/vectors/heston_reference.json";
const there = existsSync(FILE);
if (!there) process.stdout.write(`skipped: the DAX surface needs ${FILE}\n`);

describe("published values", () => {
  it.each(lewis.rows)("reproduces Lewis's call and put at %d to 1e-12", (strike, call, put) => {
    const { spot, rate, dividendYield, years } = lewis.terms;
    const at = (sign: number) => hestonPrice(sign, spot, strike, rate, dividendYield, years, lewis.parameters);
    expect(Math.abs(at(1) - call)).toBeLessThan(1e-12);
    expect(Math.abs(at(-1) - put)).toBeLessThan(1e-12);
  });

  it("agrees with 40-digit arithmetic to 2e-13, at short, long, near, far, calm and wild terms", () => {
    for (const [spot, strike, rate, dividendYield, years, v0, kappa, theta, sigma, rho, want] of fortyDigits) {
      const got = hestonPrice(1, spot, strike, rate, dividendYield, years, { v0, kappa, theta, sigma, rho });
      expect(Math.abs(got - want), `strike ${strike}, ${years} years`).toBeLessThan(2e-13);
    }
  });
});

/** Strikes within five deviations of the spot. */
const markets = fc
  .record({
    deviations: fc.double({ min: -5, max: 5, noNaN: true }),
    rate: fc.double({ min: -0.05, max: 0.1, noNaN: true }),
    dividendYield: fc.double({ min: -0.05, max: 0.1, noNaN: true }),
    years: fc.double({ min: 0.002, max: 5, noNaN: true }),
    v0: fc.double({ min: 0.01, max: 1, noNaN: true }),
    kappa: fc.double({ min: 0.2, max: 10, noNaN: true }),
    theta: fc.double({ min: 0.01, max: 1, noNaN: true }),
    sigma: fc.double({ min: 0.05, max: 3, noNaN: true }),
    rho: fc.double({ min: -0.95, max: 0.95, noNaN: true }),
  })
  .map(({ deviations, ...m }) => {
    const mean = m.theta + ((m.v0 - m.theta) * -Math.expm1(-m.kappa * m.years)) / (m.kappa * m.years);
    return { ...m, strike: 100 * Math.exp(deviations * Math.sqrt(mean * m.years)) };
  });

describe("laws", () => {
  it("keeps put-call parity and the bounds of no arbitrage, falls in the strike and is convex in it", () => {
    fc.assert(
      fc.property(markets, ({ strike, rate, dividendYield, years, ...p }) => {
        const call = (k: number) => hestonPrice(1, 100, k, rate, dividendYield, years, p);
        const put = hestonPrice(-1, 100, strike, rate, dividendYield, years, p);
        const s = 100 * Math.exp(-dividendYield * years);
        const k = strike * Math.exp(-rate * years);
        expect(Math.abs(call(strike) - put - (s - k))).toBeLessThan(1e-12);
        expect(call(strike)).toBeGreaterThanOrEqual(Math.max(s - k, 0));
        expect(call(strike)).toBeLessThan(s);
        const h = 0.1;
        const [low, mid, high] = [call(strike - h), call(strike), call(strike + h)];
        expect(low - mid).toBeGreaterThan(-1e-12 - 1e-14 * strike);
        expect(low - 2 * mid + high).toBeGreaterThan(-4e-12 - 4e-14 * strike);
      }),
      { seed: 51, numRuns: 150 },
    );
  });

  it("is Black-Scholes without vol of vol, at the mean variance, and tends to it in proportion", () => {
    fc.assert(
      fc.property(markets, ({ strike, rate, dividendYield, years, ...p }) => {
        const mean = p.theta + ((p.v0 - p.theta) * -Math.expm1(-p.kappa * years)) / (p.kappa * years);
        const want = price(1, 100, strike, rate, dividendYield, Math.sqrt(mean), years);
        const at = (sigma: number) => hestonPrice(1, 100, strike, rate, dividendYield, years, { ...p, sigma }) - want;
        expect(Math.abs(at(0))).toBeLessThan(2e-12);
        // Linear in sigma, up to its square: a formula that divides by sigma² loses all digits here.
        expect(Math.abs(at(1e-5) - 10 * at(1e-6))).toBeLessThan(1e-8);
        expect(Math.abs(at(1e-9))).toBeLessThan(1e-6);
      }),
      { seed: 52, numRuns: 100 },
    );
  });

  it("is worth the discounted intrinsic value at expiry and without variance", () => {
    expect(hestonPrice(1, 110, 100, 0.05, 0, 0, lewis.parameters)).toBe(10);
    const still = { v0: 0, kappa: 1, theta: 0, sigma: 0, rho: 0 };
    expect(hestonPrice(-1, 100, 120, 0.05, 0, 1, still)).toBeCloseTo(120 * Math.exp(-0.05) - 100, 12);
  });

  it.each<[keyof HestonParameters, number]>([
    ["v0", -0.01],
    ["kappa", 0],
    ["theta", Number.NaN],
    ["sigma", -1],
    ["rho", -1],
  ])("refuses %s = %d, naming it", (field, value) => {
    const make = () => hestonPrice(1, 100, 100, 0, 0, 1, { ...lewis.parameters, [field]: value });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(expect.objectContaining({ which: field, value, fix: expect.any(String) }));
  });
});

/** A surface of implied volatilities by strike and maturity. */
interface Surface {
  readonly S: number;
  readonly t_days: readonly number[];
  readonly r: readonly number[];
  readonly strikes: readonly number[];
  readonly iv_rows_by_strike: readonly (readonly number[])[];
  readonly calibration_start: HestonParameters;
  readonly expected_sse_ivpoints2: number;
  readonly sse_tol: number;
}

/** Differences of implied volatilities, model less quote, in points (0.01), at parameters x = (log v0, log kappa, log theta, log sigma, atanh rho). */
function residuals(
  surface: Surface,
  years: readonly number[],
  rates: readonly number[],
  x: readonly number[],
): Float64Array {
  const [v0, kappa, theta, sigma] = x.slice(0, 4).map(Math.exp) as [number, number, number, number];
  const p = { v0, kappa, theta, sigma, rho: Math.tanh(x[4]!) };
  const out: number[] = [];
  for (const [i, strike] of surface.strikes.entries())
    for (const [j, t] of years.entries()) {
      const sign = strike > surface.S * Math.exp(rates[j]! * t) ? 1 : -1;
      const value = hestonPrice(sign, surface.S, strike, rates[j]!, 0, t, p);
      const model = impliedVolatilityOf(sign, value, surface.S, strike, rates[j]!, 0, t);
      out.push(100 * (model - surface.iv_rows_by_strike[i]![j]!));
    }
  return Float64Array.from(out);
}

const sum = (x: Float64Array) => x.reduce((s, v) => s + v * v, 0);

/** Solves the symmetric positive system m x = b by elimination. */
function solve(m: number[][], b: number[]): number[] {
  const a = m.map((row, i) => [...row, b[i]!]);
  for (let c = 0; c < b.length; c++)
    for (let r = 0; r < b.length; r++) {
      if (r === c) continue;
      const f = a[r]![c]! / a[c]![c]!;
      for (let k = c; k <= b.length; k++) a[r]![k]! -= f * a[c]![k]!;
    }
  return a.map((row, i) => row[b.length]! / row[i]!);
}

/** Least squares by Levenberg (1944) and Marquardt (1963), derivatives by differences. */
function leastSquares(f: (x: readonly number[]) => Float64Array, start: readonly number[]): { sse: number } {
  let x = [...start];
  let r = f(x);
  let damping = 1e-2;
  for (let iteration = 0; iteration < 60; iteration++) {
    const base = r;
    const jacobian = x.map((_, i) => {
      const shifted = f(x.map((v, j) => (j === i ? v + 1e-5 : v)));
      return shifted.map((v, k) => (v - base[k]!) / 1e-5);
    });
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, v, k) => s + v * b[k]!, 0);
    const normal = jacobian.map((a) => jacobian.map((b) => dot(a, b)));
    const gradient = jacobian.map((a) => -dot(a, base));
    const before = sum(base);
    for (let tries = 0; tries < 12; tries++) {
      const step = solve(
        normal.map((row, i) => row.map((v, j) => (i === j ? v * (1 + damping) : v))),
        gradient,
      );
      const trial = x.map((v, i) => v + Math.max(-1, Math.min(1, step[i]!)));
      const next = f(trial);
      if (sum(next) < before) {
        x = trial;
        r = next;
        damping /= 5;
        break;
      }
      damping *= 4;
    }
    if (before - sum(r) < 1e-7 * before) break;
  }
  return { sse: sum(r) };
}

describe.skipIf(!there)("the DAX surface of 5 July 2002 (Sepp's quotes, QuantLib's calibration test)", () => {
  const surface = (there ? JSON.parse(readFileSync(FILE, "utf8")).dax_20020705_sepp : undefined) as Surface;

  it("is fitted from the published start to the published sum of squared implied-volatility errors, in points squared", () => {
    // QuantLib rounds maturities to whole weeks and interpolates the zero rates linearly at them.
    const days = surface.t_days.map((t) => 7 * Math.trunc((t + 3) / 7));
    const rates = days.map((day) => {
      const grid = [0, ...surface.t_days];
      const values = [surface.r[0]!, ...surface.r];
      const k = Math.min(grid.length - 2, Math.max(0, grid.findIndex((t) => t >= day) - 1));
      return values[k]! + ((day - grid[k]!) / (grid[k + 1]! - grid[k]!)) * (values[k + 1]! - values[k]!);
    });
    const years = days.map((day) => day / 365);
    const s = surface.calibration_start;
    const start = [Math.log(s.v0), Math.log(s.kappa), Math.log(s.theta), Math.log(s.sigma), Math.atanh(s.rho)];
    const { sse } = leastSquares((y) => residuals(surface, years, rates, y), start);
    expect(Math.abs(sse - surface.expected_sse_ivpoints2)).toBeLessThan(surface.sse_tol);
  });
});
