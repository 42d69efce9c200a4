import type { MarkovChain } from "./markov-chain.ts";
import { matrixExponential } from "./matrix-exponential.ts";

/** Spacing of the knots in log years; a cubic Hermite piece is then good to about 1e-8 of the variance. */
const SPACING = 0.05;

/**
 * Expected mean of a state's rate over a horizon, by start state and horizon: computed at knots evenly spaced in log years with its
 * exact derivative, and interpolated between them, because a matrix exponential at every call would be dear.
 */
export class MeanVarianceTable {
  readonly #states: number;
  readonly #knots: number;
  readonly #start: number;
  readonly #rates: Float64Array;
  /** Rate of change at horizon 0, half of Q times rates. [N] */
  readonly #slope: Float64Array;
  /** Mean at each knot and its derivative in log years. [knots × N] */
  readonly #mean: Float64Array;
  readonly #derivative: Float64Array;
  readonly #limit: number;

  constructor(chain: MarkovChain, rates: Float64Array) {
    const n = chain.states;
    const { generator } = chain;
    this.#states = n;
    this.#rates = rates;
    this.#limit = rates.reduce((s, v, i) => s + v * chain.stationary[i]!, 0);
    this.#slope = rates.map((_, i) => rates.reduce((s, v, j) => s + 0.5 * generator[i * n + j]! * v, 0));
    const fastest = generator.reduce((m, q) => Math.max(m, -q), 0);
    const shortest = fastest > 0 ? 1e-5 / fastest : 1;
    // [[Q, rates], [0, 0]]: its exponential holds exp(Q t) and the integral of exp(Q s) rates.
    const size = n + 1;
    const block = new Float64Array(size * size);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) block[i * size + j] = generator[i * n + j]!;
      block[i * size + n] = rates[i]!;
    }
    const at = (years: number) => {
      const e = matrixExponential(block, size, years);
      const mean = rates.map((_, i) => e[i * size + n]! / years);
      const later = rates.map((_, i) => rates.reduce((s, v, j) => s + e[i * size + j]! * v, 0));
      return { mean, later };
    };
    // Up to where the state at the horizon has forgotten its start; from there on the mean falls to its limit as 1 / years.
    let longest = shortest * 1e5;
    const settled = (years: number) => at(years).later.every((v) => Math.abs(v - this.#limit) <= 1e-11 * this.#limit);
    for (let doublings = 0; doublings < 40 && !settled(longest); doublings++) longest *= 2;
    this.#start = Math.log(shortest);
    this.#knots = Math.ceil((Math.log(longest) - this.#start) / SPACING) + 1;
    this.#mean = new Float64Array(this.#knots * n);
    this.#derivative = new Float64Array(this.#knots * n);
    for (let k = 0; k < this.#knots; k++) {
      const { mean, later } = at(Math.exp(this.#start + k * SPACING));
      for (let i = 0; i < n; i++) {
        this.#mean[k * n + i] = mean[i]!;
        this.#derivative[k * n + i] = later[i]! - mean[i]!;
      }
    }
  }

  /** Expected mean of the rate over the next `years` from `state`; the rate itself for 0 years or less. */
  at(state: number, years: number): number {
    if (!(years > 0)) return this.#rates[state]!;
    const n = this.#states;
    const place = (Math.log(years) - this.#start) / SPACING;
    if (place <= 0) return this.#rates[state]! + this.#slope[state]! * years;
    const last = this.#knots - 1;
    if (place >= last)
      return this.#limit + (this.#mean[last * n + state]! - this.#limit) * Math.exp((last - place) * SPACING);
    const k = Math.floor(place);
    const u = place - k;
    const w = 1 - u;
    const i = k * n + state;
    const ends = w * w * (1 + 2 * u) * this.#mean[i]! + u * u * (3 - 2 * u) * this.#mean[i + n]!;
    return ends + SPACING * u * w * (w * this.#derivative[i]! - u * this.#derivative[i + n]!);
  }
}
