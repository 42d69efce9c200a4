import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ListedWindows } from "../../env/market/listed/windows.ts";
import { surfaceOfSnapshot } from "../../env/options/surface.ts";
import { surfaceViolations } from "../../env/options/surface-arbitrage.ts";
import { DataError } from "../../src/core/errors.ts";
import { readDeribitChain } from "../../src/data/deribit-chain.ts";
import {
  atmFeatures,
  correlation,
  deltaErrors,
  markErrors,
  parityResiduals,
  quantile,
} from "../support/chain-errors.ts";

const RECORDED = process.env.GREEKGYM_DATA ?? "../shared/data";
const FEBRUARY = join(RECORDED, "options", "deribit_eth_chain_6h_2026-02.csv.gz");
const recorded = existsSync(FEBRUARY);
if (!recorded) process.stdout.write(`skipped: recorded option chains are missing at ${RECORDED}\n`);

/** February 2026, the month of the crash; test/learning/deribit-chain.test.ts asks the same of every month of both currencies. */
describe.skipIf(!recorded)("The recorded ETH chain of February 2026", () => {
  const chain = recorded ? readDeribitChain([FEBRUARY], "ETH") : (undefined as never);

  it("is read whole: 43,372 quotes, none crossed, stale or expired", () => {
    expect(chain.strike.length).toBe(43_372);
    expect(chain.findings.map(({ kind, count }) => [kind, count])).toEqual([
      ["missing-bid", 77],
      ["missing-ask", 239],
    ]);
    expect(chain.bid.filter((bid, q) => bid > chain.ask[q]!).length).toBe(0);
  });

  it("is marked with the inverse Black-76 value of its mark volatility, within the error of the recording", () => {
    const errors = markErrors(chain);
    expect(errors.length).toBe(43_372);
    // README of the data: median 1.8e-5 coin, 99% within 4.6e-4 (quotes of a snapshot are not simultaneous).
    expect(quantile(errors, 0.5)).toBeLessThan(1.8e-5);
    expect(quantile(errors, 0.99)).toBeLessThan(8e-4);
  });

  it("keeps put-call parity in coin", () => {
    const residuals = parityResiduals(chain);
    expect(residuals.length).toBeGreaterThan(20_000);
    expect(quantile(residuals, 0.5)).toBeLessThan(4e-5);
  });

  it("publishes the delta of the USD price, N(d1) of the forward: not adjusted for the premium", () => {
    const { forward, adjusted } = deltaErrors(chain);
    // README: median 1.4e-4 over all rows; the kept ones, |delta| .02 to .98, leave out the wings where it is nothing.
    expect(quantile(forward, 0.5)).toBeLessThan(6e-4);
    expect(quantile(adjusted, 0.5)).toBeGreaterThan(0.01);
  });

  it("gives a 30-day at-the-money volatility that agrees with the features computed from the full snapshots", () => {
    const { ours, theirs } = atmFeatures(chain, join(RECORDED, "options", "deribit_surface_features_6h.csv"));
    expect(ours.length).toBe(chain.times.length);
    expect(correlation(ours, theirs)).toBeGreaterThan(0.999);
    const errors = Float64Array.from(ours, (v, i) => Math.abs(v - theirs[i]!));
    expect(quantile(errors, 0.5)).toBeLessThan(0.002);
  });

  it("has hardly an arbitrage between its marks beyond the rounding of their volatilities", () => {
    let points = 0;
    const found: number[] = [];
    for (let n = 0; n < chain.times.length; n++) {
      const surface = surfaceOfSnapshot(chain, n);
      points += surface.k.length;
      for (const v of surfaceViolations(surface, { price: 2e-4, variance: 2e-4 })) found.push(v.size);
    }
    expect(found.length).toBeGreaterThan(0); // the crash: quotes polled seconds apart
    expect(found.length / points).toBeLessThan(0.002);
  });

  it("serves week-long straddles without a refusal", () => {
    const legs = [1, -1].map((sign) => ({ sign, moneyness: 1, maturityDays: 14 }));
    const windows = new ListedWindows({ chain, split: "train", steps: 28, legs });
    expect(windows.refused).toEqual([]);
    expect(windows.start.length).toBe(chain.times.length - 28);
    expect(windows.interpolated / windows.volatilities).toBeLessThan(0.05);
    expect(windows.volatility.filter((v) => !(v > 0.1 && v < 3)).length).toBe(0);
  });
});

describe.skipIf(!recorded)("The collector's raw snapshots", () => {
  it("are refused as foreign columns", () => {
    const path = join(RECORDED, "options", "raw_deribit_options_snapshot_20260115T092130Z.csv.gz");
    const read = () => readDeribitChain([path], "ETH");
    expect(read).toThrow(DataError);
    expect(read).toThrow(
      /columns are not those of this data set[\s\S]*Z\.csv\.gz:1[\s\S]*Foreign: timestamp, instrument_name/,
    );
  });
});
