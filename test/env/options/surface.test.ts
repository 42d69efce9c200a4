import { describe, expect, it } from "vitest";
import { surfaceOfSnapshot, VolatilitySurface } from "../../../env/options/surface.ts";
import { surfaceViolations } from "../../../env/options/surface-arbitrage.ts";
import { chainOf, chainRow, expiryOn } from "../../support/synthetic-chain.ts";

const near = { years: 0.1, forward: 100, strikes: [80, 100, 125], volatilities: [0.8, 0.6, 0.7] };
const far = { years: 0.4, forward: 110, strikes: [88, 110, 137.5], volatilities: [0.7, 0.5, 0.6] };

describe("A volatility surface", () => {
  const surface = new VolatilitySurface([far, near]);

  it("returns the quotes themselves at listed strikes and expiries", () => {
    for (const { years, forward, strikes, volatilities } of [near, far])
      for (const [i, strike] of strikes.entries())
        expect(surface.volatilityAt(Math.log(strike / forward), years)).toBeCloseTo(volatilities[i]!, 12);
  });

  it("is linear in total variance over log-moneyness and over time at the same log-moneyness", () => {
    const k = Math.log(1.25) / 2;
    const w = (0.6 ** 2 * 0.1 + 0.7 ** 2 * 0.1) / 2;
    expect(surface.totalVarianceAt(k, 0.1)).toBeCloseTo(w, 12);
    expect(surface.volatilityAt(k, 0.1)).toBeCloseTo(Math.sqrt(w / 0.1), 12);
    expect(surface.totalVarianceAt(0, 0.2)).toBeCloseTo((2 * 0.6 ** 2 * 0.1 + 0.5 ** 2 * 0.4) / 3, 12);
  });

  it("holds volatility beyond the last strikes, before the first expiry and after the last", () => {
    expect(surface.volatilityAt(-2, 0.1)).toBeCloseTo(0.8, 12);
    expect(surface.volatilityAt(2, 0.4)).toBeCloseTo(0.6, 12);
    expect(surface.volatilityAt(0, 0.01)).toBeCloseTo(0.6, 12);
    expect(surface.volatilityAt(0, 3)).toBeCloseTo(0.5, 12);
    expect(surface.volatilityAt(0, 0)).toBeNaN();
  });

  it("refuses quotes that cannot be, naming them", () => {
    expect(() => new VolatilitySurface([])).toThrow("at least one quote");
    expect(() => new VolatilitySurface([near, near])).toThrow("An expiry stands twice");
    expect(() => new VolatilitySurface([{ ...near, volatilities: [0.8, 0, 0.7] }])).toThrow("surface.volatility");
    expect(() => new VolatilitySurface([{ ...near, strikes: [80, 80, 125] }])).toThrow("A strike stands twice");
    expect(() => new VolatilitySurface([{ ...near, years: 0 }])).toThrow("not in the future");
  });
});

describe("The surface of a snapshot", () => {
  it("takes the out-of-the-money option's volatility, and the other's where it has none", () => {
    const time = Date.UTC(2026, 0, 10) / 1000;
    const quote = { time, expiry: expiryOn(1, 30), forward: 3000 };
    const rows = [
      chainRow({ ...quote, strike: 2800, side: "C", volatility: 0.91 }),
      chainRow({ ...quote, strike: 2800, side: "P", volatility: 0.9 }),
      chainRow({ ...quote, strike: 3200, side: "P", volatility: 0.81 }),
      chainRow({ ...quote, strike: 3200, side: "C", volatility: 0.8 }),
      chainRow({ ...quote, strike: 3400, side: "P", volatility: 0.85 }),
    ];
    const surface = surfaceOfSnapshot(chainOf(rows), 0);
    const years = (quote.expiry.seconds - time) / (365 * 86_400);
    const at = (strike: number) => surface.volatilityAt(Math.log(strike / 3000), years);
    expect([2800, 3200, 3400].map((k) => at(k).toFixed(9))).toEqual(["0.900000000", "0.800000000", "0.850000000"]);
  });
});

describe("Arbitrage checks", () => {
  const flat = (years: number, volatility: number, forward = 100) => {
    const strikes = [70, 80, 90, 100, 110, 120, 130].map((k) => (k * forward) / 100);
    return { years, forward, strikes, volatilities: strikes.map(() => volatility) };
  };

  it("find nothing on a flat surface", () => {
    expect(surfaceViolations(new VolatilitySurface([flat(0.1, 0.5), flat(0.5, 0.5, 104)]))).toEqual([]);
  });

  it("name a fall of total variance with time: the strikes and by how much", () => {
    const found = surfaceViolations(new VolatilitySurface([flat(0.25, 0.8), flat(0.3, 0.7)]));
    expect(found.every((v) => v.kind === "calendar" && v.years === 0.3)).toBe(true);
    expect(found.length).toBeGreaterThanOrEqual(7);
    expect(found[0]!.size).toBeCloseTo(0.25 * 0.64 - 0.3 * 0.49, 12);
    expect(found.map((v) => Math.round(v.strikes[0]!))).toContain(100);
  });

  it("name a butterfly that pays to hold: its three strikes and what it earns", () => {
    const smile = flat(0.25, 0.5);
    const bump = { ...smile, volatilities: smile.volatilities.map((v, i) => (i === 3 ? 0.6 : v)) };
    const [first, ...rest] = surfaceViolations(new VolatilitySurface([bump]));
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ kind: "butterfly", years: 0.25, strikes: [90, 100, 110] });
    // The middle call is too dear by its vega times 0.1: half of that over the wings, less the butterfly's fair value.
    expect(first!.size).toBeGreaterThan(0.005);
    expect(first!.size).toBeLessThan(0.02);
    expect(surfaceViolations(new VolatilitySurface([bump]), { price: 0.05 })).toEqual([]);
  });

  it("name a vertical spread of negative price", () => {
    const smile = { years: 0.25, forward: 100, strikes: [100, 105], volatilities: [0.5, 0.7] };
    const found = surfaceViolations(new VolatilitySurface([smile]));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind: "vertical", strikes: [100, 105] });
  });
});
