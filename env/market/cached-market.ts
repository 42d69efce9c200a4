import { ContractError } from "../../src/core/errors.ts";
import type { StateTree } from "../../src/core/state.ts";
import { type FrameField, type Listing, type MarketFrame, type MarketSource, makeFrame } from "./source.ts";

/** A whole exogenous path: (steps + 1) rows of the source's fields, the event time and the contracts' volatilities. */
interface Path {
  readonly rows: Float64Array;
  readonly listing?: Listing;
}

/**
 * Plays the exogenous path of each episode whole at its start, remembers it, and plays it back: contenders and trials on common episodes then pay
 * for the market once. Paths beyond `capacityBytes` are played anew each time. It can look ahead, for oracles.
 */
export class CachedMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly fields: readonly FrameField[];
  readonly listing?: (b: number) => Listing;
  readonly #inner: MarketSource;
  readonly #contracts: number;
  readonly #width: number;
  readonly #feeColumn: number;
  /** The arrays of the inner frame and of this one, in the order of `fields`. */
  readonly #from: readonly Float64Array[];
  readonly #to: readonly Float64Array[];
  readonly #paths = new Map<number, Path>();
  readonly #capacity: number;
  readonly #path: (Path | undefined)[];
  readonly #step: Int32Array;

  constructor(inner: MarketSource, capacityBytes = 256 * 2 ** 20) {
    this.batch = inner.batch;
    this.steps = inner.steps;
    this.fields = inner.fields;
    this.#inner = inner;
    this.#contracts =
      inner.frame.contractVolatility === undefined ? 0 : inner.frame.contractVolatility.length / inner.batch;
    this.frame = makeFrame(inner.batch, this.#contracts > 0 ? this.#contracts : undefined);
    this.#from = inner.fields.map((field) => inner.frame[field]);
    this.#to = inner.fields.map((field) => this.frame[field]);
    if (inner.listing !== undefined) this.listing = (b) => this.#path[b]!.listing!;
    this.#width = inner.fields.length + 1 + this.#contracts;
    this.#feeColumn = inner.fields.indexOf("baseFeeGwei");
    this.#capacity = Math.floor(capacityBytes / ((inner.steps + 1) * this.#width * 8));
    this.#path = Array.from({ length: inner.batch }, () => undefined);
    this.#step = new Int32Array(inner.batch);
  }

  get windows(): number | undefined {
    return this.#inner.windows;
  }

  start(b: number, episode: number): void {
    let path = this.#paths.get(episode);
    if (path === undefined) {
      path = this.#play(b, episode);
      if (this.#paths.size < this.#capacity) this.#paths.set(episode, path);
    }
    this.#path[b] = path;
    this.#show(b, 0);
  }

  /** Forgets the paths of all episodes but `from` … `until - 1`. Paths being played go on. */
  keepOnly(from: number, until: number): void {
    for (const episode of this.#paths.keys()) if (episode < from || episode >= until) this.#paths.delete(episode);
  }

  advance(b: number, step: number): void {
    this.#show(b, step + 1);
  }

  gasToCome(b: number, seconds: number): number {
    const { rows } = this.#path[b]!;
    const W = this.#width;
    const now = this.#step[b]!;
    const timeColumn = this.fields.length;
    const until = rows[now * W + timeColumn]! + seconds;
    const fee = rows[now * W + this.#feeColumn]!;
    let least = fee;
    for (let s = now + 1; s <= this.steps && rows[s * W + timeColumn]! <= until; s++)
      least = Math.min(least, rows[s * W + this.#feeColumn]!);
    return fee > 0 ? Math.log(least / fee) : 0;
  }

  saveState(): StateTree {
    throw new ContractError("A cached market is for evaluation and is not saved.", { which: "CachedMarket" });
  }

  loadState(): void {
    throw new ContractError("A cached market is for evaluation and is not loaded.", { which: "CachedMarket" });
  }

  /** The whole episode, by the inner source. */
  #play(b: number, episode: number): Path {
    const inner = this.#inner;
    const rows = new Float64Array((this.steps + 1) * this.#width);
    inner.start(b, episode);
    const listing = inner.listing?.(b);
    this.#keep(rows, b, 0);
    for (let step = 0; step < this.steps; step++) {
      inner.advance(b, step);
      this.#keep(rows, b, step + 1);
    }
    return listing === undefined
      ? { rows }
      : { rows, listing: { strike: listing.strike.slice(), secondsLeft: listing.secondsLeft.slice() } };
  }

  #keep(rows: Float64Array, b: number, step: number): void {
    const { frame } = this.#inner;
    const from = this.#from;
    const o = step * this.#width;
    const n = from.length;
    for (let i = 0; i < n; i++) rows[o + i] = from[i]![b]!;
    rows[o + n] = frame.seconds[b]!;
    for (let l = 0; l < this.#contracts; l++) rows[o + n + 1 + l] = frame.contractVolatility![b * this.#contracts + l]!;
  }

  #show(b: number, step: number): void {
    const { frame } = this;
    const to = this.#to;
    const { rows } = this.#path[b]!;
    const o = step * this.#width;
    const n = to.length;
    this.#step[b] = step;
    for (let i = 0; i < n; i++) to[i]![b] = rows[o + i]!;
    frame.seconds[b] = rows[o + n]!;
    for (let l = 0; l < this.#contracts; l++) frame.contractVolatility![b * this.#contracts + l] = rows[o + n + 1 + l]!;
  }
}
