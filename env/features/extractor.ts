import type { FeatureSchema } from "../../src/core/contracts/features.ts";
import type { Observation } from "../../src/core/contracts/observation.ts";
import { copyArrays, type Stateful, type StateTree } from "../../src/core/state.ts";
import { GREEK, GREEK_COUNT, greeksInto } from "../options/black-scholes.ts";
import { type BookValues, makeBookValues, OptionValues } from "../options/option-values.ts";
import {
  ACCOUNT_FEATURES,
  AT,
  type FeatureConfig,
  FLOW_AT,
  groupWidth,
  HALF_LIVES,
  LEG_FEATURES,
  ORACLE_AT,
  SLOT_FEATURES,
  schemaOf,
} from "./schema.ts";

/** Below this the log of a base fee is meaningless (chains without fees), gwei. */
const FEE_FLOOR = 1e-9;

const FLOW_WIDTH = groupWidth("flow");
const ORACLE_WIDTH = groupWidth("oracle");

/** Options of an observation that its account has valued at the observed terms, as price and Greeks are computed here. */
export interface Valued {
  /** The legs. */
  readonly book: BookValues;
  /** [B*S*GREEK_COUNT], option slots only */
  readonly slotGreeks: Float64Array;
}

/**
 * The one feature module: Observation → named raw features, for the simulator and for the live runner alike. Nothing else may compute a feature.
 * It remembers only moving averages, in event time, which `reset` clears and `saveState` keeps.
 */
export class FeatureExtractor implements Stateful {
  readonly schema: FeatureSchema;
  readonly width: number;
  readonly #config: FeatureConfig;
  readonly #batch: number;
  readonly #lastTime: Float64Array;
  readonly #lastLogPrice: Float64Array;
  readonly #meanFast: Float64Array;
  readonly #meanSlow: Float64Array;
  readonly #varianceFast: Float64Array;
  readonly #varianceSlow: Float64Array;
  readonly #feeFast: Float64Array;
  readonly #feeSlow: Float64Array;
  /** Moving average of the volume rate, units an hour. */
  readonly #volumeRate: Float64Array;
  readonly #started: Uint8Array;
  readonly #has: { readonly flow: boolean; readonly oracle: boolean; readonly api: boolean };
  /** Square roots of the half-lives in years. */
  readonly #rootFast: number;
  readonly #rootSlow: number;
  readonly #greeks = new Float64Array(GREEK_COUNT);
  readonly #legs: OptionValues;
  /** Made when it is first needed. */
  #book: BookValues | undefined;
  /** Decay factors of the last interval: intervals repeat, powers are dear. */
  #keepFor = Number.NaN;
  #keepFast = 0;
  #keepSlow = 0;
  /** The same for the volume rate, whose intervals are counted in hours. */
  #volumeKeepFor = Number.NaN;
  #volumeKeep = 0;

  constructor(config: FeatureConfig, batch: number) {
    this.schema = schemaOf(config);
    this.width = this.schema.features.length;
    this.#config = config;
    this.#rootFast = Math.sqrt(HALF_LIVES.fast / config.secondsPerYear);
    this.#rootSlow = Math.sqrt(HALF_LIVES.slow / config.secondsPerYear);
    this.#batch = batch;
    this.#legs = new OptionValues(config.legs, config.rate, config.dividendYield, config.secondsPerYear);
    const b = () => new Float64Array(batch);
    this.#lastTime = b();
    this.#lastLogPrice = b();
    this.#meanFast = b();
    this.#meanSlow = b();
    this.#varianceFast = b();
    this.#varianceSlow = b();
    this.#feeFast = b();
    this.#feeSlow = b();
    this.#volumeRate = b();
    this.#started = new Uint8Array(batch);
    const has = (group: "flow" | "oracle" | "api") => config.groups.includes(group);
    this.#has = { flow: has("flow"), oracle: has("oracle"), api: has("api") };
  }

  /** Forgets the past of environment b: the next observation starts a session. */
  reset(b: number): void {
    this.#started[b] = 0;
  }

