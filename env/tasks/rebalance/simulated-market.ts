import type { Series } from "../../../src/core/contracts/series.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { deriveSeed, episodeKey, IndexedRandom, type Split } from "../../../src/core/random.ts";
import { copyArrays, type StateTree } from "../../../src/core/state.ts";
import { FeeMarket } from "../../chain/fee-market.ts";
import { type DateRange, RecordedWindows } from "../../market/recorded-series.ts";
import { type FuturePerturbation, type MarketFrame, type MarketSource, makeFrame } from "../../market/source.ts";
import { STREAM } from "../../market/streams.ts";
import { chainParameters, inclusionSeconds, initialVolatility, type Scenario, timing } from "./scenario.ts";

/** Recorded series that a scenario names, and the part of each that a split may use. */
export interface ScenarioData {
  readonly series: Readonly<Record<string, Series>>;
  readonly ranges?: Readonly<Record<string, DateRange>>;
}

export interface SimulatedMarketOptions {
  readonly scenario: Scenario;
  readonly batch: number;
  readonly seed: number;
  readonly split: Split;
  readonly data?: ScenarioData;
}

/**
 * Prices (geometric Brownian motion or a recorded series), mark volatility and base fees of B episodes. Every draw is indexed by
 * (episode key, step, stream): what one contender does changes no shock of another.
 */
