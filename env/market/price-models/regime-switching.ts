import { ConfigError } from "../../../src/core/errors.ts";
import { IndexedRandom } from "../../../src/core/random.ts";
import { STREAM } from "../streams.ts";
import { expectStep, expectWithin, LARGEST_VOLATILITY } from "./checks.ts";
import { integralMoments, type MarkovChain, markovChain } from "./markov-chain.ts";
import { MeanVarianceTable } from "./mean-variance-table.ts";
import type { PriceModel, RegimeSwitchingConfig } from "./price-model.ts";
import { PRICE_STREAM, STAYS_PER_STEP } from "./streams.ts";

/** A step may hold this many mean stays; then more stays than there are streams have a chance of about 1e-9 a step. */
const MOST_STAYS = 8;
const MOST_REGIMES = 16;

/**
 * A price whose volatility is a Markov chain in continuous time (J. D. Hamilton, Econometrica 57 (1989) 357, in continuous time as in
 * X. Guo, Quantitative Finance 1 (2001) 38). Switches happen at their own times inside a step, not at its ends: a stay's length is exponential and
 * so has no memory, and is drawn anew at each step without changing its law. The law of regimes, of the time in each, and of returns
 * therefore does not depend on the step. Assumptions: docs/assumptions/price-regimes.md.
 */
export class RegimeSwitchingPrices implements PriceModel {
  readonly shock: Float64Array;
  readonly stepSd: Float64Array;
  readonly volatility: Float64Array;
  readonly longRunVolatility: number;
  /** Index of the present regime. [B] */
  readonly regime: Int32Array;
  readonly #chain: MarkovChain;
  readonly #variances: Float64Array;
  readonly #table: MeanVarianceTable;
  /** Mean variance of a step and sd of its return, by the regime at its start. [N] */
  readonly #stepVariance: Float64Array;
  readonly #returnSd: Float64Array;
  readonly #dt: number;
  readonly #growth: number;

  /** `hoursPerYear`: 24 times the scenario's days in a year. */
  constructor({ drift, regimes }: RegimeSwitchingConfig, batch: number, dtYears: number, hoursPerYear: number) {
    expectStep(dtYears, drift);
    expectWithin(regimes.length, "regimes.length", 1, MOST_REGIMES);
    for (const [i, { volatility, meanHours }] of regimes.entries()) {
      expectWithin(volatility, `regimes[${i}].volatility`, 0, LARGEST_VOLATILITY, true);
      expectWithin(meanHours, `regimes[${i}].meanHours`, 0, 1e7, true);
      if (regimes.length > 1 && meanHours * MOST_STAYS < dtYears * hoursPerYear)
        throw new ConfigError("A regime is much shorter than a step.", {
          which: `scenario.market.price.regimes[${i}].meanHours`,
          value: meanHours,
          fix: `Give at least ${(dtYears * hoursPerYear) / MOST_STAYS} hours, or shorten stepSeconds.`,
        });
    }
    this.#chain = markovChain(regimes, hoursPerYear);
    this.#variances = Float64Array.from(regimes, (r) => r.volatility * r.volatility);
    this.#table = new MeanVarianceTable(this.#chain, this.#variances);
    const { mean, variance } = integralMoments(this.#chain, this.#variances, dtYears);
    this.#stepVariance = mean;
    this.#returnSd = mean.map((m, i) => Math.sqrt(m + 0.25 * variance[i]!));
    this.#dt = dtYears;
    this.#growth = drift * dtYears;
    this.longRunVolatility = Math.sqrt(this.#variances.reduce((s, v, i) => s + v * this.#chain.stationary[i]!, 0));
    this.shock = new Float64Array(batch);
    this.stepSd = new Float64Array(batch);
    this.volatility = new Float64Array(batch);
    this.regime = new Int32Array(batch);
  }

  /** Starts in a regime drawn from the long-run law. */
  start(b: number, key: number): void {
    const u = IndexedRandom.uniform(key, -1, PRICE_STREAM.firstRegime);
    const { states, stationary } = this.#chain;
    let i = 0;
    for (let below = stationary[0]!; i < states - 1 && u > below; below += stationary[i]!) i++;
    this.regime[b] = i;
    this.volatility[b] = Math.sqrt(this.#variances[i]!);
    this.stepSd[b] = Math.sqrt(this.#variances[i]! * this.#dt);
    this.shock[b] = 0;
  }

  advance(b: number, key: number, step: number): number {
    const first = this.regime[b]!;
    const variance = this.#variances[first]! * this.#dt + this.#switch(b, key, step);
    const sd = Math.sqrt(variance);
    const surprise = sd * IndexedRandom.normal(key, step, STREAM.price) - 0.5 * (variance - this.#stepVariance[first]!);
    this.stepSd[b] = sd;
    this.shock[b] = surprise / this.#returnSd[first]!;
    this.volatility[b] = Math.sqrt(this.#variances[this.regime[b]!]!);
    return this.#growth - 0.5 * this.#stepVariance[first]! + surprise;
  }

  /** Moves the regime of b over one step; returns the step's integrated variance less what staying would have given. */
  #switch(b: number, key: number, step: number): number {
    const { states, meanYears, cumulativeNext } = this.#chain;
    if (states === 1) return 0;
    const first = this.regime[b]!;
    let i = first;
    let left = this.#dt;
    let extra = 0;
    for (let stay = 0; stay < STAYS_PER_STEP; stay++) {
      const stream = PRICE_STREAM.regime + 2 * stay;
      const length = -meanYears[i]! * Math.log(IndexedRandom.uniform(key, step, stream));
      if (length >= left) break;
      const u = IndexedRandom.uniform(key, step, stream + 1);
      let j = 0;
      while (j < states - 1 && u > cumulativeNext[i * states + j]!) j++;
      left -= length;
      extra += left * (this.#variances[j]! - this.#variances[i]!);
      i = j;
    }
    this.regime[b] = i;
    return extra;
  }

  expectedVolatility(b: number, years: number): number {
    return Math.sqrt(this.#table.at(this.regime[b]!, years));
  }

  arrays(): Record<string, Float64Array | Int32Array> {
    return { regime: this.regime, volatility: this.volatility, stepSd: this.stepSd, shock: this.shock };
  }
}
