import type { OptionChain } from "../../../src/core/contracts/option-chain.ts";
import type { Series } from "../../../src/core/contracts/series.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { deriveSeed, episodeKey, IndexedRandom, type Split } from "../../../src/core/random.ts";
import { copyArrays, type StateTree } from "../../../src/core/state.ts";
import { FeeMarket } from "../../chain/fee-market.ts";
import { blocksToInclusion, type InclusionParameters } from "../../chain/inclusion.ts";
import { Oracle } from "../../chain/oracle.ts";
import { Outages } from "../../chain/outages.ts";
import { FlowState } from "../../market/flow-state.ts";
import { makePriceModel, type PriceModel } from "../../market/price-models/price-model.ts";
import { type DateRange, RecordedWindows } from "../../market/recorded-series.ts";
import {
  API_FIELDS,
  BASE_FIELDS,
  FLOW_FIELDS,
  type FrameField,
  type FuturePerturbation,
  frameArrays,
  type MarketFrame,
  type MarketSource,
  makeFrame,
  ORACLE_FIELDS,
  type PublishedField,
  TRUTH_FIELDS,
} from "../../market/source.ts";
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

/** What a scenario's market publishes. */
export function publishedFields(scenario: Scenario): PublishedField[] {
  return [
    ...BASE_FIELDS,
    ...(scenario.market.flow === undefined ? [] : FLOW_FIELDS),
    ...(scenario.chain.oracle === undefined ? [] : ORACLE_FIELDS),
    ...(scenario.execution?.generation === "script" ? API_FIELDS : []),
  ];
}

/**
 * Prices (a model's or a recorded series), order flow, mark volatility, base fees, oracle and outages of B episodes. The observed mid is
 * S = exp(m + x): the efficient price m moves with news and informed trades, x with uninformed ones and decays. Every draw is indexed by
 * (episode key, step, stream): what one contender does changes no shock of another.
 */
