import type { MarketFrame, MarketSource } from "../../env/market/source.ts";
import { makeFrame } from "../../env/market/source.ts";
import { ContractError } from "../core/errors.ts";
import { copyArrays, type StateTree } from "../core/state.ts";

/** What the market published at one simulation step. */
export interface PublishedFrame {
  readonly step: number;
  /** Event time, seconds since the start of the session. */
  readonly time: number;
  readonly price: number;
  readonly volatility: number;
  readonly baseFeeGwei: number;
  /** Index price and base fee at the inclusion of a transaction sent at the step before. */
  readonly fillPrice: number;
  readonly fillBaseFeeGwei: number;
}

export const FRAME_FIELDS = ["price", "volatility", "baseFeeGwei", "fillPrice", "fillBaseFeeGwei"] as const;

/** Frames in the order of their steps, as far as they have been published. */
export class Tape {
  /** Simulation steps of the whole session: steps + 1 frames. */
  readonly steps: number;
  readonly #columns: Readonly<Record<(typeof FRAME_FIELDS)[number], Float64Array>>;
  #published = 0;

  constructor(steps: number) {
    const column = () => new Float64Array(steps + 1);
    this.steps = steps;
    this.#columns = {
      price: column(),
      volatility: column(),
      baseFeeGwei: column(),
      fillPrice: column(),
      fillBaseFeeGwei: column(),
    };
  }

  /** Frames so far; the newest is of step `published - 1`. */
  get published(): number {
    return this.#published;
  }

  /** Throws a ContractError for a frame that is not the next one. */
  publish(frame: PublishedFrame): void {
    if (frame.step !== this.#published || frame.step > this.steps)
      throw new ContractError("A frame is out of order.", {
        which: "frame.step",
        value: frame.step,
        fix: `Publish step ${this.#published} next, up to ${this.steps}.`,
      });
    for (const field of FRAME_FIELDS) this.#columns[field][frame.step] = frame[field];
    this.#published += 1;
  }

  /** Writes the frame of a step to environment b. */
  read(step: number, b: number, out: MarketFrame): void {
    if (step >= this.#published)
      throw new ContractError("A frame has not been published.", {
        which: `frame ${step}`,
        value: this.#published,
        fix: "Stop at the last whole decision of the session.",
      });
    for (const field of FRAME_FIELDS) out[field][b] = this.#columns[field][step]!;
  }
}

/**
 * Plays a tape back into RebalanceEnv through its `source` option, the same session in each of the batch: positions, venues, accounts and
 * features are the very code of the simulator. The episode's number chooses nothing here.
 */
export class RecordedMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly #tape: Tape;

  constructor(tape: Tape, batch = 1) {
    this.batch = batch;
    this.steps = tape.steps;
    this.frame = makeFrame(batch);
    this.#tape = tape;
  }

  start(b: number, _episode: number): void {
    this.#tape.read(0, b, this.frame);
  }

  advance(b: number, step: number): void {
    this.#tape.read(step + 1, b, this.frame);
  }

  saveState(): StateTree {
    return Object.fromEntries(FRAME_FIELDS.map((field) => [field, this.frame[field].slice()]));
  }

  loadState(state: StateTree): void {
    copyArrays(Object.fromEntries(FRAME_FIELDS.map((field) => [field, this.frame[field]])), state, "recorded market");
  }
}
