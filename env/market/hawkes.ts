import { ContractError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/random.ts";

/** The univariate Hawkes process with intensity mu + sum a e^{-b (t - t_i)} over past events t_i; branching ratio n = a / b < 1. */

function check(mu: number, a: number, b: number): void {
  if (!(mu > 0 && a >= 0 && b > a))
    throw new ContractError("A Hawkes process needs mu > 0 and 0 <= a < b.", {
      which: "mu, a, b",
      value: [mu, a, b],
      fix: "Give a branching ratio a / b below 1.",
    });
}

/**
 * Event times on [0, horizon), started without a past. Thinning (Ogata, 1981, "On Lewis' simulation method for point processes").
 * @throws ContractError unless mu > 0 and 0 <= a < b
 */
export function simulateHawkes(mu: number, a: number, b: number, horizon: number, random: Random): Float64Array {
  check(mu, a, b);
  const times: number[] = [];
  let excited = 0;
  let time = 0;
  for (;;) {
    const bound = mu + excited;
    const wait = -Math.log(random.uniform()) / bound;
    time += wait;
    if (!(time < horizon)) return Float64Array.from(times);
    excited *= Math.exp(-b * wait);
    if (random.uniform() * bound < mu + excited) {
      times.push(time);
      excited += a;
    }
  }
}

/** Intensity just before `t`, given the sorted event times. */
export function hawkesIntensity(times: ArrayLike<number>, t: number, mu: number, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < times.length && times[i]! < t; i++) sum += Math.exp(-b * (t - times[i]!));
  return mu + a * sum;
}

/**
 * Log likelihood of sorted event times on [0, horizon], in one pass (Ozaki, 1979): the sum of log intensities less the compensator.
 * @throws ContractError unless mu > 0 and 0 <= a < b
 */
export function hawkesLogLikelihood(
  times: ArrayLike<number>,
  horizon: number,
  mu: number,
  a: number,
  b: number,
): number {
  check(mu, a, b);
  let excited = 0;
  let last = 0;
  let total = -mu * horizon;
  for (let i = 0; i < times.length; i++) {
    const t = times[i]!;
    excited *= Math.exp(-b * (t - last));
    last = t;
    total += Math.log(mu + a * excited) - (a / b) * -Math.expm1(-b * (horizon - t));
    excited += 1;
  }
  return total;
}

/** Branching ratio from a Fano factor of long windows: 1 - sqrt(mean / variance) (Hardiman and Bouchaud, 2014). */
export function branchingFromFano(fano: number): number {
  return 1 - 1 / Math.sqrt(fano);
}
