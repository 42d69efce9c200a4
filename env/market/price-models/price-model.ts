import { BatesPrices } from "./bates.ts";
import { GbmPrices } from "./gbm.ts";
import { HestonPrices } from "./heston.ts";
import { RegimeSwitchingPrices } from "./regime-switching.ts";

export interface GbmConfig {
  readonly model: "gbm";
  /** Expected growth of the price, fraction a year: E[S(t)] = S(0) exp(drift t). The same in every model. */
  readonly drift: number;
  /** Fraction a year. */
  readonly volatility: number;
}

/** dv = reversionPerYear (longRunVolatility² - v) dt + volOfVol sqrt(v) dW, v(0) = initialVolatility², corr(dW, d log S) = correlation. */
export interface VarianceConfig {
  readonly drift: number;
  readonly initialVolatility: number;
  readonly longRunVolatility: number;
  readonly reversionPerYear: number;
  /** The xi of the equation: of variance, not of volatility. */
  readonly volOfVol: number;
  readonly correlation: number;
}

export interface HestonConfig extends VarianceConfig {
  readonly model: "heston";
}

/** Heston's diffusion with Poisson jumps of the log price, normal(jumpMean, jumpSd). */
export interface BatesConfig extends VarianceConfig {
  readonly model: "bates";
  readonly jumpsPerYear: number;
  readonly jumpMean: number;
  readonly jumpSd: number;
}

export interface Regime {
  readonly name: string;
  /** Fraction a year. */
  readonly volatility: number;
  /** Mean length of a stay, hours; the length is exponential. */
  readonly meanHours: number;
  /** Probabilities of the regimes entered next, one for each regime, 0 for its own; equal where absent. */
  readonly next?: readonly number[] | undefined;
}

export interface RegimeSwitchingConfig {
  readonly model: "regime-switching";
  readonly drift: number;
  readonly regimes: readonly Regime[];
}

export type PriceModelConfig = GbmConfig | HestonConfig | BatesConfig | RegimeSwitchingConfig;

/**
 * The efficient price of B environments. Every draw is indexed by (key, step, stream), so that a path depends on its key alone.
 * Returns are of the log price; the caller keeps the price itself.
 */
export interface PriceModel {
  /** Puts environment b at the start of the path of `key`. */
  start(b: number, key: number): void;
  /** Moves environment b over the step that ends at `step` + 1 and returns its log return. */
  advance(b: number, key: number, step: number): number;
  /** The last step's return less its mean, over its sd; both given what was known at the step's start, jumps included. 0 at the start. [B] */
  readonly shock: Float64Array;
  /** Sd of the last step's return given the path that its volatility took, without jumps: for a bridge inside the step. [B] */
  readonly stepSd: Float64Array;
  /** Instantaneous volatility after the step, fraction a year, without jumps. [B] */
  readonly volatility: Float64Array;
  /** Square root of the expected mean variance over the next `years`, given the present state, jumps included; fraction a year. */
  expectedVolatility(b: number, years: number): number;
  /** The limit of `expectedVolatility` at a long horizon. */
  readonly longRunVolatility: number;
  /** All state, to be saved and loaded bit for bit. */
  arrays(): Record<string, Float64Array | Int32Array>;
}

/**
 * The model that `config` names, for `batch` environments and steps of `dtYears`, in years of `daysPerYear` days (which turn hours into years).
 * Throws a ConfigError that names the field of `scenario.market.price` for values out of range.
 */
export function makePriceModel(
  config: PriceModelConfig,
  batch: number,
  dtYears: number,
  daysPerYear = 365,
): PriceModel {
  switch (config.model) {
    case "gbm":
      return new GbmPrices(config, batch, dtYears);
    case "heston":
      return new HestonPrices(config, batch, dtYears);
    case "bates":
      return new BatesPrices(config, batch, dtYears);
    case "regime-switching":
      return new RegimeSwitchingPrices(config, batch, dtYears, 24 * daysPerYear);
  }
}
