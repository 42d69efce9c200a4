import { episodeKey, IndexedRandom, type Split } from "../../../src/core/random.ts";
import { copyArrays, type StateTree } from "../../../src/core/state.ts";
import {
  BASE_FIELDS,
  type FuturePerturbation,
  frameArrays,
  type Listing,
  type MarketFrame,
  type MarketSource,
  makeFrame,
} from "../source.ts";
import { STREAM } from "../streams.ts";
import type { ListedRequest } from "./resolve.ts";
import { ListedWindows, type ListedWindowsOptions } from "./windows.ts";

export interface ListedMarketOptions extends ListedWindowsOptions {
  /** Options that may be traded besides, on the legs' expiry. None where absent. */
  readonly slots?: readonly ListedRequest[] | undefined;
  readonly batch: number;
  /** From `deriveSeed`: chooses the windows of train episodes. */
  readonly seedWord: number;
  /** Prices are rounded to it; 0 (where absent) = as recorded. */
  readonly tick?: number | undefined;
  /** A constant base fee: the chain records none. 0 where absent. */
  readonly baseFeeGwei?: number | undefined;
}

/** The listed contracts of an episode. */
export interface ChainListing extends Listing {
  /** Seconds since 1970. */
  readonly expiry: number;
  /** Time of the window's first snapshot, seconds since 1970. */
  readonly startTime: number;
}

/**
 * Plays windows of a recorded option chain: the price is the forward of the expiry that the legs are on, mark volatilities are those of
 * the held strikes, steps take the time that passed between the snapshots. Nothing is recorded inside a step, so a trade fills at the
 * price of the step's start. In train an episode draws its window by key; in select and test episode e plays window e modulo their number.
 */
export class ListedMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly fields = BASE_FIELDS;
  /** The windows and what they left out. */
  readonly recorded: ListedWindows;
  readonly #bookLegs: number;
  readonly #split: Split;
  readonly #seedWord: number;
  readonly #tick: number;
  readonly #baseFeeGwei: number;
  readonly #keys: Int32Array;
  /** Window that environment b plays. [B] */
  readonly #window: Int32Array;
  readonly #listings: { strike: Float64Array; secondsLeft: Float64Array; expiry: number; startTime: number }[];
  readonly #times: Float64Array;
  #perturbation: FuturePerturbation | undefined;

  /** Throws a ConfigError where no window fits, as ListedWindows does. */
  constructor(options: ListedMarketOptions) {
    this.batch = options.batch;
    this.steps = options.steps;
    const contracts = [...options.legs, ...(options.slots ?? [])];
    this.recorded = new ListedWindows({ ...options, legs: contracts });
    this.#bookLegs = options.legs.length;
    this.frame = makeFrame(options.batch, contracts.length);
    this.#split = options.split;
    this.#seedWord = options.seedWord;
    this.#tick = options.tick ?? 0;
    this.#baseFeeGwei = options.baseFeeGwei ?? 0;
    this.#keys = new Int32Array(options.batch);
    this.#window = new Int32Array(options.batch);
    this.#times = options.chain.times;
    const each = () => new Float64Array(contracts.length);
    this.#listings = Array.from({ length: options.batch }, () => ({
      strike: each(),
      secondsLeft: each(),
      expiry: 0,
      startTime: 0,
    }));
  }

  /** Windows of the split that share no step: what may be resampled. */
  get windows(): number {
    return this.recorded.separate;
  }

  perturbFuture(perturbation: FuturePerturbation | undefined): void {
    this.#perturbation = perturbation;
  }

  start(b: number, episode: number): void {
    const key = episodeKey(this.#seedWord, this.#split, episode);
    const count = this.recorded.start.length;
    this.#keys[b] = key;
    this.#window[b] =
      this.#split === "train"
        ? Math.min(count - 1, Math.floor(IndexedRandom.uniform(key, 0, STREAM.window) * count))
        : episode % count;
    this.#list(b);
    this.#show(b, 0);
    this.frame.fillPrice[b] = this.frame.price[b]!;
    this.frame.baseFeeGwei[b] = this.#baseFeeGwei;
    this.frame.fillBaseFeeGwei[b] = this.#baseFeeGwei;
  }

  advance(b: number, step: number): void {
    this.frame.fillPrice[b] = this.frame.price[b]!;
    this.#show(b, step + 1);
    const p = this.#perturbation;
    if (p === undefined || step < p.afterStep) return;
    // Another future for the leakage check: prices and volatilities shaken by 1% and 5%.
    const key = this.#keys[b]! ^ Math.imul(p.salt + 1, 0x9e3779b1);
    const { frame, recorded } = this;
    frame.price[b] = this.#rounded(frame.price[b]! * (1 + 0.01 * IndexedRandom.normal(key, step, STREAM.price)));
    const factor = Math.exp(0.05 * IndexedRandom.normal(key, step, STREAM.impliedVolatility));
    frame.volatility[b] = frame.volatility[b]! * factor;
    for (let i = b * recorded.legs; i < (b + 1) * recorded.legs; i++)
      frame.contractVolatility![i] = frame.contractVolatility![i]! * factor;
  }

  /** The listed contracts of environment b's episode; the same object every time, valid until the next `start(b)`. */
  listing(b: number): ChainListing {
    return this.#listings[b]!;
  }

  saveState(): StateTree {
    const arrays = this.#arrays();
    return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
  }

  loadState(state: StateTree): void {
    copyArrays(this.#arrays(), state, "market");
    for (let b = 0; b < this.batch; b++) this.#list(b);
  }

  #arrays(): Record<string, Float64Array | Int32Array> {
    return { keys: this.#keys, window: this.#window, ...frameArrays(this.frame, this.fields) };
  }

  #list(b: number): void {
    const { recorded } = this;
    const listing = this.#listings[b]!;
    const w = this.#window[b]!;
    for (let leg = 0; leg < recorded.legs; leg++) {
      listing.strike[leg] = recorded.strike[w * recorded.legs + leg]!;
      listing.secondsLeft[leg] = recorded.secondsLeft[w * recorded.legs + leg]!;
    }
    listing.expiry = recorded.expiry[w]!;
    listing.startTime = this.#times[recorded.start[w]!]!;
  }

  #show(b: number, step: number): void {
    const { frame, recorded } = this;
    const { legs } = recorded;
    const at = this.#window[b]! * (this.steps + 1) + step;
    frame.seconds[b] = recorded.seconds[at]!;
    frame.price[b] = this.#rounded(recorded.price[at]!);
    let sum = 0;
    for (let leg = 0; leg < legs; leg++) {
      const volatility = recorded.volatility[at * legs + leg]!;
      frame.contractVolatility![b * legs + leg] = volatility;
      if (leg < this.#bookLegs) sum += volatility;
    }
    frame.volatility[b] = sum / this.#bookLegs;
  }

  #rounded(price: number): number {
    return this.#tick > 0 ? Math.max(1, Math.round(price / this.#tick)) * this.#tick : price;
  }
}
