import { MAX_GAP_SECONDS } from "../../env/market/listed/windows.ts";
import type { OptionChain } from "../core/contracts/option-chain.ts";
import { DataError } from "../core/errors.ts";
import type { ChainFindings } from "./chain-findings.ts";
import type { ChainColumns } from "./chain-rows.ts";

/** A forward that moves by this share must move the mark. */
const STALE_MOVE = 0.001;
const WEEK_SECONDS = 7 * 86_400;

export interface ChainIdentity {
  readonly source: string;
  readonly hash: string;
  readonly currency: string;
  readonly paths: readonly string[];
}

/**
 * Turns rows in the order of time into a chain: snapshots, each sorted by expiry, strike and sign, listed expiries with their forwards.
 * Throws a DataError for an instrument that stands twice in a snapshot.
 */
export function assembleChain(columns: ChainColumns, findings: ChainFindings, identity: ChainIdentity): OptionChain {
  const { rows, data } = columns;
  const firstQuote = snapshotStarts(data.time, rows);
  const snapshots = firstQuote.length - 1;
  const order = sortedRows(columns, firstQuote, identity.paths);
  const gather = (from: Float64Array) => {
    const to = new Float64Array(rows);
    for (let q = 0; q < rows; q++) to[q] = from[order[q]!]!;
    return to;
  };
  const times = new Float64Array(snapshots);
  for (let n = 0; n < snapshots; n++) {
    const row = firstQuote[n]!;
    times[n] = data.time[row]!;
    if (n > 0 && times[n]! - times[n - 1]! > MAX_GAP_SECONDS) findings.add("gap", data.file[row]!, data.line[row]!);
  }
  const chain = {
    expiry: gather(data.expiry),
    strike: gather(data.strike),
    sign: Int8Array.from(gather(data.sign)),
    forward: gather(data.forward),
    bid: gather(data.bid),
    ask: gather(data.ask),
    mark: gather(data.mark),
    markVolatility: gather(data.volatility),
    delta: gather(data.delta),
    openInterest: gather(data.openInterest),
  };
  const stale = staleQuotes(chain, firstQuote);
  for (const q of stale) {
    findings.add("stale-row", data.file[order[q]!]!, data.line[order[q]!]!);
    for (const name of ["bid", "ask", "mark", "markVolatility", "delta"] as const) chain[name][q] = Number.NaN;
  }
  const listed = listedExpiries(chain, firstQuote);
  return {
    kind: "option-chain",
    source: identity.source,
    hash: identity.hash,
    currency: identity.currency,
    unit: "usd",
    times,
    values: referenceForwards(times, listed),
    firstQuote,
    ...chain,
    ...listed,
    findings: findings.list(),
  };
}

/** First row of each run of equal times, and the number of rows. */
function snapshotStarts(time: Float64Array, rows: number): Int32Array {
  const starts: number[] = [];
  for (let row = 0; row < rows; row++) if (row === 0 || time[row] !== time[row - 1]) starts.push(row);
  starts.push(rows);
  return Int32Array.from(starts);
}

/** Row of each quote: within a snapshot by expiry, strike, sign. */
function sortedRows({ rows, data }: ChainColumns, first: Int32Array, paths: readonly string[]): Int32Array {
  const { expiry, strike, sign } = data;
  const compare = (a: number, b: number) =>
    expiry[a]! - expiry[b]! || strike[a]! - strike[b]! || sign[a]! - sign[b]! || a - b;
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  for (let n = 0; n + 1 < first.length; n++) {
    order.subarray(first[n]!, first[n + 1]!).sort(compare);
    for (let q = first[n]! + 1; q < first[n + 1]!; q++) {
      const [a, b] = [order[q - 1]!, order[q]!];
      if (expiry[a] !== expiry[b] || strike[a] !== strike[b] || sign[a] !== sign[b]) continue;
      throw new DataError("An instrument stands twice in a snapshot.", {
        which: `${paths[data.file[b]!]}:${data.line[b]} (instrument)`,
        value: `strike ${strike[b]} ${sign[b]! > 0 ? "call" : "put"}, first on line ${data.line[a]}`,
        fix: "Keep one of the rows.",
      });
    }
  }
  return order;
}

type Quotes = Pick<OptionChain, "expiry" | "strike" | "sign" | "forward" | "mark" | "markVolatility">;

/**
 * Quotes whose mark and volatility are to the digit those of the same option one snapshot before, although its forward moved by 10 bp or
 * more: what the collector read was an old message. Two sorted snapshots are walked side by side.
 */
function staleQuotes(chain: Quotes, first: Int32Array): number[] {
  const { expiry, strike, sign, forward, mark, markVolatility } = chain;
  const stale: number[] = [];
  for (let n = 1; n + 1 < first.length; n++) {
    let old = first[n - 1]!;
    for (let q = first[n]!; q < first[n + 1]!; q++) {
      let order = -1;
      while (old < first[n]!) {
        order = expiry[old]! - expiry[q]! || strike[old]! - strike[q]! || sign[old]! - sign[q]!;
        if (order >= 0) break;
        old++;
      }
      if (order !== 0 || mark[old] !== mark[q] || markVolatility[old] !== markVolatility[q]) continue;
      if (Math.abs(forward[q]! / forward[old]! - 1) >= STALE_MOVE) stale.push(q);
    }
  }
  return stale;
}

type Listed = Pick<OptionChain, "firstExpiry" | "listedExpiry" | "listedForward" | "listedQuote">;

function listedExpiries({ expiry, forward }: Quotes, first: Int32Array): Listed {
  const firstExpiry = new Int32Array(first.length);
  const starts: number[] = [];
  for (let n = 0; n + 1 < first.length; n++) {
    for (let q = first[n]!; q < first[n + 1]!; q++) if (q === first[n] || expiry[q] !== expiry[q - 1]) starts.push(q);
    firstExpiry[n + 1] = starts.length;
  }
  const listedQuote = Int32Array.from([...starts, expiry.length]);
  return {
    firstExpiry,
    listedQuote,
    listedExpiry: Float64Array.from(starts, (q) => expiry[q]!),
    listedForward: Float64Array.from(starts, (q, e) => median(forward, q, listedQuote[e + 1]!)),
  };
}

/** Median of a part; the lower one of two, so that it is a forward that was published. */
function median(values: Float64Array, from: number, to: number): number {
  return values.slice(from, to).sort()[(to - from - 1) >>> 1]!;
}

/** Forward of the nearest expiry more than 7 days away, of the farthest where there is none. */
function referenceForwards(times: Float64Array, listed: Listed): Float64Array {
  return times.map((time, n) => {
    let e = listed.firstExpiry[n]!;
    const last = listed.firstExpiry[n + 1]! - 1;
    while (e < last && listed.listedExpiry[e]! <= time + WEEK_SECONDS) e++;
    return listed.listedForward[e]!;
  });
}
