import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GREEK_COUNT, greeksInto } from "../../../env/options/black-scholes.ts";
import { bookKernel } from "../../../env/options/book-kernel.ts";
import { likeness, makeBookValues, type OptionRows, OptionValues } from "../../../env/options/option-values.ts";

const SECONDS_PER_YEAR = 365 * 86400;

// Few values of each, so that legs often share strike, expiry or both; some are expired, still or far from the money.
const leg = fc.record({
  sign: fc.constantFrom(1, -1),
  strike: fc.constantFrom(1, 80, 95, 100, 100.1, 130, 1e6),
  secondsLeft: fc.constantFrom(-60, 0, 300, 86400, 30 * 86400),
  volatility: fc.constantFrom(0, 0.2, 0.65, 3),
  quantity: fc.constantFrom(-50, 0, 2),
});
const market = fc.record({
  spot: fc.double({ min: 60, max: 140, noNaN: true }),
  rate: fc.constantFrom(0, 0.05),
  dividendYield: fc.constantFrom(0, 0.02),
});

/** Options as struct of arrays. */
function rowsOf(options: readonly Record<keyof OptionRows, number>[]): OptionRows {
  const column = (name: keyof OptionRows) => Float64Array.from(options, (o) => o[name]);
  return {
    sign: column("sign"),
    strike: column("strike"),
    secondsLeft: column("secondsLeft"),
    volatility: column("volatility"),
    quantity: column("quantity"),
  };
}

describe("a book of options valued together", () => {
  it("is to the last bit what each option is by itself, whatever is hinted", () => {
    fc.assert(
      fc.property(
        fc.array(leg, { minLength: 1, maxLength: 16 }),
        fc.integer({ min: 0, max: 2 }),
        market,
        fc.infiniteStream(fc.integer({ min: -1, max: 15 })),
        fc.constantFrom("true", "none", "any"),
        (legs, b, { spot, rate, dividendYield }, guesses, hints) => {
          const any = () => legs.map((_, i) => Math.min(guesses.next().value as number, i - 1));
          const right = likeness(
            legs,
            (o) => o.strike,
            (o) => o.secondsLeft,
          );
          const alike = hints === "true" ? right : hints === "any" ? { terms: any(), strike: any() } : undefined;
          const values = new OptionValues(legs.length, rate, dividendYield, SECONDS_PER_YEAR, alike);
          const rows = rowsOf([...legs, ...legs, ...legs]);
          // Twice: nothing of another market may stay.
          const to = makeBookValues(3, legs.length);
          values.value(rows, b, 1.7 * spot, to);
          values.value(rows, b, spot, to);
          const alone = new Float64Array(GREEK_COUNT);
          const sum = new Float64Array(GREEK_COUNT);
          for (const [i, o] of legs.entries()) {
            const years = o.secondsLeft / SECONDS_PER_YEAR;
            if (o.quantity === 0) alone.fill(0);
            else greeksInto(alone, 0, o.sign, spot, o.strike, rate, dividendYield, o.volatility, years);
            const row = b * legs.length + i;
            expect(to.greeks.slice(row * GREEK_COUNT, (row + 1) * GREEK_COUNT)).toEqual(alone);
            expect(to.logMoneyness[row]).toBe(Math.log(spot / o.strike));
            if (o.quantity !== 0) for (let g = 0; g < GREEK_COUNT; g++) sum[g]! += o.quantity * alone[g]!;
          }
          expect(to.totals.slice(b * GREEK_COUNT, (b + 1) * GREEK_COUNT)).toEqual(sum);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is so by the kernel, which refuses books with an option that is a forward or nothing", () => {
    const usual = fc.record({
      sign: fc.constantFrom(1, -1),
      strike: fc.double({ min: 60, max: 140, noNaN: true }),
      secondsLeft: fc.integer({ min: 600, max: 90 * 86400 }),
      volatility: fc.double({ min: 0.05, max: 3, noNaN: true }),
      quantity: fc.constantFrom(-50, 0.1, 2),
    });
    let runs = 0;
    let taken = 0;
    fc.assert(
      fc.property(fc.array(usual, { minLength: 4, maxLength: 17 }), market, (legs, { spot, rate, dividendYield }) => {
        const inner = bookKernel(legs.length)!;
        const kernel = {
          ...inner,
          run: (...terms: Parameters<typeof inner.run>) => {
            const valued = inner.run(...terms);
            runs++;
            taken += valued;
            return valued;
          },
        };
        const rows = rowsOf(legs);
        const to = makeBookValues(1, legs.length);
        new OptionValues(legs.length, rate, dividendYield, SECONDS_PER_YEAR, undefined, undefined, kernel).value(
          rows,
          0,
          spot,
          to,
        );
        const alone = new Float64Array(legs.length * GREEK_COUNT);
        const sum = new Float64Array(GREEK_COUNT);
        for (const [i, o] of legs.entries()) {
          const years = o.secondsLeft / SECONDS_PER_YEAR;
          greeksInto(alone, i * GREEK_COUNT, o.sign, spot, o.strike, rate, dividendYield, o.volatility, years);
          for (let g = 0; g < GREEK_COUNT; g++) sum[g]! += o.quantity * alone[i * GREEK_COUNT + g]!;
        }
        expect(to.greeks).toEqual(alone);
        expect(to.totals).toEqual(sum);
        expect(Array.from(to.logMoneyness)).toEqual(legs.map((o) => Math.log(spot / o.strike)));
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(50);
    expect(taken).toBeLessThan(runs);
  });

  it("finds the two sides of a straddle, and strikes that several expiries have in common", () => {
    const legs = [
      { strike: 1, days: 1 },
      { strike: 1.1, days: 1 },
      { strike: 1, days: 1 },
      { strike: 1.1, days: 7 },
    ];
    const { terms, strike } = likeness(
      legs,
      (o) => o.strike,
      (o) => o.days,
    );
    expect(terms).toEqual([-1, -1, 0, -1]);
    expect(strike).toEqual([-1, -1, 0, 1]);
  });
});
