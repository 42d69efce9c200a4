import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  lelandVolatility,
  nearestInBand,
  whalleyWilmottHalfWidth,
  zakamoulineHalfWidth,
  zakamoulineVolatility,
} from "../../../env/options/bands.ts";
import { delta, GREEK, GREEK_COUNT, greeksInto } from "../../../env/options/black-scholes.ts";
import { pfhedge, wwHalfWidth, zakamoulineHalfWidthValue } from "../../golden/bands.ts";

const positive = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true });

describe("Whalley-Wilmott", () => {
  it("reproduces the golden half-width", () => {
    expect(whalleyWilmottHalfWidth(5000, 0.02, 5e-4, 1, 0, 0.25)).toBeCloseTo(wwHalfWidth, 7);
  });

  it("reproduces pfhedge's hedges with and without costs", () => {
    const g = new Float64Array(GREEK_COUNT);
    for (const [costRate, want] of [
      [1e-5, pfhedge.withCost],
      [0, pfhedge.withoutCost],
    ] as const)
      pfhedge.logMoneyness.forEach((m, i) => {
        const spot = Math.exp(m);
        greeksInto(g, 0, 1, spot, 1, 0, 0, 0.2, 0.1);
        const half = whalleyWilmottHalfWidth(spot, g[GREEK.gamma]!, costRate, 1, 0, 0.1);
        expect(Math.abs(nearestInBand(0.5, g[GREEK.delta]!, half) - want[i]!)).toBeLessThan(5.1e-5);
      });
  });

  it("grows as the cube root of cost, two thirds of gamma, and falls as the cube root of risk aversion", () => {
    fc.assert(
      fc.property(positive(1, 1e5), positive(1e-6, 1), positive(1e-6, 0.05), positive(1e-4, 100), (s, gamma, c, a) => {
        const h = whalleyWilmottHalfWidth(s, gamma, c, a, 0.02, 0.5);
        expect(whalleyWilmottHalfWidth(s, gamma, 8 * c, a, 0.02, 0.5) / h).toBeCloseTo(2, 12);
        expect(whalleyWilmottHalfWidth(s, -8 * gamma, c, a, 0.02, 0.5) / h).toBeCloseTo(4, 12);
        expect(whalleyWilmottHalfWidth(s, gamma, c, 8 * a, 0.02, 0.5) / h).toBeCloseTo(0.5, 12);
      }),
      { seed: 51 },
    );
    expect(whalleyWilmottHalfWidth(100, 0.02, 0, 1, 0, 1)).toBe(0);
    expect(whalleyWilmottHalfWidth(100, 0, 0.01, 1, 0, 1)).toBe(0);
  });
});

describe("Zakamouline", () => {
  it("reproduces the golden half-width", () => {
    expect(zakamoulineHalfWidth(5000, 0.02, 0.2, 5e-4, 1, 0, 0.25)).toBeCloseTo(zakamoulineHalfWidthValue, 7);
    expect(zakamoulineHalfWidth(5000, -0.02, 0.2, 5e-4, 1, 0, 0.25)).toBeCloseTo(zakamoulineHalfWidthValue, 7);
  });

  it("keeps a band without gamma, which is what ends trading in a dead option", () => {
    expect(zakamoulineHalfWidth(100, 0, 0.2, 0.01, 1, 0, 0.5)).toBeCloseTo(0.01 / (100 * 0.04 * 0.5), 14);
  });

  it("splits into a part linear in cost and a part that grows as cost^0.31", () => {
    const part = (c: number) =>
      zakamoulineHalfWidth(100, 0.05, 0.2, c, 1, 0, 0.5) - zakamoulineHalfWidth(100, 0, 0.2, c, 1, 0, 0.5);
    expect(Math.log2(part(2e-3) / part(1e-3))).toBeCloseTo(0.31, 10);
  });

  it("raises the volatility of a short book and lowers that of a long one by the same variance", () => {
    const at = (gamma: number) => (zakamoulineVolatility(100, gamma, 0.2, 1e-3, 0.1, 0.01, 0.25) / 0.2) ** 2 - 1;
    expect(at(-0.02)).toBeGreaterThan(0);
    expect(at(0.02)).toBeCloseTo(-at(-0.02), 12);
    expect(at(0)).toBe(0);
    // 4.76 * 0.001^0.78 * 0.25^-0.02 * (e^-0.0025/0.2)^0.25 * (0.1 * 100^2 * 0.02)^0.15, by hand.
    expect(at(-0.02)).toBeCloseTo(4.76 * 0.0045708819 * 1.0281138 * 1.4944143 * 1.5673085, 5);
  });

  it("holds the variance factor at 5% where K passes 1", () => {
    // Cost 1%, risk aversion 18, one day: K = 1.13.
    const g = new Float64Array(GREEK_COUNT);
    greeksInto(g, 0, 1, 100, 100, 0, 0, 0.2, 1 / 250);
    const short = zakamoulineVolatility(100, -g[GREEK.gamma]!, 0.2, 0.01, 18, 0, 1 / 250);
    expect((short / 0.2) ** 2 - 1).toBeCloseTo(1.13, 2);
    expect(zakamoulineVolatility(100, g[GREEK.gamma]!, 0.2, 0.01, 18, 0, 1 / 250)).toBeCloseTo(
      0.2 * Math.sqrt(0.05),
      14,
    );
  });
});

