import { describe, expect, it } from "vitest";
import { black76, black76Into, black76Price } from "../../../env/options/black-76.ts";
import { GREEK, GREEK_COUNT } from "../../../env/options/black-scholes.ts";
import { HAUG_BLACK_76 } from "../../golden/black-76.ts";

const greeks = (sign: number, f: number, k: number, r: number, v: number, t: number) => {
  const out = new Float64Array(GREEK_COUNT);
  black76Into(out, 0, sign, f, k, r, v, t);
  return out;
};

describe("Black-76", () => {
  it("gives Haug's published price, for call and put", () => {
    const { price, ...terms } = HAUG_BLACK_76;
    for (const type of ["call", "put"] as const) expect(black76({ type, ...terms }).price).toBeCloseTo(price, 4);
  });

  it("keeps put-call parity: C - P is the discounted distance of forward and strike", () => {
    for (const [f, k, r, v, t] of [
      [2500, 2000, 0, 0.8, 0.1],
      [2500, 4000, 0.07, 0.5, 1.5],
    ] as const)
      expect(black76Price(1, f, k, r, v, t) - black76Price(-1, f, k, r, v, t)).toBeCloseTo(
        Math.exp(-r * t) * (f - k),
        9,
      );
  });

  const CASES = [
    [1, 2500, 2600, 0, 0.7, 0.08],
    [-1, 2500, 2600, 0, 0.7, 0.08],
    [1, 100, 90, 0.06, 0.3, 0.9],
    [-1, 100, 115, 0.06, 0.3, 0.9],
  ] as const;

  it.each(CASES)("has Greeks that are the derivatives of its price (sign %d, F %d, K %d, r %d)", (s, f, k, r, v, t) => {
    const g = greeks(s, f, k, r, v, t);
    const p = (F: number, R: number, V: number, T: number) => black76Price(s, F, k, R, V, T);
    const h = 1e-4;
    const of = (name: keyof typeof GREEK) => g[GREEK[name]]!;
    const near = (found: number, expected: number) =>
      expect(Math.abs(found - expected)).toBeLessThan(1e-4 * Math.max(1e-6, Math.abs(expected)));
    near(of("delta"), (p(f * (1 + h), r, v, t) - p(f * (1 - h), r, v, t)) / (2 * f * h));
    near(of("gamma"), (p(f * (1 + h), r, v, t) - 2 * p(f, r, v, t) + p(f * (1 - h), r, v, t)) / (f * h) ** 2);
    near(of("vega"), (p(f, r, v + h, t) - p(f, r, v - h, t)) / (2 * h));
    near(of("theta"), -(p(f, r, v, t * (1 + h)) - p(f, r, v, t * (1 - h))) / (2 * t * h));
    near(of("rho"), (p(f, r + h, v, t) - p(f, r - h, v, t)) / (2 * h));
    near(
      of("vanna"),
      (greeks(s, f, k, r, v + h, t)[GREEK.delta]! - greeks(s, f, k, r, v - h, t)[GREEK.delta]!) / (2 * h),
    );
    near(
      of("volga"),
      (greeks(s, f, k, r, v + h, t)[GREEK.vega]! - greeks(s, f, k, r, v - h, t)[GREEK.vega]!) / (2 * h),
    );
  });

  it("refuses a forward that is not above 0 and an expired option, by name", () => {
    const terms = { type: "call", forward: 100, strike: 100, volatility: 0.2, years: 1 } as const;
    expect(() => black76({ ...terms, forward: 0 })).toThrow(/positive forward[\s\S]*where: forward/);
    expect(() => black76({ ...terms, years: -1 })).toThrow("expired");
  });
});
