import { IndexedRandom } from "../../../src/core/random.ts";
import { STREAM } from "../streams.ts";
import { expectStep, expectWithin, LARGEST_VOLATILITY } from "./checks.ts";
import type { GbmConfig, PriceModel } from "./price-model.ts";

/** Geometric Brownian motion, by its exact step. Assumptions: docs/assumptions/price-gbm.md. */
export class GbmPrices implements PriceModel {
  readonly shock: Float64Array;
  readonly stepSd: Float64Array;
  readonly volatility: Float64Array;
  readonly longRunVolatility: number;
  readonly #mean: number;
  readonly #sd: number;

  constructor({ drift, volatility }: GbmConfig, batch: number, dtYears: number) {
    expectStep(dtYears, drift);
    expectWithin(volatility, "volatility", 0, LARGEST_VOLATILITY);
    this.#sd = volatility * Math.sqrt(dtYears);
    this.#mean = (drift - 0.5 * volatility * volatility) * dtYears;
    this.longRunVolatility = volatility;
    this.shock = new Float64Array(batch);
    this.stepSd = new Float64Array(batch).fill(this.#sd);
    this.volatility = new Float64Array(batch).fill(volatility);
  }

  start(b: number, _key: number): void {
    this.shock[b] = 0;
  }

  advance(b: number, key: number, step: number): number {
    const z = IndexedRandom.normal(key, step, STREAM.price);
    this.shock[b] = z;
    return this.#mean + this.#sd * z;
  }

  expectedVolatility(_b: number, _years: number): number {
    return this.longRunVolatility;
  }

  arrays(): Record<string, Float64Array | Int32Array> {
    return { shock: this.shock };
  }
}
