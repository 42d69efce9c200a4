import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blackScholes, GREEK, GREEK_COUNT, price } from "../../../env/options/black-scholes.ts";
import { bookGreeksInto, type OptionLeg, optionBook } from "../../../env/options/book.ts";
import { deltaUnder } from "../../../env/options/delta-convention.ts";
import { ConfigError, ContractError } from "../../../src/core/errors.ts";

const YEAR = 365 * 86_400;
const leg = (change: Partial<OptionLeg> = {}): OptionLeg => ({
  type: "call",
  strike: 100,
  expirySeconds: 30 * 86_400,
  quantity: -1,
  ...change,
});

describe("an option book", () => {
  it("nets the Greeks of its legs, quantities and signs included", () => {
    const legs = [leg({ quantity: -3 }), leg({ type: "put", strike: 90, quantity: 2, expirySeconds: 60 * 86_400 })];
    const out = new Float64Array(GREEK_COUNT);
    const now = 5 * 86_400;
    bookGreeksInto(out, optionBook(legs), 97, Float64Array.of(0.5, 0.6), now, YEAR, 0.03, 0.01);
    const one = legs.map((l, i) =>
      blackScholes({
        type: l.type,
        spot: 97,
        strike: l.strike,
        rate: 0.03,
        dividendYield: 0.01,
        volatility: [0.5, 0.6][i]!,
        years: (l.expirySeconds - now) / YEAR,
      }),
    );
    for (const name of Object.keys(GREEK) as (keyof typeof GREEK)[])
      expect(out[GREEK[name]], name).toBeCloseTo(-3 * one[0]![name] + 2 * one[1]![name], 12);
  });

  it("is flat when every leg is held against itself", () => {
    const legs = fc.record({
      type: fc.constantFrom("call" as const, "put" as const),
      strike: fc.double({ min: 50, max: 200, noNaN: true }),
      expirySeconds: fc.integer({ min: 0, max: YEAR }),
      quantity: fc.double({ min: -10, max: 10, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(legs, { maxLength: 6 }), fc.double({ min: 50, max: 200, noNaN: true }), (side, spot) => {
        const book = optionBook([...side, ...side.map((l) => ({ ...l, quantity: -l.quantity })).reverse()]);
        const out = new Float64Array(GREEK_COUNT).fill(9);
        bookGreeksInto(out, book, spot, new Float64Array(book.legs).fill(0.6), 86_400, YEAR, 0.02, 0);
        for (const v of out) expect(Math.abs(v)).toBeLessThan(1e-9);
      }),
      { seed: 61 },
    );
  });

  it("counts a leg at its expiry with its intrinsic value and not at all afterwards", () => {
    const book = optionBook([leg({ expirySeconds: 100, quantity: 2 })]);
    const out = new Float64Array(GREEK_COUNT);
    bookGreeksInto(out, book, 107, Float64Array.of(0.5), 100, YEAR, 0, 0);
    expect([...out.slice(0, 3)]).toEqual([14, 2, 0]);
    bookGreeksInto(out, book, 107, Float64Array.of(0.5), 101, YEAR, 0, 0);
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it.each<[Partial<OptionLeg>, string]>([
    [{ strike: 0 }, "book.legs[1].strike"],
    [{ strike: Number.NaN }, "book.legs[1].strike"],
    [{ quantity: Number.POSITIVE_INFINITY }, "book.legs[1].quantity"],
    [{ expirySeconds: Number.NaN }, "book.legs[1].expirySeconds"],
    [{ expirySeconds: 10 }, "book.legs[1].expirySeconds"],
    [{ type: "calls" as "call" }, "book.legs[1].type"],
  ])("refuses a leg with %o, naming %s", (change, which) => {
    const make = () => optionBook([leg(), leg(change)], 20);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(expect.objectContaining({ which, fix: expect.any(String) }));
  });

  it("refuses arrays of the wrong length", () => {
    const book = optionBook([leg()]);
    expect(() => bookGreeksInto(new Float64Array(8), book, 100, new Float64Array(2), 0, YEAR, 0, 0)).toThrow(
      ContractError,
    );
    expect(() => bookGreeksInto(new Float64Array(7), book, 100, new Float64Array(1), 0, YEAR, 0, 0)).toThrow(
      ContractError,
    );
  });
});

describe("delta conventions", () => {
  // A short call of a coin-settled account: V/S coins are owed. A linear hedge of h units settled in coin is worth h (S - S0)/S coins.
  const spot = 20_000;
  const value = (s: number) => -price(1, s, 21_000, 0, 0, 0.7, 0.1);
  const slope = (f: (s: number) => number) => (f(spot + 1) - f(spot - 1)) / 2;
  const bs = slope(value);

  it("leaves no first-order change of coin wealth with the net transaction delta, and visibly some with the other", () => {
    const hedge = -deltaUnder("netTransaction", bs, value(spot), spot, 0);
    const coins = (h: number) => slope((s) => value(s) / s + (h * (s - spot)) / s) * spot;
    expect(Math.abs(coins(hedge))).toBeLessThan(1e-6);
    expect(Math.abs(coins(-bs))).toBeGreaterThan(0.03);
  });

  it("leaves no first-order USD change after a premium received in coin with the net transaction delta", () => {
    const premium = -value(spot) / spot;
    const usd = (h: number) => slope((s) => premium * s + value(s) + h * (s - spot));
    expect(Math.abs(usd(-deltaUnder("netTransaction", bs, value(spot), spot, premium)))).toBeLessThan(1e-6);
    expect(Math.abs(usd(-deltaUnder("bs", bs, value(spot), spot, premium)))).toBeGreaterThan(0.03);
  });

  it("counts all coins under USD equity, collateral too", () => {
    const held = 3 - value(spot) / spot;
    const usd = (h: number) => slope((s) => held * s + value(s) + h * (s - spot));
    expect(Math.abs(usd(-deltaUnder("usdEquity", bs, value(spot), spot, held)))).toBeLessThan(1e-6);
  });

  it("refuses an unknown convention with a suggestion", () => {
    expect(() => deltaUnder("netTransactions" as "bs", 1, 1, 1, 0)).toThrow(/Did you mean "netTransaction"\?/);
  });
});
