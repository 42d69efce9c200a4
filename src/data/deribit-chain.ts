import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { OptionChain } from "../core/contracts/option-chain.ts";
import { DataError } from "../core/errors.ts";
import { assembleChain } from "./chain-assembly.ts";
import { ChainFindings } from "./chain-findings.ts";
import { ChainColumns, readChainRows } from "./chain-rows.ts";
import { readUnpacked } from "./csv.ts";

/**
 * The files of one chain: every `<stem>YYYY-MM.csv.gz` beside `stem`, in order of months.
 * Throws a DataError where there is none.
 */
export function chainFiles(stem: string): string[] {
  const folder = dirname(stem);
  const start = basename(stem);
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // The same as an empty folder: named below.
  }
  const months = names.filter(
    (name) => name.startsWith(start) && /^\d{4}-\d\d\.csv\.gz$/.test(name.slice(start.length)),
  );
  if (months.length === 0)
    throw new DataError("A recorded data set is missing from the data folder.", {
      which: `${stem}YYYY-MM.csv.gz`,
      fix: "Point --data <dir> or GREEKGYM_DATA at the folder of recorded data.",
    });
  return months.sort().map((name) => join(folder, name));
}

/**
 * Reads recorded Deribit chains, one file a month, given in the order of their months: columns
 * ts (s), instrument (CCY-DMMMYY-STRIKE-C|P, expiring 08:00 UTC), fut_price (USD), bid, ask, mark (coin, empty = none), mark_iv (%),
 * delta, vega (USD a volatility point), oi, vol24h (coin); vega and vol24h are checked and not kept.
 *
 * Dealt with and counted in `findings`: crossed quotes (both sides dropped), quotes of 0 (that side dropped), missing bid, ask, mark or
 * other numbers (NaN), rows without any price and rows of expired options (dropped), stale rows (kept as listed, without prices: mark
 * and volatility are to the digit those of the snapshot before, although the forward moved by 10 bp or more), and gaps of more than 13.5
 * hours between snapshots (left; windows span them only where told to).
 * Throws a DataError naming file, line, column, value and fix for everything else: foreign or missing columns, malformed
 * instruments, instruments of another currency or twice in a snapshot, times going back, numbers that no quote can have.
 */
export function readDeribitChain(paths: readonly string[], currency: string): OptionChain {
  const hash = createHash("sha256");
  const columns = new ChainColumns();
  const findings = new ChainFindings(paths.map((path) => basename(path)));
  for (const [file, path] of paths.entries()) {
    const { bytes, plain } = readUnpacked(path);
    hash.update(bytes);
    readChainRows({ path, file, bytes: plain, currency }, columns, findings);
  }
  if (columns.rows === 0)
    throw new DataError("The files of a chain hold no usable row.", {
      which: paths.join(", "),
      value: findings
        .list()
        .map(({ kind, count }) => `${kind}: ${count}`)
        .join(", "),
      fix: "Fetch intact copies of them.",
    });
  const first = basename(paths[0]!);
  const source = paths.length === 1 ? first : `${first} to ${basename(paths.at(-1)!)} (${paths.length} files)`;
  return assembleChain(columns, findings, { source, hash: hash.digest("hex"), currency, paths });
}
