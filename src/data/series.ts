import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Series } from "../core/contracts/series.ts";
import { DataError, didYouMean } from "../core/errors.ts";
import { type NumberRule, numberColumn, readCsv } from "./csv.ts";
import { chainFiles, readDeribitChain } from "./deribit-chain.ts";
import { timeColumn } from "./times.ts";

export interface SeriesColumns {
  readonly timeColumn: string;
  readonly valueColumn: string;
  /** The unit of the returned values. */
  readonly unit: string;
  /** Multiplies the file's values, to reach `unit`; 1 where absent. */
  readonly scale?: number;
  /** The exact header of the file, where it is known. */
  readonly header?: readonly string[];
  /** Seconds between a row's stamp and the moment its value is public: added to the times, so that nothing is known early. */
  readonly knownAfterSeconds?: number;
}

function readSeries(path: string, columns: SeriesColumns, sign: NonNullable<NumberRule["sign"]>): Series {
  const table = readCsv(path, columns.header === undefined ? {} : { header: columns.header });
  return {
    source: table.source,
    hash: table.hash,
    times: timeColumn(table, columns.timeColumn).map((t) => t + (columns.knownAfterSeconds ?? 0)),
    values: numberColumn(table, columns.valueColumn, { sign, scale: columns.scale ?? 1 }),
    unit: columns.unit,
  };
}

/** Reads prices: finite and above 0, times strictly increasing. Throws a DataError naming file, line, column, value and fix. */
export function readPriceSeries(path: string, columns: SeriesColumns): Series {
  return readSeries(path, columns, "positive");
}

/** Reads fees, volumes and the like: finite and at least 0. Throws as {@link readPriceSeries}. */
export function readFeeSeries(path: string, columns: SeriesColumns): Series {
  return readSeries(path, columns, "non-negative");
}

interface KnownSeries extends SeriesColumns {
  readonly file: string;
  readonly read: (path: string, columns: SeriesColumns) => Series;
}

/** A chain of options in one file a month, `<stem>YYYY-MM.csv.gz`. */
interface KnownChain {
  readonly stem: string;
  readonly currency: string;
}

/** The recorded sets that experiments name. Sources and trust: the README beside the files. */
const KNOWN: Readonly<Record<string, KnownSeries | KnownChain>> = {
  // One-minute bars; the source does not say whether the stamp is the minute's start or end, so the close may be a minute ahead.
  "btc_perp_1m_20211231-20220201": {
    file: "series/btc_perp_1m_20211231-20220201.csv.gz",
    header: ["timestamp", "open", "high", "low", "close", "volume"],
    timeColumn: "timestamp",
    valueColumn: "close",
    unit: "usd",
    read: readPriceSeries,
  },
  // Averages over the hour that the stamp begins: known only at the end of that hour, so they are stamped an hour later here.
  "eth_mainnet_basefee_hourly_20220915-20230513": {
    file: "gas/eth_mainnet_basefee_hourly_20220915-20230513.csv",
    header: ["timestamp", "avg_base_fee_wei"],
    timeColumn: "timestamp",
    valueColumn: "avg_base_fee_wei",
    unit: "gwei",
    scale: 1e-9,
    knownAfterSeconds: 3600,
    read: readFeeSeries,
  },
  // Option chains, some four snapshots a day: env/market/listed plays them.
  deribit_btc_chain_6h: { stem: "options/deribit_btc_chain_6h_", currency: "BTC" },
  deribit_eth_chain_6h: { stem: "options/deribit_eth_chain_6h_", currency: "ETH" },
};

/** The names that {@link openData} knows. */
export const DATA_SETS: readonly string[] = Object.keys(KNOWN);

const WHERE_FIX = "Point --data <dir> or GREEKGYM_DATA at the folder of recorded data.";

/**
 * Opens a recorded set by name below `root` (the value of --data or GREEKGYM_DATA; undefined where neither is given).
 * A set of options comes as an chain (src/core/contracts/option-chain.ts), which is a series too.
 * Throws a DataError where the folder or the file is missing or malformed, or the name unknown.
 */
export function openData(root: string | undefined, name: string): Series {
  const set = Object.hasOwn(KNOWN, name) ? KNOWN[name]! : undefined;
  if (set === undefined)
    throw new DataError(`No recorded data set is called "${name}".`, {
      which: name,
      fix: "Name a known set, or give a file with its columns.",
      hints: didYouMean(name, DATA_SETS),
    });
  if (root === undefined || root === "")
    throw new DataError("This experiment needs recorded data, and no folder of it was named.", {
      which: name,
      fix: WHERE_FIX,
    });
  if (!existsSync(root))
    throw new DataError("The folder of recorded data does not exist.", { which: root, value: name, fix: WHERE_FIX });
  if ("stem" in set) return readDeribitChain(chainFiles(join(root, set.stem)), set.currency);
  const path = join(root, set.file);
  if (!existsSync(path))
    throw new DataError("A recorded data set is missing from the data folder.", {
      which: path,
      value: name,
      fix: WHERE_FIX,
    });
  return set.read(path, set);
}

/** The data folder: the flag wins over the environment variable GREEKGYM_DATA. */
export function dataRoot(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return flag ?? environment.GREEKGYM_DATA;
}
