import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  roundQuote,
  roundToLots,
  VENUE_SPECIFICATIONS,
  venueSpecification,
} from "../../../env/market/venue-specification.ts";

describe("roundToLots", () => {
  it("rounds to the nearest lot, and to nothing below the minimum", () => {
    const perpetual = { lot: 1e-4, minimum: 1e-3 };
    expect(roundToLots(0.12344, perpetual)).toBeCloseTo(0.1234, 12);
    expect(roundToLots(-0.12346, perpetual)).toBeCloseTo(-0.1235, 12);
    expect(roundToLots(0.00094, perpetual)).toBe(0);
    expect(roundToLots(0.001, perpetual)).toBe(0.001);
    expect(roundToLots(0.4, { lot: 1, minimum: 1 })).toBe(0);
    expect(roundToLots(0.37, { lot: 0, minimum: 0 })).toBe(0.37);
  });

  it("is its own fixed point and never off by more than half a lot, unless it refuses", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.constantFrom(1e-6, 1e-4, 0.1, 1), (x, lot) => {
        const specification = { lot, minimum: lot };
        const once = roundToLots(x, specification);
        expect(roundToLots(once, specification)).toBe(once);
        if (once !== 0) expect(Math.abs(once - x)).toBeLessThanOrEqual(lot / 2 + 1e-9);
        else expect(Math.abs(x)).toBeLessThan(lot);
      }),
      { seed: 20260404, numRuns: 500 },
    );
  });
});

describe("roundQuote", () => {
  it("rounds bids down and asks up, and leaves prices on the grid", () => {
    expect([roundQuote(100.3, 0.5, -1), roundQuote(100.3, 0.5, 1)]).toEqual([100, 100.5]);
    expect([roundQuote(100.5, 0.5, -1), roundQuote(100.5, 0.5, 1)]).toEqual([100.5, 100.5]);
    expect(roundQuote(100.3, 0, 1)).toBe(100.3);
    // 0.07 / 0.01 is 7.000000000000001 in float64: still on the grid.
    expect(roundQuote(0.07, 0.01, 1)).toBeCloseTo(0.07, 12);
  });
});

describe("Venue specifications", () => {
  it("have ids of their own, dates, and numbers that are possible", () => {
    expect(new Set(VENUE_SPECIFICATIONS.map((s) => s.id)).size).toBe(VENUE_SPECIFICATIONS.length);
    for (const s of VENUE_SPECIFICATIONS) {
      expect(s.validFrom).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(s.contractSize).toBeGreaterThan(0);
      for (const x of [s.lot, s.minimum, s.tick, s.takerFeeBps]) expect(x).toBeGreaterThanOrEqual(0);
    }
  });

  it("are found by id; a slip of the hand is answered with the nearest", () => {
    expect(venueSpecification("btc-perpetual", "x").tick).toBe(1);
    expect(() => venueSpecification("btc-perpetuel", "scenario.slots[0].specification")).toThrow(
      'Did you mean "btc-perpetual"?',
    );
  });
});
