import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { coinPrice } from "../../env/options/coin-settled.ts";
import type { OptionChain } from "../../src/core/contracts/option-chain.ts";
import { readDeribitChain } from "../../src/data/deribit-chain.ts";

export const CHAIN_HEADER = "ts,instrument,fut_price,bid,ask,mark,mark_iv,delta,vega,oi,vol24h";

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** 08:00 UTC of a day of 2026, seconds since 1970, and how an instrument writes it. */
export function expiryOn(month: number, day: number): { seconds: number; name: string } {
  return { seconds: Date.UTC(2026, month - 1, day, 8) / 1000, name: `${day}${MONTHS[month - 1]}26` };
}

export interface SyntheticQuote {
  time: number;
  expiry: { seconds: number; name: string };
  strike: number;
  side: "C" | "P";
  forward: number;
  /** Fraction a year. */
  volatility: number;
}

/** A row as the recorded files hold it, marked with Black (1976) at the quote's volatility. */
export function chainRow(q: SyntheticQuote): string {
  const years = (q.expiry.seconds - q.time) / (365 * 86_400);
  const mark = coinPrice(q.side === "C" ? 1 : -1, q.forward, q.strike, q.volatility, years);
  const [bid, ask] = [Math.floor(mark * 1e4) / 1e4, Math.ceil(mark * 1e4) / 1e4 + 1e-4].map((x) => x.toFixed(4));
  const name = `ETH-${q.expiry.name}-${q.strike}-${q.side}`;
  return `${q.time},${name},${q.forward},${bid},${ask},${mark.toFixed(8)},${(100 * q.volatility).toFixed(4)},,,1,`;
}

/** Reads rows as one month's file of an ETH chain. */
export function chainOf(rows: readonly string[], header = CHAIN_HEADER): OptionChain {
  return chainOfMonths([rows], header);
}

/** Reads rows as files of successive months. */
export function chainOfMonths(months: readonly (readonly string[])[], header = CHAIN_HEADER): OptionChain {
  const folder = mkdtempSync(join(tmpdir(), "greekgym-chain-"));
  try {
    const paths = months.map((rows, i) => {
      const path = join(folder, `chain_2026-0${i + 1}.csv.gz`);
      writeFileSync(path, gzipSync(`${[header, ...rows].join("\n")}\n`));
      return path;
    });
    return readDeribitChain(paths, "ETH");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
