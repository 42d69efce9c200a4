import { describe, expect, it } from "vitest";
import { findListed, resolveLegs, resolveListed } from "../../../../env/market/listed/resolve.ts";
import { chainOf, chainRow, expiryOn, type SyntheticQuote } from "../../../support/synthetic-chain.ts";

const TIME = Date.UTC(2026, 0, 10, 8) / 1000;
const DAY = 86_400;
const FORWARD = 3000;

const quote = (day: number, strike: number, side: "C" | "P"): SyntheticQuote => ({
  time: TIME,
  expiry: expiryOn(1, day),
  strike,
  side,
  forward: FORWARD,
  volatility: 0.7,
});
const row = (day: number, strike: number, side: "C" | "P") => chainRow(quote(day, strike, side));
const both = (day: number, ...strikes: number[]) => strikes.flatMap((k) => [row(day, k, "C"), row(day, k, "P")]);
/** The row without its bid, or its mark. */
const without = (text: string, column: 3 | 5) =>
  text
    .split(",")
    .map((field, i) => (i === column ? "" : field))
    .join(",");
const atm = { sign: 1, moneyness: 1, maturityDays: 7 };

describe("resolveListed", () => {
  it("takes the expiry nearest to the wished date and the strike nearest to moneyness times forward", () => {
    const chain = chainOf([...both(16, 2900, 3000), ...both(18, 2900, 3010, 3200), ...both(30, 3000)]);
    expect(resolveListed(chain, 0, atm)).toMatchObject({
      strike: 3000,
      expiry: expiryOn(1, 16).seconds,
      fallbacks: [],
    });
    expect(resolveListed(chain, 0, { ...atm, maturityDays: 8, moneyness: 1.05 })).toMatchObject({
      strike: 3200,
      expiry: expiryOn(1, 18).seconds,
      sign: 1,
    });
    const put = resolveListed(chain, 0, { ...atm, sign: -1 });
    expect(chain.sign[put.quote]).toBe(-1);
    expect(chain.strike[put.quote]).toBe(3000);
  });

  it("breaks ties to the lower strike and the earlier expiry", () => {
    const chain = chainOf([...both(16, 2950, 3050), ...both(18, 2950, 3050)]);
    expect(resolveListed(chain, 0, atm)).toMatchObject({ strike: 2950, expiry: expiryOn(1, 16).seconds });
  });

  it("passes over a nearer expiry that ends before the window does, and says so", () => {
    const chain = chainOf([...both(16, 3000), ...both(30, 3000)]);
    expect(resolveListed(chain, 0, atm, expiryOn(1, 16).seconds)).toMatchObject({
      expiry: expiryOn(1, 30).seconds,
      fallbacks: ["expiry-too-short"],
    });
  });

  it("passes over an expiry without a mark on the side asked for, and says so", () => {
    const chain = chainOf([row(16, 3000, "P"), without(row(16, 3000, "C"), 5), ...both(30, 3000)]);
    expect(resolveListed(chain, 0, atm)).toMatchObject({
      expiry: expiryOn(1, 30).seconds,
      fallbacks: ["expiry-unmarked"],
    });
  });

  it("prefers two-sided quotes, and takes a mark alone where an expiry has none", () => {
    const oneSided = without(row(16, 3000, "C"), 3);
    expect(resolveListed(chainOf([oneSided, row(16, 3100, "C")]), 0, atm)).toMatchObject({
      strike: 3100,
      fallbacks: [],
    });
    expect(resolveListed(chainOf([oneSided]), 0, atm)).toMatchObject({ strike: 3000, fallbacks: ["one-sided"] });
  });

  it("refuses where no expiry can serve, listing those that there are", () => {
    const chain = chainOf(both(16, 3000));
    expect(() => resolveListed(chain, 0, atm, TIME + 30 * DAY)).toThrow(
      /No listed expiry can serve[\s\S]*value: 7[\s\S]*Listed expiries: 2026-01-16T08:00Z/,
    );
  });
});

describe("resolveLegs", () => {
  it("puts all legs on one expiry that has marks on every side asked for", () => {
    const chain = chainOf([row(16, 3000, "C"), ...both(30, 2950, 3100)]);
    const legs = resolveLegs(chain, 0, [atm, { ...atm, sign: -1 }], TIME)!;
    expect(legs.map((leg) => leg.expiry)).toEqual(Array(2).fill(expiryOn(1, 30).seconds));
    expect(legs.map((leg) => leg.strike)).toEqual([2950, 2950]);
    expect(legs[0]!.fallbacks).toEqual(["expiry-unmarked"]);
    expect(resolveLegs(chain, 0, [atm], TIME + 30 * DAY)).toBeUndefined();
  });
});

describe("findListed", () => {
  const chain = chainOf([...both(16, 2800, 2900, 3000, 3100, 3200), row(16, 3300, "P"), ...both(30, 3000)]);
  const { seconds } = expiryOn(1, 16);

  it("returns the listed option asked for", () => {
    const option = findListed(chain, 0, -1, 2900, seconds);
    expect(chain.strike[option.quote]).toBe(2900);
    expect(chain.sign[option.quote]).toBe(-1);
    expect(chain.expiry[option.quote]).toBe(seconds);
  });

  it("names the nearest listed strikes for one that is not listed on that side", () => {
    expect(() => findListed(chain, 0, 1, 3300, seconds)).toThrow(
      /This strike is not listed as a call[\s\S]*value: 3300[\s\S]*2900, 3000, 3100, 3200/,
    );
  });

  it("names the nearest listed expiries for one that is not listed", () => {
    expect(() => findListed(chain, 0, 1, 3000, expiryOn(1, 20).seconds)).toThrow(
      /This expiry is not listed[\s\S]*2026-01-20T08:00Z[\s\S]*2026-01-16T08:00Z, 2026-01-30T08:00Z/,
    );
  });
});