export class SimulatedMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly fields: readonly FrameField[];
  readonly #scenario: Scenario;
  readonly #seedWord: number;
  readonly #split: Split;
  readonly #keys: Int32Array;
  /** Unrounded efficient price, so that ticks do not accumulate; and the observed mid, unrounded. */
  readonly #efficient: Float64Array;
  readonly #observed: Float64Array;
  readonly #logVolatility: Float64Array;
  readonly #priceStart: Float64Array;
  readonly #feeStart: Float64Array;
  readonly #model: PriceModel | undefined;
  readonly #flow: FlowState | undefined;
  readonly #fees: FeeMarket | undefined;
  readonly #oracle: Oracle | undefined;
  readonly #outages: Outages | undefined;
  readonly #priceWindows: RecordedWindows | undefined;
  readonly #feeWindows: RecordedWindows | undefined;
  /** Seconds until inclusion where tips do not decide. */
  readonly #inclusion: number;
  readonly #auction: InclusionParameters | undefined;
  readonly #blockSeconds: number;
  readonly #dt: number;
  readonly #stepSeconds: number;
  readonly #secondsPerYear: number;
  /** Seconds from the start to the last expiry of the book: what an expected volatility looks ahead to. */
  readonly #expirySeconds: number;
  readonly #tick: number;
  #volatilityDecay = 0;
  #volatilityShock = 0;
  #volatilityStart = 0;
  #perturbation: FuturePerturbation | undefined;

  constructor({ scenario, batch, seed, split, data }: SimulatedMarketOptions) {
    const t = timing(scenario);
    const b = () => new Float64Array(batch);
    this.batch = batch;
    this.steps = t.steps;
    this.frame = makeFrame(batch);
    this.#scenario = scenario;
    this.#seedWord = deriveSeed(seed, `market/${scenario.name}`);
    this.#split = split;
    this.#keys = new Int32Array(batch);
    this.#efficient = b();
    this.#observed = b();
    this.#logVolatility = b();
    this.#priceStart = b();
    this.#feeStart = b();
    this.#inclusion = inclusionSeconds(scenario);
    this.#dt = t.dtYears;
    this.#stepSeconds = t.stepSeconds;
    this.#secondsPerYear = t.secondsPerYear;
    this.#expirySeconds =
      86400 * Math.max(...scenario.book.legs.map((leg) => leg.maturityDays ?? scenario.maturityDays));
    const { price, flow, liquidity, impliedVolatility } = scenario.market;
    if (price.model === "listed")
      throw new ConfigError("A recorded option chain is not simulated.", {
        which: "scenario.market.price.model",
        value: price.model,
        fix: "Play it through makeMarket.",
      });
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
    else this.#model = makePriceModel(price, batch, t.dtYears, scenario.daysPerYear);
    const { fee } = scenario.chain;
    if (fee.model === "file")
      this.#feeWindows = new RecordedWindows(
        named(data, fee.series, "scenario.chain.fee.series"),
        data?.ranges?.[fee.series],
        horizon,
        split,
        "scenario.chain.fee",
      );
    if (flow !== undefined)
      this.#flow = new FlowState(
        batch,
        flow,
        liquidity,
        t.stepSeconds,
        this.#model!.longRunVolatility ** 2 * t.dtYears,
      );
    if (impliedVolatility?.model === "mean-reverting") {
      // The exact step of an Ornstein-Uhlenbeck process, so that its law does not depend on the step.
      const { reversionPerYear: k, volOfVol } = impliedVolatility;
      this.#volatilityDecay = Math.exp(-k * this.#dt);
      this.#volatilityShock = volOfVol * Math.sqrt(k > 0 ? -Math.expm1(-2 * k * this.#dt) / (2 * k) : this.#dt);
      this.#volatilityStart = k > 0 ? volOfVol / Math.sqrt(2 * k) : 0;
    }
    const chain = chainParameters(scenario);
    this.#blockSeconds = chain?.blockSeconds ?? 12;
    if (fee.model === "eip1559" && chain !== undefined)
      this.#fees = new FeeMarket(batch, chain, fee, t.stepSeconds, scenario.chain.inclusionBlocks);
    const { oracle, inclusion, priorityFeeGwei } = scenario.chain;
    if (inclusion !== undefined && fee.model === "eip1559")
      this.#auction = {
        ...inclusion,
        tipGwei: priorityFeeGwei,
        blockNoise: fee.blockNoise,
        maxBlocks: Math.max(1, Math.ceil(t.stepSeconds / this.#blockSeconds)),
      };
    if (oracle !== undefined)
      this.#oracle = new Oracle(
        batch,
        {
          deviationBps: oracle.deviationBps,
          heartbeatSeconds: oracle.heartbeat,
          latencySeconds: oracle.latency,
        },
        t.stepSeconds,
      );
    const { execution } = scenario;
    if (execution?.generation === "script") this.#outages = new Outages(batch, execution, t.stepSeconds);
    this.fields = [...publishedFields(scenario), ...(flow === undefined ? [] : TRUTH_FIELDS)];
  }

  /** Non-overlapping recorded windows of this split, or undefined for simulated prices. */
  get windows(): number | undefined {
    return this.#priceWindows?.count;
  }

  /** Trades of others in the last step, for statistics; undefined without order flow. [B] */
  get trades(): Float64Array | undefined {
    return this.#flow?.trades;
  }

  perturbFuture(perturbation: FuturePerturbation | undefined): void {
    this.#perturbation = perturbation;
  }

  start(b: number, episode: number): void {
    const key = episodeKey(this.#seedWord, this.#split, episode);
    this.#keys[b] = key;
    const { frame } = this;
    const { price, impliedVolatility } = this.#scenario.market;
    if (this.#priceWindows !== undefined) this.#priceStart[b] = this.#priceWindows.startTime(key, episode, 0);
    if (this.#feeWindows !== undefined) this.#feeStart[b] = this.#feeWindows.startTime(key, episode, 1, true);
    this.#model?.start(b, key);
    const initial = "initial" in price ? price.initial : this.#priceWindows!.at(this.#priceStart[b]!);
    this.#flow?.start(b, key);
    // The mid is what a scenario names: where it starts displaced, the efficient price is the one that is off.
    this.#observed[b] = initial;
    this.#efficient[b] = this.#flow === undefined ? initial : initial * Math.exp(-this.#flow.transient[b]!);
    frame.seconds[b] = 0;
    frame.price[b] = this.#rounded(initial);
    if (impliedVolatility?.model === "mean-reverting") {
      this.#logVolatility[b] = this.#volatilityStart * IndexedRandom.normal(key, -1, STREAM.impliedVolatility);
    } else this.#logVolatility[b] = 0;
    this.#markVolatility(b, 0);
    this.#fees?.start(b, key);
    frame.baseFeeGwei[b] = this.#feeNow(b, 0);
    frame.fillPrice[b] = frame.price[b]!;
    frame.fillBaseFeeGwei[b] = frame.baseFeeGwei[b]!;
    this.#flow?.show(b, frame);
    this.#oracle?.start(b, frame.price[b]!);
    this.#showOracle(b);
    this.#outages?.start(b, key);
    if (this.#outages !== undefined) frame.apiUp[b] = this.#outages.up[b]!;
  }

  advance(b: number, step: number): void {
    const { frame } = this;
    const { price, impliedVolatility } = this.#scenario.market;
    const key = this.#keyAt(b, step);
    const before = this.#observed[b]!;
    const feeBefore = frame.baseFeeGwei[b]!;
    let shock: number;
    let sd: number;
    let logReturn: number;
    let flowExcess = 0;
    if (this.#model !== undefined) {
      logReturn = this.#model.advance(b, key, step);
      shock = this.#model.shock[b]!;
      sd = this.#model.stepSd[b]!;
      if (this.#flow === undefined) {
        this.#efficient[b] = before * Math.exp(logReturn);
        this.#observed[b] = this.#efficient[b]!;
      } else {
        const flow = this.#flow;
        flow.advance(b, key, step);
        this.#efficient[b] = this.#efficient[b]! * Math.exp(logReturn + flow.permanent[b]!);
        this.#observed[b] = this.#efficient[b]! * Math.exp(flow.transient[b]!);
        logReturn = Math.log(this.#observed[b]! / before);
        flow.estimate(b, logReturn);
        flowExcess = flow.excess(b);
        sd = Math.sqrt(sd * sd + flow.stepVariance);
      }
    } else {
      const next = this.#priceWindows!.at(this.#priceStart[b]! + (step + 1) * this.#stepSeconds);
      const shaken = this.#perturbed(step) ? next * (1 + 0.01 * IndexedRandom.normal(key, step, STREAM.price)) : next;
      this.#efficient[b] = shaken;
      this.#observed[b] = shaken;
      logReturn = Math.log(shaken / before);
      // Recorded bars have nothing inside a step: the path there is a straight line.
      shock = logReturn / ((price as { volatility: number }).volatility * Math.sqrt(this.#dt));
      sd = 0;
    }
    frame.seconds[b] = (step + 1) * this.#stepSeconds;
    if (impliedVolatility?.model === "mean-reverting") {
      const { correlation } = impliedVolatility;
      const own = IndexedRandom.normal(key, step, STREAM.impliedVolatility);
      const mixed = correlation * shock + Math.sqrt(1 - correlation * correlation) * own;
      this.#logVolatility[b] = this.#logVolatility[b]! * this.#volatilityDecay + this.#volatilityShock * mixed;
    }
    this.#markVolatility(b, step + 1);
    const blocks = this.#blocks(b, key, step);
    this.#fees?.advance(b, key, step, Math.abs(shock), blocks, flowExcess);
    frame.price[b] = this.#rounded(this.#observed[b]!);
    frame.baseFeeGwei[b] = this.#feeNow(b, step + 1);
    this.#flow?.show(b, frame);
    this.#oracle?.advance(b, frame.price[b]!, frame.seconds[b]!);
    this.#showOracle(b);
    this.#outages?.advance(b, key, step);
    if (this.#outages !== undefined) frame.apiUp[b] = this.#outages.up[b]!;
    const inclusion = blocks === undefined ? this.#inclusion : Math.min(blocks * this.#blockSeconds, this.#stepSeconds);
    if (inclusion === 0) {
      frame.fillPrice[b] = this.#rounded(before);
      frame.fillBaseFeeGwei[b] = feeBefore;
      return;
    }
    // A Brownian bridge inside the step.
    const share = inclusion / this.#stepSeconds;
    const noise = sd > 0 ? sd * Math.sqrt(share * (1 - share)) * IndexedRandom.normal(key, step, STREAM.bridge) : 0;
    frame.fillPrice[b] = this.#rounded(before * Math.exp(share * logReturn + noise));
    frame.fillBaseFeeGwei[b] = this.#feeAtInclusion(b, step);
  }

  saveState(): StateTree {
    const tree: Record<string, Float64Array | Int32Array | Uint8Array> = {};
    for (const [name, array] of Object.entries(this.#arrays())) tree[name] = array.slice();
    return tree;
  }

  loadState(state: StateTree): void {
    copyArrays(this.#arrays(), state, "market");
  }

  #arrays(): Record<string, Float64Array | Int32Array | Uint8Array> {
    const arrays: Record<string, Float64Array | Int32Array | Uint8Array> = {
      keys: this.#keys,
      efficient: this.#efficient,
      observed: this.#observed,
      logVolatility: this.#logVolatility,
      priceStart: this.#priceStart,
      feeStart: this.#feeStart,
    };
    if (this.#fees !== undefined) {
      arrays.baseFeeWei = this.#fees.baseFeeWei;
      arrays.logDemand = this.#fees.logDemand;
    }
    const parts = { price: this.#model, flow: this.#flow, oracle: this.#oracle, outages: this.#outages };
    for (const [part, owner] of Object.entries(parts))
      for (const [name, array] of Object.entries(owner?.arrays() ?? {})) arrays[`${part}_${name}`] = array;
    for (const [name, array] of Object.entries(frameArrays(this.frame, this.fields))) arrays[`frame_${name}`] = array;
    return arrays;
  }

  #markVolatility(b: number, step: number): void {
    const { impliedVolatility } = this.#scenario.market;
    const { frame } = this;
    if (impliedVolatility?.model === "mean-reverting")
      frame.volatility[b] = impliedVolatility.volatility * Math.exp(this.#logVolatility[b]!);
    else if (impliedVolatility?.model === "constant") frame.volatility[b] = impliedVolatility.volatility;
    else if (this.#scenario.market.price.model === "gbm" || this.#model === undefined)
      frame.volatility[b] = initialVolatility(this.#scenario);
    else {
      // At expiry nothing is left to expect; the last step's value stands for the volatility of now.
      const left = Math.max(this.#expirySeconds - step * this.#stepSeconds, this.#stepSeconds);
      const premium = impliedVolatility?.premium ?? 1;
      frame.volatility[b] = premium * this.#model.expectedVolatility(b, left / this.#secondsPerYear);
    }
  }

  #showOracle(b: number): void {
    if (this.#oracle === undefined) return;
    this.frame.oraclePrice[b] = this.#oracle.price[b]!;
    this.frame.oracleAgeSeconds[b] = this.#oracle.ageSeconds[b]!;
    this.frame.oracleUpdated[b] = this.#oracle.updated[b]!;
  }

  /** Blocks until a transaction sent at the start of `step` is included, where tips decide; undefined = the scenario's constant. */
  #blocks(b: number, key: number, step: number): number | undefined {
    if (this.#auction === undefined || this.#fees === undefined) return undefined;
    return blocksToInclusion(this.#auction, this.#fees.congestion(b), key, step);
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

/** The option chain that a scenario names. Throws a ConfigError where it is missing or the series is no chain. */
export function namedChain(data: ScenarioData | undefined, name: string, which: string): OptionChain {
  const series = named(data, name, which);
  if (!("kind" in series && series.kind === "option-chain"))
    throw new ConfigError(`The recorded series "${name}" is not an option chain.`, {
      which,
      value: name,
      fix: "Name a recorded chain, e.g. deribit_eth_chain_6h.",
    });
  return series as OptionChain;
}
