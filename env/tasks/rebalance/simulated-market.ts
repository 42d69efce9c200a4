import { ConfigError } from "../../../src/core/errors.ts";
import { deriveSeed, episodeKey, IndexedRandom, type Split } from "../../../src/core/random.ts";
import { copyArrays, type StateTree } from "../../../src/core/state.ts";
import { Oracle } from "../../chain/oracle.ts";
import { Outages } from "../../chain/outages.ts";
import { FlowState } from "../../market/flow-state.ts";
import { makePriceModel, type PriceModel } from "../../market/price-models/price-model.ts";
import { RecordedWindows } from "../../market/recorded-series.ts";
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
import { BaseFees } from "./base-fees.ts";
import { MarkVolatility } from "./mark-volatility.ts";
import { type Scenario, timing } from "./scenario.ts";
import { namedSeries, type ScenarioData } from "./scenario-data.ts";

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
  readonly #marks: MarkVolatility;
  readonly #priceStart: Float64Array;
  readonly #model: PriceModel | undefined;
  readonly #flow: FlowState | undefined;
  readonly #fees: BaseFees;
  readonly #oracle: Oracle | undefined;
  readonly #outages: Outages | undefined;
  readonly #priceWindows: RecordedWindows | undefined;
  readonly #dt: number;
  readonly #stepSeconds: number;
  readonly #tick: number;
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
    this.#priceStart = b();
    this.#dt = t.dtYears;
    this.#stepSeconds = t.stepSeconds;
    const { price, flow, liquidity } = scenario.market;
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
        namedSeries(data, price.series, "scenario.market.price.series"),
        data?.ranges?.[price.series],
        horizon,
        split,
        "scenario.market.price",
      );
    else this.#model = makePriceModel(price, batch, t.dtYears, scenario.daysPerYear);
    if (flow !== undefined)
      this.#flow = new FlowState(
        batch,
        flow,
        liquidity,
        t.stepSeconds,
        this.#model!.longRunVolatility ** 2 * t.dtYears,
      );
    this.#marks = new MarkVolatility(scenario, batch, this.#model);
    this.#fees = new BaseFees(scenario, batch, split, data);
    const { oracle } = scenario.chain;
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
    const { price } = this.#scenario.market;
    if (this.#priceWindows !== undefined) this.#priceStart[b] = this.#priceWindows.startTime(key, episode, 0);
    this.#model?.start(b, key);
    const initial = "initial" in price ? price.initial : this.#priceWindows!.at(this.#priceStart[b]!);
    this.#flow?.start(b, key);
    // The mid is what a scenario names: where it starts displaced, the efficient price is the one that is off.
    this.#observed[b] = initial;
    this.#efficient[b] = this.#flow === undefined ? initial : initial * Math.exp(-this.#flow.transient[b]!);
    frame.seconds[b] = 0;
    frame.price[b] = this.#rounded(initial);
    this.#marks.start(b, key);
    frame.volatility[b] = this.#marks.at(b, 0);
    this.#fees.start(b, key, episode);
    frame.baseFeeGwei[b] = this.#fees.published(b, 0, undefined);
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
    const { price } = this.#scenario.market;
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
    this.#marks.advance(b, key, step, shock);
    frame.volatility[b] = this.#marks.at(b, step + 1);
    this.#fees.advance(b, key, step, Math.abs(shock), flowExcess);
    frame.price[b] = this.#rounded(this.#observed[b]!);
    frame.baseFeeGwei[b] = this.#fees.published(b, step + 1, this.#perturbed(step) ? key : undefined);
    this.#flow?.show(b, frame);
    this.#oracle?.advance(b, frame.price[b]!, frame.seconds[b]!);
    this.#showOracle(b);
    this.#outages?.advance(b, key, step);
    if (this.#outages !== undefined) frame.apiUp[b] = this.#outages.up[b]!;
    const inclusion = this.#fees.inclusion[b]!;
    if (inclusion === 0) {
      frame.fillPrice[b] = this.#rounded(before);
      frame.fillBaseFeeGwei[b] = feeBefore;
      return;
    }
    // A Brownian bridge inside the step.
    const share = inclusion / this.#stepSeconds;
    const noise = sd > 0 ? sd * Math.sqrt(share * (1 - share)) * IndexedRandom.normal(key, step, STREAM.bridge) : 0;
    frame.fillPrice[b] = this.#rounded(before * Math.exp(share * logReturn + noise));
    frame.fillBaseFeeGwei[b] = this.#fees.atInclusion(b, step, frame.baseFeeGwei[b]!);
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
      logVolatility: this.#marks.log,
      priceStart: this.#priceStart,
    };
    const parts = {
      price: this.#model,
      flow: this.#flow,
      fees: this.#fees,
      oracle: this.#oracle,
      outages: this.#outages,
    };
    for (const [part, owner] of Object.entries(parts))
      for (const [name, array] of Object.entries(owner?.arrays() ?? {})) arrays[`${part}_${name}`] = array;
    for (const [name, array] of Object.entries(frameArrays(this.frame, this.fields))) arrays[`frame_${name}`] = array;
    return arrays;
  }

  #showOracle(b: number): void {
    if (this.#oracle === undefined) return;
    this.frame.oraclePrice[b] = this.#oracle.price[b]!;
    this.frame.oracleAgeSeconds[b] = this.#oracle.ageSeconds[b]!;
    this.frame.oracleUpdated[b] = this.#oracle.updated[b]!;
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
}
