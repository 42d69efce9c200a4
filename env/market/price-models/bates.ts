import { IndexedRandom } from "../../../src/core/random.ts";
import { expectWithin } from "./checks.ts";
import { HestonPrices } from "./heston.ts";
import type { BatesConfig, PriceModel } from "./price-model.ts";
import { PRICE_STREAM } from "./streams.ts";

/**
 * Heston's diffusion and independent normal jumps of the log price at Poisson times; the diffusion's drift is lowered so that the price
 * grows by `drift` with them. Source: D. S. Bates, Review of Financial Studies 9 (1996) 69. Assumptions: docs/assumptions/price-bates.md.
 */
export class BatesPrices implements PriceModel {
  readonly shock: Float64Array;
  readonly stepSd: Float64Array;
  readonly volatility: Float64Array;
  readonly longRunVolatility: number;
  readonly #diffusion: HestonPrices;
  readonly #jumpMean: number;
  readonly #jumpSd: number;
  /** Jumps a step, and the chance of none. */
  readonly #intensity: number;
  readonly #none: number;
  /** Mean and variance of a step's jumps. */
  readonly #stepMean: number;
  readonly #stepVariance: number;
  readonly #varianceRate: number;

  constructor(config: BatesConfig, batch: number, dtYears: number) {
    const { drift, jumpsPerYear, jumpMean, jumpSd } = config;
    expectWithin(jumpsPerYear, "jumpsPerYear", 0, 1e5);
    expectWithin(jumpMean, "jumpMean", -5, 5);
    expectWithin(jumpSd, "jumpSd", 0, 5);
    const compensator = jumpsPerYear * Math.expm1(jumpMean + 0.5 * jumpSd * jumpSd);
    expectWithin(compensator, "jumpsPerYear", -90, 90);
    this.#diffusion = new HestonPrices({ ...config, drift: drift - compensator }, batch, dtYears);
    this.#jumpMean = jumpMean;
    this.#jumpSd = jumpSd;
    this.#intensity = jumpsPerYear * dtYears;
    this.#none = Math.exp(-this.#intensity);
    this.#varianceRate = jumpsPerYear * (jumpMean * jumpMean + jumpSd * jumpSd);
    this.#stepMean = this.#intensity * jumpMean;
    this.#stepVariance = this.#varianceRate * dtYears;
    this.longRunVolatility = Math.sqrt(config.longRunVolatility ** 2 + this.#varianceRate);
    this.shock = new Float64Array(batch);
    this.stepSd = this.#diffusion.stepSd;
    this.volatility = this.#diffusion.volatility;
  }

  start(b: number, key: number): void {
    this.#diffusion.start(b, key);
    this.shock[b] = 0;
  }

  advance(b: number, key: number, step: number): number {
    const diffused = this.#diffusion.advance(b, key, step);
    const jump = this.#jump(key, step);
    const sd = this.#diffusion.conditionalSd[b]!;
    const total = Math.sqrt(sd * sd + this.#stepVariance);
    this.shock[b] = total > 0 ? (sd * this.#diffusion.shock[b]! + jump - this.#stepMean) / total : 0;
    return diffused + jump;
  }

  /** Sum of the step's jumps: their number by inversion of one uniform, their sum by one normal. */
  #jump(key: number, step: number): number {
    const u = IndexedRandom.uniform(key, step, PRICE_STREAM.jumpCount);
    let chance = this.#none;
    let below = chance;
    if (u <= below) return 0;
    let n = 0;
    while (u > below && chance > 1e-300) {
      n++;
      chance *= this.#intensity / n;
      below += chance;
    }
    return n * this.#jumpMean + Math.sqrt(n) * this.#jumpSd * IndexedRandom.normal(key, step, PRICE_STREAM.jumpSize);
  }

  expectedVolatility(b: number, years: number): number {
    return Math.sqrt(this.#diffusion.expectedVariance(b, years) + this.#varianceRate);
  }

  arrays(): Record<string, Float64Array | Int32Array> {
    return { ...this.#diffusion.arrays(), shock: this.shock };
  }
}
