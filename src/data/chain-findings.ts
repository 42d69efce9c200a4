import type { ChainFinding } from "../core/contracts/option-chain.ts";

const HANDLING: Readonly<Record<ChainFinding["kind"], string>> = {
  "crossed-quote": "bid above ask: both sides dropped",
  "zero-quote": "a quote of 0 is none: that side dropped",
  "missing-bid": "no bid",
  "missing-ask": "no ask",
  "missing-mark": "no mark",
  "missing-volatility": "no mark volatility",
  "missing-other": "no delta or open interest",
  "empty-row": "neither bid, ask nor mark: row dropped",
  "stale-row": "mark and volatility of the snapshot before at another forward: kept as listed, without prices",
  "expired-row": "expiry not after the snapshot: row dropped",
  gap: "more than 13.5 h between snapshots: left, and windows span it only where maxGapHours allows",
};

/** Counts what a reader dealt with, and where it first did. */
export class ChainFindings {
  readonly #files: readonly string[];
  readonly #found = new Map<ChainFinding["kind"], { count: number; first: string }>();

  /** @param files names of the files of the chain */
  constructor(files: readonly string[]) {
    this.#files = files;
  }

  add(kind: ChainFinding["kind"], file: number, line: number): void {
    const known = this.#found.get(kind);
    if (known !== undefined) known.count++;
    else this.#found.set(kind, { count: 1, first: `${this.#files[file]}:${line}` });
  }

  /** In the fixed order of kinds. */
  list(): ChainFinding[] {
    return (Object.keys(HANDLING) as ChainFinding["kind"][]).flatMap((kind) => {
      const found = this.#found.get(kind);
      return found === undefined ? [] : [{ kind, ...found, handling: HANDLING[kind] }];
    });
  }
}