describe("Leland", () => {
  it("uses the one-way cost: the round trip of twice that cost gives the textbook's sqrt(2/pi) form", () => {
    const roundTrip = 0.02;
    const dt = 1 / 250;
    const textbook = 0.2 * Math.sqrt(1 + (Math.sqrt(2 / Math.PI) * roundTrip) / (0.2 * Math.sqrt(dt)));
    expect(lelandVolatility(-1, 0.2, roundTrip / 2, dt)).toBeCloseTo(textbook, 14);
    expect(lelandVolatility(-1, 0.2, roundTrip, dt)).toBeGreaterThan(textbook * 1.2);
  });

  it("lowers a long book's variance as much as it raises a short one's, down to 5%", () => {
    const up = lelandVolatility(-1, 0.2, 1e-3, 1 / 50) ** 2 - 0.04;
    const down = 0.04 - lelandVolatility(1, 0.2, 1e-3, 1 / 50) ** 2;
    expect(down).toBeCloseTo(up, 14);
    expect(lelandVolatility(1, 0.2, 0.05, 1 / 250)).toBeCloseTo(0.2 * Math.sqrt(0.05), 14);
    expect(lelandVolatility(0, 0.2, 0.05, 1 / 250)).toBe(0.2);
    expect(lelandVolatility(-1, 0.2, 0, 1 / 250)).toBe(0.2);
  });

  it("flattens a short call's delta", () => {
    const v = lelandVolatility(-1, 0.2, 0.01, 1 / 250);
    expect(delta(1, 90, 100, 0, 0, v, 0.08)).toBeGreaterThan(delta(1, 90, 100, 0, 0, 0.2, 0.08));
    expect(delta(1, 115, 100, 0, 0, v, 0.08)).toBeLessThan(delta(1, 115, 100, 0, 0, 0.2, 0.08));
  });
});

describe("all of them", () => {
  it("are finite at expiry, in a still market and without gamma", () => {
    for (const years of [-1, 0, 1e-12])
      for (const volatility of [0, 1e-9, 0.5])
        for (const gamma of [-0.1, 0, 0.1]) {
          const values = [
            whalleyWilmottHalfWidth(100, gamma, 0.01, 1, 0.05, years),
            zakamoulineHalfWidth(100, gamma, volatility, 0.01, 1, 0.05, years),
            zakamoulineVolatility(100, gamma, volatility, 0.01, 1, 0.05, years),
            lelandVolatility(gamma, volatility, 0.01, years),
          ];
          for (const value of values) expect(Number.isFinite(value) && value >= 0, values.join()).toBe(true);
        }
  });

  it("are traded to the nearest edge, and not at all inside", () => {
    expect(nearestInBand(0.5, 0.6, 0.2)).toBe(0.5);
    expect(nearestInBand(0.1, 0.6, 0.2)).toBeCloseTo(0.4, 15);
    expect(nearestInBand(0.9, 0.6, 0.2)).toBeCloseTo(0.8, 15);
  });
});
