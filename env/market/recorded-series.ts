import type { Series } from "../../src/core/contracts/series.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { IndexedRandom, type Split } from "../../src/core/random.ts";
import { isoDate } from "./iso-time.ts";
import { STREAM } from "./streams.ts";

/** A part of a recorded series, seconds since 1970: [from, to). */
export interface DateRange {
  readonly from: number;
  readonly to: number;
}

/** Position of the last entry at or before `time`; -1 before the first. */
export function lastAtOrBefore(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Windows of a fixed length on a recorded series. In training they start anywhere; in select and test they do not overlap, episode e
 * using window e modulo their number, so that whole windows can be resampled.
 */
export class RecordedWindows {
  readonly series: Series;
  readonly #seconds: number;
  readonly #overlapping: boolean;
  readonly #range: DateRange;
  /** Non-overlapping windows in the range. */
  readonly count: number;

  constructor(series: Series, range: DateRange | undefined, seconds: number, split: Split, which: string) {
    const first = series.times[0]!;
    const last = series.times[series.times.length - 1]!;
    const from = Math.max(first, range?.from ?? first);
    const to = Math.min(last, range?.to ?? last);
    this.count = Math.max(0, Math.floor((to - from) / seconds));
    if (this.count < 1)
      throw new ConfigError("A split is shorter than one episode.", {
        which: `${which} (split ${split})`,
        value: `${isoDate(from)} to ${isoDate(to)}`,
        fix: `Give the split at least ${(seconds / 86400).toFixed(2)} days inside ${isoDate(first)} to ${isoDate(last)}, the span of ${series.source}.`,
      });
    this.series = series;
    this.#seconds = seconds;
    this.#overlapping = split === "train";
    this.#range = { from, to };
  }

  /** Time at which the window of an episode starts. */
  startTime(key: number, episode: number, bin: number, random = this.#overlapping): number {
    const { from, to } = this.#range;
    if (!random) return from + (episode % this.count) * this.#seconds;
    return from + IndexedRandom.uniform(key, bin, STREAM.window) * (to - from - this.#seconds);
  }

  /** The last value published at or before `time`. */
  at(time: number): number {
    return this.series.values[Math.max(0, lastAtOrBefore(this.series.times, time))]!;
  }
}
