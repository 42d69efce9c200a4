import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { OptionChain } from "../../src/core/contracts/option-chain.ts";
import { columnIndex, readCsv } from "../../src/data/csv.ts";
import { openData } from "../../src/data/series.ts";
import {
  atmFeatures,
  correlation,
  deltaErrors,
  markErrors,
  parityResiduals,
  quantile,
} from "../support/chain-errors.ts";

const RECORDED = process.env.GREEKGYM_DATA ?? "../shared/data";
const FEATURES = join(RECORDED, "options", "deribit_surface_features_6h.csv");
const recorded = existsSync(FEATURES);
if (!recorded) process.stdout.write(`skipped: recorded option chains are missing at ${RECORDED}\n`);

/** Every row of both currencies. The figures are those of the README beside the data. */
describe.skipIf(!recorded).each([
  ["ETH", 296_273],
  ["BTC", 343_353],
] as const)("The recorded %s chain, December 2025 to June 2026", (currency, quotes) => {
  const chain = recorded
    ? (openData(RECORDED, `deribit_${currency.toLowerCase()}_chain_6h`) as OptionChain)
    : (undefined as never);

  it("is read whole, with bids and asks missing and nothing else", () => {
    expect(chain.strike.length).toBe(quotes);
    expect(chain.times.length).toBe(722);
    expect(chain.findings.map(({ kind }) => kind)).toEqual(["missing-bid", "missing-ask"]);
  });

  it("is marked with the inverse Black-76 value of its mark volatility on every row", () => {
    const errors = markErrors(chain);
    expect(errors.length).toBe(quotes);
    expect(quantile(errors, 0.5)).toBeLessThan(1.8e-5);
    expect(quantile(errors, 0.99)).toBeLessThan(4.6e-4);
    expect(quantile(errors, 1)).toBeLessThan(5e-3);
  });

  it("keeps put-call parity: median residual below 2e-5 coin", () => {
    expect(quantile(parityResiduals(chain), 0.5)).toBeLessThan(2e-5);
  });

  it("publishes the forward N(d1) as delta", () => {
    const { forward, adjusted } = deltaErrors(chain);
    // README: median 1.4e-4 over all rows; the kept ones, |delta| .02 to .98, leave out the wings where it is nothing.
    expect(quantile(forward, 0.5)).toBeLessThan(5e-4);
    expect(quantile(adjusted, 0.5)).toBeGreaterThan(0.01);
  });

  it("gives the 30-day at-the-money volatility of the full snapshots", () => {
    const { ours, theirs } = atmFeatures(chain, FEATURES);
    expect(ours.length).toBe(722);
    expect(correlation(ours, theirs)).toBeGreaterThan(0.999);
  });

  it.runIf(currency === "BTC")("moves with the exchange's own index DVOL, day by day", () => {
    const table = readCsv(join(RECORDED, "series", "dvol_btc_daily_20230101-20260622.csv"));
    const [date, close] = [columnIndex(table, "date"), columnIndex(table, "dvol_close")];
    const { ours } = atmFeatures(chain, FEATURES);
    // The last snapshot of each UTC day against that day's close.
    const byDay = new Map(
      [...ours.keys()].map((n) => [new Date(chain.times[n]! * 1000).toISOString().slice(0, 10), ours[n]!]),
    );
    const days = table.rows.filter((row) => byDay.has(row[date]!));
    const [a, b] = [
      Float64Array.from(days, (row) => byDay.get(row[date]!)!),
      Float64Array.from(days, (row) => Number(row[close]) / 100),
    ];
    expect(days.length).toBeGreaterThan(170);
    expect(correlation(a, b)).toBeGreaterThan(0.97);
  });
});
