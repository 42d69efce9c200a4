import { black76Into } from "../../env/options/black-76.ts";
import { GREEK, GREEK_COUNT } from "../../env/options/black-scholes.ts";
import { coinPrice, netTransactionDelta } from "../../env/options/coin-settled.ts";
import { CHAIN_YEAR_SECONDS, surfaceOfSnapshot } from "../../env/options/surface.ts";
import type { OptionChain } from "../../src/core/contracts/option-chain.ts";
import { columnIndex, readCsv } from "../../src/data/csv.ts";

/** How far recorded marks and deltas are from the formulas, one number a quote that has what is compared. */
export function markErrors(chain: OptionChain): Float64Array {
  const errors: number[] = [];
  forEachQuote(chain, (q, years) => {
    const value = coinPrice(chain.sign[q]!, chain.forward[q]!, chain.strike[q]!, chain.markVolatility[q]!, years);
    errors.push(Math.abs(value - chain.mark[q]!));
  });
  return Float64Array.from(errors);
}

export function deltaErrors(chain: OptionChain): { forward: Float64Array; adjusted: Float64Array } {
  const forward: number[] = [];
  const adjusted: number[] = [];
  const g = new Float64Array(GREEK_COUNT);
  forEachQuote(chain, (q, years) => {
    const f = chain.forward[q]!;
    black76Into(g, 0, chain.sign[q]!, f, chain.strike[q]!, 0, chain.markVolatility[q]!, years);
    forward.push(Math.abs(g[GREEK.delta]! - chain.delta[q]!));
    adjusted.push(Math.abs(netTransactionDelta(g[GREEK.delta]!, chain.mark[q]!, f) - chain.delta[q]!));
  });
  return { forward: Float64Array.from(forward), adjusted: Float64Array.from(adjusted) };
}

/** |C - P - (1 - K / F)| in coin, of every strike with both marks. */
export function parityResiduals(chain: OptionChain): Float64Array {
  const residuals: number[] = [];
  for (let e = 0; e < chain.listedExpiry.length; e++)
    for (let q = chain.listedQuote[e]!; q + 1 < chain.listedQuote[e + 1]!; q++) {
      if (chain.strike[q] !== chain.strike[q + 1]) continue;
      const f = (chain.forward[q]! + chain.forward[q + 1]!) / 2;
      residuals.push(Math.abs(chain.mark[q + 1]! - chain.mark[q]! - (1 - chain.strike[q]! / f)));
    }
  return Float64Array.from(residuals);
}

/** 30-day at-the-money volatility of each snapshot: of our surface, and of the file of features. */
export function atmFeatures(chain: OptionChain, path: string): { ours: Float64Array; theirs: Float64Array } {
  const table = readCsv(path);
  const [ts, currency, atm] = ["ts", "currency", "atm_iv_30d"].map((name) => columnIndex(table, name)) as [
    number,
    number,
    number,
  ];
  const known = new Map(
    table.rows.filter((row) => row[currency] === chain.currency).map((row) => [Number(row[ts]), Number(row[atm])]),
  );
  const snapshots = [...chain.times.keys()].filter((n) => (known.get(chain.times[n]!) ?? 0) > 0);
  return {
    ours: Float64Array.from(snapshots, (n) => surfaceOfSnapshot(chain, n).volatilityAt(0, 30 / 365)),
    theirs: Float64Array.from(snapshots, (n) => known.get(chain.times[n]!)!),
  };
}

export function quantile(values: Float64Array, p: number): number {
  return values.slice().sort()[Math.floor(p * (values.length - 1))]!;
}

export function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (x: Float64Array) => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = (x: Float64Array, mx: number, y: Float64Array, my: number) =>
    x.reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0);
  return covariance(a, ma, b, mb) / Math.sqrt(covariance(a, ma, a, ma) * covariance(b, mb, b, mb));
}

function forEachQuote(chain: OptionChain, visit: (q: number, years: number) => void): void {
  for (let n = 0; n < chain.times.length; n++)
    for (let q = chain.firstQuote[n]!; q < chain.firstQuote[n + 1]!; q++)
      visit(q, (chain.expiry[q]! - chain.times[n]!) / CHAIN_YEAR_SECONDS);
}