  /**
   * Computes the features of environment b from its row of the observation into `out` [B*F]. `valued`: an account that has valued the same options
   * at the same terms, so that it is not done twice; features are the same without it.
   */
  update(b: number, o: Observation, out: Float64Array, valued?: Valued): void {
    const c = this.#config;
    const f = b * this.width;
    const spot = o.indexPrice[b]!;
    const notional = c.bookSize * spot;
    const time = o.timeSeconds[b]!;
    const firstSlot = f + ACCOUNT_FEATURES;
    const firstLeg = firstSlot + SLOT_FEATURES * c.slots.length;
    const g = this.#greeks;

    const { totals, logMoneyness } = valued?.book ?? this.#value(b, o, spot);
    const book = b * GREEK_COUNT;
    let bookDelta = totals[book + GREEK.delta]!;
    let gamma = totals[book + GREEK.gamma]!;
    let vega = totals[book + GREEK.vega]!;
    const theta = totals[book + GREEK.theta]!;
    const optionValue = totals[book + GREEK.price]!;
    let volatilitySum = 0;
    let nearest = Number.POSITIVE_INFINITY;
    for (let l = 0; l < c.legs; l++) {
      const i = b * c.legs + l;
      const quantity = o.legQuantity[i]!;
      const volatility = o.legVolatility[i]!;
      const years = o.legSecondsLeft[i]! / c.secondsPerYear;
      volatilitySum += volatility;
      if (quantity !== 0 && years < nearest) nearest = years;
      const p = firstLeg + LEG_FEATURES * l;
      out[p] = quantity / c.bookSize;
      out[p + 1] = logMoneyness[i]!;
      out[p + 2] = years;
      out[p + 3] = o.legSign[i]!;
      out[p + 4] = volatility;
    }
    // Deribit's net transaction delta: Black-Scholes delta less the mark price in coin. The equity convention adds every coin held.
    if (c.deltaConvention === "netTransaction") bookDelta -= optionValue / spot;
    else if (c.deltaConvention === "usdEquity") bookDelta += o.cashCoin[b]!;

    let hedgeDelta = 0;
    for (let s = 0; s < c.slots.length; s++) {
      const i = b * c.slots.length + s;
      const { kind } = c.slots[s]!;
      const size = c.contractSizes[s]!;
      const mark = o.slotMark[i]!;
      let unitDelta = size;
      let unitGamma = 0;
      let unitVega = 0;
      if (kind === "inverse-perpetual") unitDelta = size / mark;
      else if (kind === "option") {
        const years = o.slotSecondsLeft[i]! / c.secondsPerYear;
        const strike = o.slotStrike[i]!;
        if (valued === undefined)
          greeksInto(g, 0, o.slotSign[i]!, spot, strike, c.rate, c.dividendYield, o.slotVolatility[i]!, years);
        const of = valued?.slotGreeks ?? g;
        const at = valued === undefined ? 0 : i * GREEK_COUNT;
        const premium = c.deltaConvention === "netTransaction" ? of[at + GREEK.price]! / spot : 0;
        unitDelta = size * (of[at + GREEK.delta]! - premium);
        unitGamma = size * of[at + GREEK.gamma]!;
        unitVega = size * of[at + GREEK.vega]!;
      }
      const position = o.slotPosition[i]!;
      const pending = o.slotPending[i]!;
      hedgeDelta += (position + pending) * unitDelta;
      gamma += (position + pending) * unitGamma;
      vega += (position + pending) * unitVega;
      const p = firstSlot + SLOT_FEATURES * s;
      const mid = 0.5 * (o.slotBid[i]! + o.slotAsk[i]!);
      out[p] = (position * unitDelta) / c.bookSize;
      out[p + 1] = (pending * unitDelta) / c.bookSize;
      out[p + 2] = unitDelta;
      out[p + 3] = unitGamma * spot * 0.01;
      out[p + 4] = (unitVega * 0.01) / spot;
      out[p + 5] = mid > 0 ? (0.5e4 * (o.slotAsk[i]! - o.slotBid[i]!)) / mid : 0;
      out[p + 6] = o.slotFunding[i]!;
    }

    if (this.#has.flow || this.#has.oracle || this.#has.api)
      this.#groups(b, o, out, firstLeg + LEG_FEATURES * c.legs, spot);

    const logPrice = Math.log(spot);
    const logFee = Math.log(Math.max(FEE_FLOOR, o.baseFeeGwei[b]!));
    const implied = c.legs > 0 ? volatilitySum / c.legs : 0;
    if (this.#started[b] === 0) {
      this.#started[b] = 1;
      this.#meanFast[b] = logPrice;
      this.#meanSlow[b] = logPrice;
      this.#varianceFast[b] = implied * implied;
      this.#varianceSlow[b] = implied * implied;
      this.#feeFast[b] = logFee;
      this.#feeSlow[b] = logFee;
    } else {
      const dt = time - this.#lastTime[b]!;
      if (dt > 0) {
        if (dt !== this.#keepFor) {
          this.#keepFor = dt;
          this.#keepFast = 0.5 ** (dt / HALF_LIVES.fast);
          this.#keepSlow = 0.5 ** (dt / HALF_LIVES.slow);
        }
        const keepFast = this.#keepFast;
        const keepSlow = this.#keepSlow;
        const move = logPrice - this.#lastLogPrice[b]!;
        const rate = (move * move * c.secondsPerYear) / dt;
        this.#varianceFast[b] = keepFast * this.#varianceFast[b]! + (1 - keepFast) * rate;
        this.#varianceSlow[b] = keepSlow * this.#varianceSlow[b]! + (1 - keepSlow) * rate;
        this.#meanFast[b] = keepFast * this.#meanFast[b]! + (1 - keepFast) * logPrice;
        this.#meanSlow[b] = keepSlow * this.#meanSlow[b]! + (1 - keepSlow) * logPrice;
        this.#feeFast[b] = keepFast * this.#feeFast[b]! + (1 - keepFast) * logFee;
        this.#feeSlow[b] = keepSlow * this.#feeSlow[b]! + (1 - keepSlow) * logFee;
      }
    }
    this.#lastTime[b] = time;
    this.#lastLogPrice[b] = logPrice;
    const gasUsd = c.onChain[0] ? c.gasUnits * (o.baseFeeGwei[b]! + c.priorityFeeGwei) * 1e-9 * o.nativePrice[b]! : 0;
    const total = o.timeSeconds[b]! + o.secondsLeft[b]!;

    out[f + AT.spot] = spot;
    out[f + AT.delta] = (bookDelta + hedgeDelta) / c.bookSize;
    out[f + AT.book_delta] = bookDelta / c.bookSize;
    out[f + AT.gamma_percent] = (gamma * spot * 0.01) / c.bookSize;
    out[f + AT.vega_percent] = (vega * 0.01) / notional;
    out[f + AT.theta_day] = (theta * 86400) / c.secondsPerYear / notional;
    out[f + AT.implied_volatility] = implied;
    out[f + AT.realised_volatility_fast] = Math.sqrt(this.#varianceFast[b]!);
    out[f + AT.realised_volatility_slow] = Math.sqrt(this.#varianceSlow[b]!);
    out[f + AT.return_fast] = (logPrice - this.#meanFast[b]!) / Math.max(1e-6, implied * this.#rootFast);
    out[f + AT.return_slow] = (logPrice - this.#meanSlow[b]!) / Math.max(1e-6, implied * this.#rootSlow);
    out[f + AT.years_left] = Number.isFinite(nearest) ? nearest : 0;
    out[f + AT.time_left] = total > 0 ? o.secondsLeft[b]! / total : 0;
    out[f + AT.base_fee_gwei] = o.baseFeeGwei[b]!;
    out[f + AT.gas_cost_bps] = (1e4 * gasUsd) / notional;
    out[f + AT.base_fee_fast] = logFee - this.#feeFast[b]!;
    out[f + AT.base_fee_slow] = logFee - this.#feeSlow[b]!;
    out[f + AT.cost_rate_bps] = out[f + ACCOUNT_FEATURES + 5]! + c.takerFees[0]! * 1e4;
    out[f + AT.hours_since_trade] = o.secondsSinceTrade[b]! / 3600;
    out[f + AT.is_first] = o.decision[b] === 0 ? 1 : 0;
    out[f + AT.profit_bps] = (1e4 * o.profit[b]!) / notional;
    out[f + AT.costs_bps] = (1e4 * o.costsPaid[b]!) / notional;
  }

  /** Values the legs at the observed terms. */
  #value(b: number, o: Observation, spot: number): BookValues {
    this.#book ??= makeBookValues(this.#batch, this.#config.legs);
    const rows = {
      sign: o.legSign,
      strike: o.legStrike,
      secondsLeft: o.legSecondsLeft,
      volatility: o.legVolatility,
      quantity: o.legQuantity,
    };
    this.#legs.value(rows, b, spot, this.#book);
    return this.#book;
  }

  /** The optional groups, from `at` on. Runs before the moving averages of the row move on. */
  #groups(b: number, o: Observation, out: Float64Array, at: number, spot: number): void {
    let p = at;
    if (this.#has.flow) {
      out[p + FLOW_AT.vpin] = o.vpin[b]!;
      out[p + FLOW_AT.vpin_bulk] = o.vpinBulk[b]!;
      out[p + FLOW_AT.imbalance_fast] = o.imbalanceFast[b]!;
      out[p + FLOW_AT.imbalance_slow] = o.imbalanceSlow[b]!;
      out[p + FLOW_AT.kyle_lambda] = o.kyleLambda[b]!;
      out[p + FLOW_AT.trade_rate] = this.#tradeRate(b, o);
      out[p + FLOW_AT.depth] = Math.log(Math.max(1e-3, o.depth[b]!));
      out[p + FLOW_AT.spread_state] = Math.log(Math.max(1e-3, o.spreadState[b]!));
      p += FLOW_WIDTH;
    }
    if (this.#has.oracle) {
      out[p + ORACLE_AT.oracle_deviation_bps] = o.oraclePrice[b]! > 0 ? 1e4 * (spot / o.oraclePrice[b]! - 1) : 0;
      out[p + ORACLE_AT.oracle_age_hours] = o.oracleAgeSeconds[b]! / 3600;
      out[p + ORACLE_AT.oracle_updated] = o.oracleUpdated[b]!;
      p += ORACLE_WIDTH;
    }
    if (this.#has.api) out[p] = o.apiUp[b]!;
  }

  /** Log of the volume rate since the last observation over its 1-day moving average; the first intervals set that average. */
  #tradeRate(b: number, o: Observation): number {
    if (this.#started[b] === 0) {
      this.#volumeRate[b] = 0;
      return 0;
    }
    const hours = (o.timeSeconds[b]! - this.#lastTime[b]!) / 3600;
    if (hours <= 0) return 0;
    const rate = (o.buyVolume[b]! + o.sellVolume[b]!) / hours;
    const before = this.#volumeRate[b]!;
    // The first interval is the average of itself.
    if (hours !== this.#volumeKeepFor) {
      this.#volumeKeepFor = hours;
      this.#volumeKeep = 0.5 ** ((hours * 3600) / HALF_LIVES.slow);
    }
    const share = before === 0 ? 1 : 1 - this.#volumeKeep;
    this.#volumeRate[b] = before + share * (rate - before);
    const mean = this.#volumeRate[b]!;
    return mean > 0 ? Math.max(-6, Math.log(Math.max(rate, 1e-3 * mean) / mean)) : 0;
  }

  saveState(): StateTree {
    const tree: Record<string, Float64Array | Uint8Array> = {};
    for (const [name, array] of Object.entries(this.#arrays())) tree[name] = array.slice();
    return tree;
  }

  loadState(state: StateTree): void {
    copyArrays(this.#arrays(), state, "feature extractor");
  }

  get batch(): number {
    return this.#batch;
  }

  #arrays(): Record<string, Float64Array | Uint8Array> {
    return {
      lastTime: this.#lastTime,
      lastLogPrice: this.#lastLogPrice,
      meanFast: this.#meanFast,
      meanSlow: this.#meanSlow,
      varianceFast: this.#varianceFast,
      varianceSlow: this.#varianceSlow,
      feeFast: this.#feeFast,
      feeSlow: this.#feeSlow,
      volumeRate: this.#volumeRate,
      started: this.#started,
    };
  }
}