export class SimulatedMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly #scenario: Scenario;
  readonly #seedWord: number;
  readonly #split: Split;
  readonly #keys: Int32Array;
  /** Unrounded price, so that ticks do not accumulate. */
  readonly #exactPrice: Float64Array;
  readonly #logVolatility: Float64Array;
  readonly #priceStart: Float64Array;
  readonly #feeStart: Float64Array;
  readonly #fees: FeeMarket | undefined;
  readonly #priceWindows: RecordedWindows | undefined;
  readonly #feeWindows: RecordedWindows | undefined;
  readonly #inclusion: number;
  readonly #dt: number;
  readonly #stepSeconds: number;
  readonly #tick: number;
  #volatilityDecay = 0;
  #volatilityShock = 0;
  #volatilityStart = 0;
  #perturbation: FuturePerturbation | undefined;

  constructor({ scenario, batch, seed, split, data }: SimulatedMarketOptions) {
    const t = timing(scenario);
    this.batch = batch;
    this.steps = t.steps;
    this.frame = makeFrame(batch);
    this.#scenario = scenario;
    this.#seedWord = deriveSeed(seed, `market/${scenario.name}`);
    this.#split = split;
    this.#keys = new Int32Array(batch);
    this.#exactPrice = new Float64Array(batch);
    this.#logVolatility = new Float64Array(batch);
    this.#priceStart = new Float64Array(batch);
    this.#feeStart = new Float64Array(batch);
    this.#inclusion = inclusionSeconds(scenario);
    this.#dt = t.dtYears;
    this.#stepSeconds = t.stepSeconds;
    const { price } = scenario.market;
    this.#tick = price.tick;
    const horizon = t.steps * t.stepSeconds;
    if (price.model === "file")
      this.#priceWindows = new RecordedWindows(
        named(data, price.series, "scenario.market.price.series"),
        data?.ranges?.[price.series],
        horizon,
        split,
        "scenario.market.price",
      );
    const { fee } = scenario.chain;
    if (fee.model === "file")
      this.#feeWindows = new RecordedWindows(
        named(data, fee.series, "scenario.chain.fee.series"),
        data?.ranges?.[fee.series],
        horizon,
        split,
        "scenario.chain.fee",
      );
    const { impliedVolatility } = scenario.market;
    if (impliedVolatility?.model === "mean-reverting") {
      // The exact step of an Ornstein-Uhlenbeck process, so that its law does not depend on the step.
      const { reversionPerYear: k, volOfVol } = impliedVolatility;
      this.#volatilityDecay = Math.exp(-k * this.#dt);
      this.#volatilityShock = volOfVol * Math.sqrt(k > 0 ? -Math.expm1(-2 * k * this.#dt) / (2 * k) : this.#dt);
      this.#volatilityStart = k > 0 ? volOfVol / Math.sqrt(2 * k) : 0;
    }
    const chain = chainParameters(scenario);
    if (fee.model === "eip1559" && chain !== undefined)
      this.#fees = new FeeMarket(batch, chain, fee, t.stepSeconds, scenario.chain.inclusionBlocks);
  }

  /** Non-overlapping recorded windows of this split, or undefined for simulated prices. */
  get windows(): number | undefined {
    return this.#priceWindows?.count;
  }

  perturbFuture(perturbation: FuturePerturbation | undefined): void {
    this.#perturbation = perturbation;
  }

  start(b: number, episode: number): void {
    const key = episodeKey(this.#seedWord, this.#split, episode);
    this.#keys[b] = key;
    const { price, impliedVolatility } = this.#scenario.market;
    if (this.#priceWindows !== undefined) this.#priceStart[b] = this.#priceWindows.startTime(key, episode, 0);
    if (this.#feeWindows !== undefined) this.#feeStart[b] = this.#feeWindows.startTime(key, episode, 1, true);
    const initial = price.model === "gbm" ? price.initial : this.#priceWindows!.at(this.#priceStart[b]!);
    this.#exactPrice[b] = initial;
    this.frame.price[b] = this.#rounded(initial);
    const volatility = initialVolatility(this.#scenario);
    if (impliedVolatility?.model === "mean-reverting") {
      this.#logVolatility[b] = this.#volatilityStart * IndexedRandom.normal(key, -1, STREAM.impliedVolatility);
    } else this.#logVolatility[b] = 0;
    this.frame.volatility[b] = volatility * Math.exp(this.#logVolatility[b]!);
    this.#fees?.start(b, key);
    this.frame.baseFeeGwei[b] = this.#feeNow(b, 0);
    this.frame.fillPrice[b] = this.frame.price[b]!;
    this.frame.fillBaseFeeGwei[b] = this.frame.baseFeeGwei[b]!;
  }

  advance(b: number, step: number): void {
    const { price, impliedVolatility } = this.#scenario.market;
    const key = this.#keyAt(b, step);
    const before = this.#exactPrice[b]!;
    const feeBefore = this.frame.baseFeeGwei[b]!;
    const sd = price.volatility * Math.sqrt(this.#dt);
    let z: number;
    let logReturn: number;
    if (price.model === "gbm") {
      z = IndexedRandom.normal(key, step, STREAM.price);
      logReturn = (price.drift - 0.5 * price.volatility * price.volatility) * this.#dt + sd * z;
      this.#exactPrice[b] = before * Math.exp(logReturn);
    } else {
      const next = this.#priceWindows!.at(this.#priceStart[b]! + (step + 1) * this.#stepSeconds);
      const shaken = this.#perturbed(step) ? next * (1 + 0.01 * IndexedRandom.normal(key, step, STREAM.price)) : next;
      this.#exactPrice[b] = shaken;
      logReturn = Math.log(shaken / before);
      z = logReturn / sd;
    }
    if (impliedVolatility?.model === "mean-reverting") {
      const { correlation } = impliedVolatility;
      const own = IndexedRandom.normal(key, step, STREAM.impliedVolatility);
      const shock = correlation * z + Math.sqrt(1 - correlation * correlation) * own;
      this.#logVolatility[b] = this.#logVolatility[b]! * this.#volatilityDecay + this.#volatilityShock * shock;
      this.frame.volatility[b] = impliedVolatility.volatility * Math.exp(this.#logVolatility[b]!);
    }
    this.#fees?.advance(b, key, step, Math.abs(z));
    this.frame.price[b] = this.#rounded(this.#exactPrice[b]!);
    this.frame.baseFeeGwei[b] = this.#feeNow(b, step + 1);
    if (this.#inclusion === 0) {
      this.frame.fillPrice[b] = this.#rounded(before);
      this.frame.fillBaseFeeGwei[b] = feeBefore;
      return;
    }
    // A Brownian bridge inside the step; recorded bars have nothing inside, so there the path is a straight line.
    const share = this.#inclusion / this.#stepSeconds;
    const noise =
      price.model === "gbm" ? sd * Math.sqrt(share * (1 - share)) * IndexedRandom.normal(key, step, STREAM.bridge) : 0;
    this.frame.fillPrice[b] = this.#rounded(before * Math.exp(share * logReturn + noise));
    this.frame.fillBaseFeeGwei[b] = this.#feeAtInclusion(b, step);
  }

  saveState(): StateTree {
    return {
      keys: this.#keys.slice(),
      exactPrice: this.#exactPrice.slice(),
      logVolatility: this.#logVolatility.slice(),
      priceStart: this.#priceStart.slice(),
      feeStart: this.#feeStart.slice(),
      baseFeeWei: this.#fees?.baseFeeWei.slice() ?? new Float64Array(0),
      logDemand: this.#fees?.logDemand.slice() ?? new Float64Array(0),
      price: this.frame.price.slice(),
      volatility: this.frame.volatility.slice(),
      baseFeeGwei: this.frame.baseFeeGwei.slice(),
      fillPrice: this.frame.fillPrice.slice(),
      fillBaseFeeGwei: this.frame.fillBaseFeeGwei.slice(),
    };
  }

  loadState(state: StateTree): void {
    const targets: Record<string, Float64Array | Int32Array> = {
      keys: this.#keys,
      exactPrice: this.#exactPrice,
      logVolatility: this.#logVolatility,
      priceStart: this.#priceStart,
      feeStart: this.#feeStart,
      baseFeeWei: this.#fees?.baseFeeWei ?? new Float64Array(0),
      logDemand: this.#fees?.logDemand ?? new Float64Array(0),
      price: this.frame.price,
      volatility: this.frame.volatility,
      baseFeeGwei: this.frame.baseFeeGwei,
      fillPrice: this.frame.fillPrice,
      fillBaseFeeGwei: this.frame.fillBaseFeeGwei,
    };
    copyArrays(targets, state, "market");
  }

  #perturbed(step: number): boolean {
    return this.#perturbation !== undefined && step >= this.#perturbation.afterStep;
  }

  #keyAt(b: number, step: number): number {
    const key = this.#keys[b]!;
    return this.#perturbed(step) ? key ^ Math.imul(this.#perturbation!.salt + 1, 0x9e3779b1) : key;
  }

  #rounded(price: number): number {
    return this.#tick > 0 ? Math.max(1, Math.round(price / this.#tick)) * this.#tick : price;
  }

  /** Base fee of the block that includes a transaction sent at the start of `step`. */
  #feeAtInclusion(b: number, step: number): number {
    const { fee } = this.#scenario.chain;
    if (fee.model === "eip1559") return this.#fees!.includedFeeWei[b]! / 1e9;
    if (fee.model === "file")
      return this.#feeWindows!.at(this.#feeStart[b]! + step * this.#stepSeconds + this.#inclusion);
    return this.frame.baseFeeGwei[b]!;
  }

  #feeNow(b: number, step: number): number {
    const { fee } = this.#scenario.chain;
    if (fee.model === "none") return 0;
    if (fee.model === "constant") return fee.gwei;
    if (fee.model === "file") {
      const recorded = this.#feeWindows!.at(this.#feeStart[b]! + step * this.#stepSeconds);
      if (step === 0 || !this.#perturbed(step - 1)) return recorded;
      return recorded * Math.exp(0.1 * IndexedRandom.normal(this.#keyAt(b, step - 1), step, STREAM.window));
    }
    return this.#fees!.baseFeeWei[b]! / 1e9;
  }
}

function named(data: ScenarioData | undefined, name: string, which: string): Series {
  const series = data?.series[name];
  if (series === undefined)
    throw new ConfigError(`The recorded series "${name}" is not loaded.`, {
      which,
      value: name,
      fix: "Give the folder of recorded data with --data <dir> or GREEKGYM_DATA.",
    });
  return series;
}
