import { DataError } from "../core/errors.ts";
import type { ChainFindings } from "./chain-findings.ts";
import { type ChainFile, RowParser } from "./chain-parser.ts";

/** What no quote of a listed option can be: beyond these a number is a slip of unit or column. */
const LARGEST_PRICE = 1e9;
/** 2,000% a year. */
const LARGEST_VOLATILITY = 20;
/** In coin: far out-of-the-money offers of several coins stand in thin books. */
const LARGEST_ASK = 100;
/** A bid or mark above what the option can pay, a coin for a call and strike / forward for a put, within this factor. */
const PAYOFF_SLACK = 1.05;
const DELTA_SLACK = 0.001;

/** Columns kept of each row, as numbers. */
export const COLUMN_NAMES = [
  "time",
  "expiry",
  "strike",
  "sign",
  "forward",
  "bid",
  "ask",
  "mark",
  "volatility",
  "delta",
  "openInterest",
  "file",
  "line",
] as const;

/** Rows in the order of the files, struct of arrays that grow. */
export class ChainColumns {
  rows = 0;
  readonly data: Record<(typeof COLUMN_NAMES)[number], Float64Array>;

  constructor() {
    const empty = COLUMN_NAMES.map((name) => [name, new Float64Array(0)]);
    this.data = Object.fromEntries(empty) as ChainColumns["data"];
  }

  /** Makes room for so many further rows. */
  reserve(more: number): void {
    for (const name of COLUMN_NAMES) {
      const grown = new Float64Array(this.rows + more);
      grown.set(this.data[name].subarray(0, this.rows));
      this.data[name] = grown;
    }
  }
}

/** Parses one file's rows into `columns`. Rows of no use are left out and counted. Throws a DataError as `readDeribitChain` says. */
export function readChainRows(file: ChainFile, columns: ChainColumns, findings: ChainFindings): void {
  const parser = new RowParser(file);
  columns.reserve(parser.countLines());
  const { data } = columns;
  let before = columns.rows > 0 ? data.time[columns.rows - 1]! : 0;
  if (!parser.next())
    throw new DataError("A data file has a header and no rows.", {
      which: file.path,
      fix: "Fetch an intact copy of it.",
    });
  do {
    const { line } = parser;
    const time = parser.time(before);
    before = time;
    parser.instrument();
    const { expiry, strike, sign } = parser;
    const forward = parser.number(2, Number.MIN_VALUE, LARGEST_PRICE);
    if (Number.isNaN(forward)) parser.fail(2, "A forward is missing.", "Give the forward of the row's expiry.");
    const payoff = PAYOFF_SLACK * (sign > 0 ? 1 : Math.max(1, strike / forward));
    let bid = parser.number(3, 0, payoff);
    let ask = parser.number(4, 0, LARGEST_ASK);
    const mark = parser.number(5, 0, payoff);
    const volatility = parser.number(6, Number.MIN_VALUE, 100 * LARGEST_VOLATILITY) / 100;
    const [low, high] = sign > 0 ? [-DELTA_SLACK, 1 + DELTA_SLACK] : [-1 - DELTA_SLACK, DELTA_SLACK];
    const delta = parser.number(7, low, high);
    parser.number(8, 0, LARGEST_PRICE);
    const openInterest = parser.number(9, 0, LARGEST_PRICE);
    parser.number(10, 0, LARGEST_PRICE);
    const { file: f } = file;
    if (expiry <= time) {
      findings.add("expired-row", f, line);
      continue;
    }
    if (bid === 0 || ask === 0) findings.add("zero-quote", f, line);
    if (bid === 0) bid = Number.NaN;
    if (ask === 0) ask = Number.NaN;
    if (Number.isNaN(bid) && Number.isNaN(ask) && Number.isNaN(mark)) {
      findings.add("empty-row", f, line);
      continue;
    }
    if (Number.isNaN(bid)) findings.add("missing-bid", f, line);
    if (Number.isNaN(ask)) findings.add("missing-ask", f, line);
    if (Number.isNaN(mark)) findings.add("missing-mark", f, line);
    if (Number.isNaN(volatility)) findings.add("missing-volatility", f, line);
    if (Number.isNaN(delta) || Number.isNaN(openInterest)) findings.add("missing-other", f, line);
    if (bid > ask) {
      findings.add("crossed-quote", f, line);
      bid = Number.NaN;
      ask = Number.NaN;
    }
    const row = columns.rows++;
    data.time[row] = time;
    data.expiry[row] = expiry;
    data.strike[row] = strike;
    data.sign[row] = sign;
    data.forward[row] = forward;
    data.bid[row] = bid;
    data.ask[row] = ask;
    data.mark[row] = mark;
    data.volatility[row] = volatility;
    data.delta[row] = delta;
    data.openInterest[row] = openInterest;
    data.file[row] = f;
    data.line[row] = line;
  } while (parser.next());
}
