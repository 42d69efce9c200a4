import { MAX_TICK, MIN_TICK } from "./tick-math.ts";

/** The next tick that a swap stops at. */
export interface NextTick {
  readonly tick: number;
  /** Whether liquidity begins or ends there; otherwise it is only the end of a word. */
  readonly initialised: boolean;
}

interface Tick {
  /** Liquidity of all positions that begin or end here. */
  gross: bigint;
  /** What the pool's liquidity grows by where the price crosses the tick upwards. */
  net: bigint;
}

/** Ticks of one word of the contract's bitmap. */
const WORD = 256;

/**
 * The ticks at which liquidity changes. The contract finds them in a bitmap, one word of 256 usable ticks at a time, and a swap ends a step at the end
 * of each word: since every step rounds, the words are part of the result.
 */
export class TickMap {
  readonly #spacing: number;
  readonly #ticks = new Map<number, Tick>();
  /** Initialised ticks over the spacing, ascending. */
  #sorted: number[] = [];

  constructor(spacing: number) {
    this.#spacing = spacing;
  }

  /** Liquidity of all positions that begin or end at a tick. */
  gross(tick: number): bigint {
    return this.#ticks.get(tick)?.gross ?? 0n;
  }

  net(tick: number): bigint {
    return this.#ticks.get(tick)?.net ?? 0n;
  }

  /** Adds (or with a negative number takes away) liquidity of a position that begins (`lower`) or ends at a tick. */
  change(tick: number, liquidity: bigint, lower: boolean): void {
    const entry = this.#ticks.get(tick) ?? { gross: 0n, net: 0n };
    entry.gross += liquidity;
    entry.net += lower ? liquidity : -liquidity;
    if (entry.gross === 0n) this.#ticks.delete(tick);
    else this.#ticks.set(tick, entry);
    this.#sorted = [...this.#ticks.keys()].map((t) => t / this.#spacing).sort((a, b) => a - b);
  }

  /** Downwards: the greatest initialised tick at or below `tick` in its word, or the word's first. Upwards: the least above it in the next usable tick's word, or that word's last. */
  next(tick: number, down: boolean): NextTick {
    const from = Math.floor(tick / this.#spacing) + (down ? 0 : 1);
    const first = Math.floor(from / WORD) * WORD;
    const found = down ? this.#atMost(from) : this.#atLeast(from);
    const end = down ? first : first + WORD - 1;
    const initialised = found !== undefined && (down ? found >= end : found <= end);
    const next = (initialised ? found : end) * this.#spacing;
    return { tick: Math.min(MAX_TICK, Math.max(MIN_TICK, next)), initialised };
  }

  #atMost(from: number): number | undefined {
    return this.#sorted[this.#countBelow(from + 1) - 1];
  }

  #atLeast(from: number): number | undefined {
    return this.#sorted[this.#countBelow(from)];
  }

  /** How many initialised ticks are below (binary search). */
  #countBelow(limit: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
