import { ConfigError } from "../../src/core/errors.ts";

/** A price oracle of the deviation-and-heartbeat kind. Assumptions: docs/assumptions/oracle.md. */
export interface OracleParameters {
  /** Relative move since the last update that triggers the next, basis points. */
  readonly deviationBps: number;
  /** Longest time between two triggers, seconds. */
  readonly heartbeatSeconds: number;
  /** From the trigger to the moment at which the update can be read on chain, seconds. */
  readonly latencySeconds: number;
}

/** Throws a ConfigError unless the parameters describe an oracle. */
export function checkOracleParameters(p: OracleParameters, which = "chain.oracle"): void {
  const checks: [keyof OracleParameters, boolean, string][] = [
    ["deviationBps", p.deviationBps >= 0 && Number.isFinite(p.deviationBps), "Use a finite deviation of at least 0."],
    ["heartbeatSeconds", p.heartbeatSeconds > 0, "Use a heartbeat of more than 0 seconds."],
    [
      "latencySeconds",
      p.latencySeconds >= 0 && Number.isFinite(p.latencySeconds),
      "Use a finite latency of at least 0 seconds.",
    ],
  ];
  for (const [field, good, fix] of checks)
    if (!good)
      throw new ConfigError("An oracle's parameter is out of range.", {
        which: `${which}.${field}`,
        value: p[field],
        fix,
      });
}

/** No update is under way. */
const NONE = -1;

/**
 * Published prices of B oracles. The nodes look at the market at the end of every simulation step and open a round when the price left the last
 * triggered one by the deviation, or when the heartbeat is over. While a round is open no other one opens: at most one update is pending, and
 * the price that it carries is the one that opened it. The state is saved with {@link Oracle.arrays}.
 */
export class Oracle {
  /** Newest published price. [B] */
  readonly price: Float64Array;
  /** Seconds since that price was published. [B] */
  readonly ageSeconds: Float64Array;
  /** 1 where an update was published in the last step, else 0. [B] */
  readonly updated: Float64Array;
  readonly #publishedAt: Float64Array;
  readonly #triggeredAt: Float64Array;
  readonly #pendingPrice: Float64Array;
  readonly #pendingDue: Float64Array;
  readonly #deviationBps: number;
  readonly #heartbeat: number;
  readonly #latency: number;
  /** Times are sums of steps: comparisons of times allow for their rounding. */
  readonly #tolerance: number;

  constructor(batch: number, parameters: OracleParameters, stepSeconds: number) {
    checkOracleParameters(parameters);
    const b = () => new Float64Array(batch);
    this.price = b();
    this.ageSeconds = b();
    this.updated = b();
    this.#publishedAt = b();
    this.#triggeredAt = b();
    this.#pendingPrice = b();
    this.#pendingDue = b();
    this.#deviationBps = parameters.deviationBps;
    this.#heartbeat = parameters.heartbeatSeconds;
    this.#latency = parameters.latencySeconds;
    this.#tolerance = 1e-6 * stepSeconds;
  }

  /** Starts environment b at time 0 with a price that was triggered and published at that instant. */
  start(b: number, price: number): void {
    this.price[b] = price;
    this.ageSeconds[b] = 0;
    this.updated[b] = 0;
    this.#publishedAt[b] = 0;
    this.#triggeredAt[b] = 0;
    this.#pendingPrice[b] = price;
    this.#pendingDue[b] = NONE;
  }

  /** Moves environment b to the end of a step. `price`: what the nodes observe then; `seconds`: event time since the episode's start. */
  advance(b: number, price: number, seconds: number): void {
    this.updated[b] = 0;
    this.#publish(b, seconds);
    if (this.#pendingDue[b] === NONE && this.#triggers(b, price, seconds)) {
      this.#triggeredAt[b] = seconds;
      this.#pendingPrice[b] = price;
      this.#pendingDue[b] = seconds + this.#latency;
      this.#publish(b, seconds);
    }
    this.ageSeconds[b] = seconds - this.#publishedAt[b]!;
  }

  /** Every array of the state, by name, for saving. */
  arrays(): Record<string, Float64Array> {
    return {
      price: this.price,
      ageSeconds: this.ageSeconds,
      updated: this.updated,
      publishedAt: this.#publishedAt,
      triggeredAt: this.#triggeredAt,
      pendingPrice: this.#pendingPrice,
      pendingDue: this.#pendingDue,
    };
  }

  /** No round is open, so the published price is the last triggered one. */
  #triggers(b: number, price: number, seconds: number): boolean {
    const reference = this.price[b]!;
    if (Math.abs(price - reference) * 1e4 >= this.#deviationBps * reference) return true;
    return seconds - this.#triggeredAt[b]! >= this.#heartbeat - this.#tolerance;
  }

  #publish(b: number, seconds: number): void {
    const due = this.#pendingDue[b]!;
    if (due === NONE || due > seconds + this.#tolerance) return;
    this.price[b] = this.#pendingPrice[b]!;
    this.#publishedAt[b] = Math.min(due, seconds);
    this.#pendingDue[b] = NONE;
    this.updated[b] = 1;
  }
}
