import { ContractError } from "../../src/core/errors.ts";
import type { StateTree } from "../../src/core/state.ts";
import { type MarketFrame, type MarketSource, makeFrame } from "./source.ts";

/** Numbers kept for one step: the five of a frame. */
const WIDTH = 5;

/**
 * Remembers the exogenous path of each episode that it has played once, and plays it back: contenders and trials on common episodes
 * then pay for the market once. Episodes beyond `capacityBytes` are simulated each time.
 */
export class CachedMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly #inner: MarketSource;
  readonly #paths = new Map<number, Float64Array>();
  readonly #capacity: number;
  /** Episode that environment b records, or -1; and the path that it records to or plays from. */
  readonly #recording: Int32Array;
  readonly #path: (Float64Array | undefined)[];

  constructor(inner: MarketSource, capacityBytes = 256 * 2 ** 20) {
    this.batch = inner.batch;
    this.steps = inner.steps;
    this.#inner = inner;
    this.frame = makeFrame(inner.batch);
    this.#capacity = Math.floor(capacityBytes / ((inner.steps + 1) * WIDTH * 8));
    this.#recording = new Int32Array(inner.batch).fill(-1);
    this.#path = Array.from({ length: inner.batch }, () => undefined);
  }

  start(b: number, episode: number): void {
    const known = this.#paths.get(episode);
    this.#path[b] = known;
    this.#recording[b] = -1;
    if (known === undefined) {
      this.#inner.start(b, episode);
      if (this.#paths.size < this.#capacity) {
        this.#path[b] = new Float64Array((this.steps + 1) * WIDTH);
        this.#recording[b] = episode;
      }
    }
    this.#show(b, 0, known !== undefined);
  }

  advance(b: number, step: number): void {
    const playing = this.#path[b] !== undefined && this.#recording[b] === -1;
    if (!playing) this.#inner.advance(b, step);
    this.#show(b, step + 1, playing);
    if (this.#recording[b] !== -1 && step + 1 === this.steps) {
      this.#paths.set(this.#recording[b]!, this.#path[b]!);
      this.#recording[b] = -1;
    }
  }

  saveState(): StateTree {
    throw new ContractError("A cached market is for evaluation and is not saved.", { which: "CachedMarket" });
  }

  loadState(): void {
    throw new ContractError("A cached market is for evaluation and is not loaded.", { which: "CachedMarket" });
  }

  /** Fills the frame of environment b for `step`, from the path or from the inner source (and then into the path). */
  #show(b: number, step: number, playing: boolean): void {
    const { frame } = this;
    const path = this.#path[b];
    const o = step * WIDTH;
    if (playing) {
      frame.price[b] = path![o]!;
      frame.volatility[b] = path![o + 1]!;
      frame.baseFeeGwei[b] = path![o + 2]!;
      frame.fillPrice[b] = path![o + 3]!;
      frame.fillBaseFeeGwei[b] = path![o + 4]!;
      return;
    }
    const from = this.#inner.frame;
    frame.price[b] = from.price[b]!;
    frame.volatility[b] = from.volatility[b]!;
    frame.baseFeeGwei[b] = from.baseFeeGwei[b]!;
    frame.fillPrice[b] = from.fillPrice[b]!;
    frame.fillBaseFeeGwei[b] = from.fillBaseFeeGwei[b]!;
    if (path === undefined) return;
    path[o] = frame.price[b]!;
    path[o + 1] = frame.volatility[b]!;
    path[o + 2] = frame.baseFeeGwei[b]!;
    path[o + 3] = frame.fillPrice[b]!;
    path[o + 4] = frame.fillBaseFeeGwei[b]!;
  }
}
