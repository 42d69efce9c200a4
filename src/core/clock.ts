/** Time comes in through this port; nothing below src/cli reads the machine's clock by itself. */
export interface Clock {
  /** Monotonic seconds from an arbitrary start: for durations and ages. */
  monotonicSeconds(): number;
  /** Wall-clock milliseconds since 1970: for stamps in manifests, never for results. */
  wallMilliseconds(): number;
}

/** A clock that stands still until told: for tests and replays. */
export class ManualClock implements Clock {
  #seconds: number;
  readonly #epochMs: number;

  constructor(startSeconds = 0, epochMs = 0) {
    this.#seconds = startSeconds;
    this.#epochMs = epochMs;
  }

  advance(seconds: number): void {
    this.#seconds += seconds;
  }

  monotonicSeconds(): number {
    return this.#seconds;
  }

  wallMilliseconds(): number {
    return this.#epochMs + this.#seconds * 1000;
  }
}
