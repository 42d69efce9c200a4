import { ConfigError } from "../../src/core/errors.ts";
import { IndexedRandom } from "../../src/core/random.ts";

/** Outages of a centralised API. Assumptions: docs/assumptions/outages.md. */
export interface OutageParameters {
  /** Mean time between the end of an outage and the start of the next, hours. */
  readonly meanUpHours: number;
  /** Mean length of an outage, minutes; 0 = no outages. */
  readonly meanDownMinutes: number;
}

/** Index of the uniform draw that decides a step (200..207 are reserved for outages); bin -1 decides the start. */
const STATE_STREAM = 200;

/** Share of time in which the API answers. */
export function availability(p: OutageParameters): number {
  const up = p.meanUpHours * 60;
  return p.meanUpHours === Number.POSITIVE_INFINITY ? 1 : up / (up + p.meanDownMinutes);
}

/** Throws a ConfigError unless both means are in range. */
export function checkOutageParameters(p: OutageParameters, which = "execution.outages"): void {
  if (!(p.meanUpHours > 0))
    throw new ConfigError("The mean time between outages is out of range.", {
      which: `${which}.meanUpHours`,
      value: p.meanUpHours,
      fix: "Use more than 0 hours.",
    });
  if (!(p.meanDownMinutes >= 0 && Number.isFinite(p.meanDownMinutes)))
    throw new ConfigError("The mean length of an outage is out of range.", {
      which: `${which}.meanDownMinutes`,
      value: p.meanDownMinutes,
      fix: "Use a finite number of minutes, at least 0.",
    });
}

/**
 * An alternating renewal process with exponential times up and down: a Markov chain in continuous time (Cox, "Renewal Theory", 1962, §7), here
 * sampled exactly at the ends of steps. So its law at the instants at which policies decide does not depend on the step. It starts in its
 * stationary law. One draw a step, indexed by (key, step).
 */
export class Outages {
  /** 1 where the API answers at the end of the last step, else 0. [B] */
  readonly up: Float64Array;
  readonly #available: number;
  readonly #stayUp: number;
  readonly #comeUp: number;

  constructor(batch: number, parameters: OutageParameters, stepSeconds: number) {
    checkOutageParameters(parameters);
    this.up = new Float64Array(batch).fill(1);
    this.#available = availability(parameters);
    const { meanUpHours, meanDownMinutes } = parameters;
    const rate = 1 / (meanUpHours * 3600) + 1 / (meanDownMinutes * 60);
    // Share of the distance to the stationary law that a step covers. Outages of mean length 0 are over at once: the rate is infinite.
    const moved = -Math.expm1(-rate * stepSeconds);
    this.#stayUp = 1 - (1 - this.#available) * moved;
    this.#comeUp = this.#available * moved;
  }

  /** Starts environment b in the stationary law. */
  start(b: number, key: number): void {
    this.up[b] = IndexedRandom.uniform(key, -1, STATE_STREAM) < this.#available ? 1 : 0;
  }

  /** Moves environment b over the step that ends at `step` + 1. */
  advance(b: number, key: number, step: number): void {
    const chance = this.up[b] === 1 ? this.#stayUp : this.#comeUp;
    this.up[b] = IndexedRandom.uniform(key, step, STATE_STREAM) < chance ? 1 : 0;
  }

  /** The state, by name, for saving. */
  arrays(): Record<string, Float64Array> {
    return { up: this.up };
  }
}
