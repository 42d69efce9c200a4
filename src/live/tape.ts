import {
  BASE_FIELDS,
  frameArrays,
  type MarketFrame,
  type MarketSource,
  makeFrame,
  type PublishedField,
} from "../../env/market/source.ts";
import { ContractError } from "../core/errors.ts";
import { copyArrays, type StateTree } from "../core/state.ts";

/** What the market published at one simulation step: the fields that its scenario has. */
export type PublishedFrame = {
  readonly step: number;
  /** Event time, seconds since the start of the session. */
  readonly time: number;
} & Readonly<Record<(typeof BASE_FIELDS)[number], number>> &
  Readonly<Partial<Record<PublishedField, number>>>;

/** Frames in the order of their steps, as far as they have been published. */
export class Tape {
  /** Simulation steps of the whole session: steps + 1 frames. */
  readonly steps: number;
  readonly fields: readonly PublishedField[];
  readonly #columns: readonly Float64Array[];
  readonly #times: Float64Array;
  #published = 0;

  constructor(steps: number, fields: readonly PublishedField[] = BASE_FIELDS) {
    this.steps = steps;
    this.fields = fields;
    this.#columns = fields.map(() => new Float64Array(steps + 1));
    this.#times = new Float64Array(steps + 1);
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
    for (const [i, field] of this.fields.entries()) {
      const value = frame[field];
      if (value === undefined)
        throw new ContractError("A frame lacks a field.", {
          which: `frame ${frame.step}.${field}`,
          fix: "Publish all fields of the scenario.",
        });
      this.#columns[i]![frame.step] = value;
    }
    this.#times[frame.step] = frame.time;
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
    for (const [i, field] of this.fields.entries()) out[field][b] = this.#columns[i]![step]!;
    out.seconds[b] = this.#times[step]!;
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
  readonly fields: readonly PublishedField[];
  readonly #tape: Tape;

  constructor(tape: Tape, batch = 1) {
    this.batch = batch;
    this.steps = tape.steps;
    this.frame = makeFrame(batch);
    this.fields = tape.fields;
    this.#tape = tape;
  }

  start(b: number, _episode: number): void {
    this.#tape.read(0, b, this.frame);
  }

  advance(b: number, step: number): void {
    this.#tape.read(step + 1, b, this.frame);
  }

  saveState(): StateTree {
    const arrays = frameArrays(this.frame, this.fields);
    return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
  }

  loadState(state: StateTree): void {
    copyArrays(frameArrays(this.frame, this.fields), state, "recorded market");
  }
}
