import { ConfigError } from "../../../src/core/errors.ts";
import { inverseNormalCdf } from "../../../src/core/normal.ts";
import { IndexedRandom } from "../../../src/core/random.ts";
import { STREAM } from "../streams.ts";
import { expectStep, expectWithin, LARGEST_VOLATILITY } from "./checks.ts";
import type { PriceModel, VarianceConfig } from "./price-model.ts";
import { PRICE_STREAM } from "./streams.ts";

/** Relative variance of v' above which it is drawn from an exponential with an atom at 0 (Andersen's psi_c). */
const SWITCH = 1.5;

/**
 * Heston's (1993) stochastic variance, by the quadratic-exponential scheme with martingale correction of L. Andersen, "Simple and efficient
 * simulation of the Heston stochastic volatility model", Journal of Computational Finance 11 (2008) 1, §3.2 and §4 (gamma1 = gamma2 = 1/2).
 * The first two moments of the variance and the mean of the price are exact for any step. Assumptions: docs/assumptions/price-heston.md.
 */
export class HestonPrices implements PriceModel {
  readonly shock: Float64Array;
  readonly stepSd: Float64Array;
  readonly volatility: Float64Array;
  readonly longRunVolatility: number;
  /** Sd of the last step's return given the variance at its start. [B] */
  readonly conditionalSd: Float64Array;
  readonly #variance: Float64Array;
  readonly #initialVolatility: number;
  readonly #longRun: number;
  readonly #reversion: number;
  readonly #dt: number;
  readonly #growth: number;
  /** v' has mean longRun + (v - longRun) decay and variance v spreadSlope + spreadFloor. */
  readonly #decay: number;
  readonly #spreadSlope: number;
  readonly #spreadFloor: number;
  /** Loadings of the return's mean on v' and of its variance on v + v', and A = K2 + K4/2, in Andersen's letters (K1 cancels, K3 = K4). */
  readonly #k2: number;
  readonly #k3: number;
  readonly #a: number;

  constructor(config: VarianceConfig, batch: number, dtYears: number) {
    const { drift, initialVolatility, longRunVolatility, reversionPerYear: k, volOfVol: xi, correlation } = config;
    expectStep(dtYears, drift);
    expectWithin(initialVolatility, "initialVolatility", 0, LARGEST_VOLATILITY);
    expectWithin(longRunVolatility, "longRunVolatility", 0, LARGEST_VOLATILITY, true);
    expectWithin(k, "reversionPerYear", 0, 1e6, true);
    expectWithin(xi, "volOfVol", 0, 1000);
    expectWithin(correlation, "correlation", -1, 1);
    const room = -Math.expm1(-k * dtYears);
    this.longRunVolatility = longRunVolatility;
    this.#initialVolatility = initialVolatility;
    this.#longRun = longRunVolatility * longRunVolatility;
    this.#reversion = k;
    this.#dt = dtYears;
    this.#growth = drift * dtYears;
    this.#decay = 1 - room;
    this.#spreadSlope = (xi * xi * this.#decay * room) / k;
    this.#spreadFloor = (this.#longRun * xi * xi * room * room) / (2 * k);
    // Without vol of vol the variance is a curve of time, and nothing of the return comes through it.
    const rho = xi > 0 ? correlation : 0;
    const leverage = xi > 0 ? rho / xi : 0;
    this.#k2 = 0.5 * dtYears * (k * leverage - 0.5) + leverage;
    this.#k3 = 0.5 * dtYears * (1 - rho * rho);
    this.#a = this.#k2 + 0.5 * this.#k3;
    // E[exp(A v')] is finite in both branches below this bound: s²/m <= xi² room/k, a <= s²/(2m) and beta >= 1.2 m/s².
    if (!(this.#a * xi * xi * room < k))
      throw new ConfigError(
        "The step is too long for this volatility of volatility: the mean of a step's price is infinite.",
        {
          which: "scenario.market.price.volOfVol",
          value: xi,
          fix: "Shorten stepSeconds, or lower volOfVol or correlation.",
        },
      );
    this.shock = new Float64Array(batch);
    this.stepSd = new Float64Array(batch);
    this.volatility = new Float64Array(batch);
    this.conditionalSd = new Float64Array(batch);
    this.#variance = new Float64Array(batch);
  }

  start(b: number, _key: number): void {
    const v = this.#initialVolatility * this.#initialVolatility;
    this.#variance[b] = v;
    this.volatility[b] = this.#initialVolatility;
    this.stepSd[b] = Math.sqrt(v * this.#dt);
    this.shock[b] = 0;
  }

  advance(b: number, key: number, step: number): number {
    const v = this.#variance[b]!;
    const a = this.#a;
    const mean = this.#longRun + (v - this.#longRun) * this.#decay;
    const spread = v * this.#spreadSlope + this.#spreadFloor;
    const psi = spread / (mean * mean);
    let next: number;
    let logM: number;
    if (psi === 0) {
      next = mean;
      logM = a * mean;
    } else if (psi <= SWITCH) {
      const two = 2 / psi;
      const b2 = two - 1 + Math.sqrt(two * (two - 1));
      const scale = mean / (1 + b2);
      const root = Math.sqrt(b2) + inverseNormalCdf(IndexedRandom.uniform(key, step, PRICE_STREAM.variance));
      next = scale * root * root;
      const left = 1 - 2 * a * scale;
      logM = (a * b2 * scale) / left - 0.5 * Math.log(left);
    } else {
      const atom = (psi - 1) / (psi + 1);
      const beta = (1 - atom) / mean;
      const u = IndexedRandom.uniform(key, step, PRICE_STREAM.variance);
      next = u <= atom ? 0 : Math.log((1 - atom) / (1 - u)) / beta;
      logM = Math.log(atom + (beta * (1 - atom)) / (beta - a));
    }
    const known = this.#growth - logM - 0.5 * this.#k3 * v;
    const z = IndexedRandom.normal(key, step, STREAM.price);
    const surprise = this.#k2 * (next - mean) + Math.sqrt(this.#k3 * (v + next)) * z;
    const sd = Math.sqrt(this.#k2 * this.#k2 * spread + this.#k3 * (v + mean));
    this.#variance[b] = next;
    this.volatility[b] = Math.sqrt(next);
    this.stepSd[b] = Math.sqrt(0.5 * (v + next) * this.#dt);
    this.conditionalSd[b] = sd;
    this.shock[b] = sd > 0 ? surprise / sd : 0;
    return known + this.#k2 * mean + surprise;
  }

  /** Expected mean variance over the next `years`: longRun + (v - longRun) (1 - e^(-k t)) / (k t). */
  expectedVariance(b: number, years: number): number {
    const kt = this.#reversion * Math.max(years, 0);
    const weight = kt > 0 ? -Math.expm1(-kt) / kt : 1;
    return this.#longRun + (this.#variance[b]! - this.#longRun) * weight;
  }

  expectedVolatility(b: number, years: number): number {
    return Math.sqrt(this.expectedVariance(b, years));
  }

  arrays(): Record<string, Float64Array | Int32Array> {
    return { variance: this.#variance, volatility: this.volatility, stepSd: this.stepSd, shock: this.shock };
  }
}
