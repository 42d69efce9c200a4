import { ATTRIBUTION_PARTS } from "../../../src/core/contracts/evaluation.ts";
import { copyArrays, type StateTree } from "../../../src/core/state.ts";
import type { MarketFrame } from "../../market/source.ts";
import type { VenueSpecification } from "../../market/venue-specification.ts";
import { GREEK, GREEK_COUNT, greeksInto } from "../../options/black-scholes.ts";
import {
  type BookValues,
  likeness,
  makeBookValues,
  type OptionRows,
  OptionValues,
} from "../../options/option-values.ts";
import type { QuoteParameters } from "./quote-venue.ts";
import type { Scenario, SlotConfig } from "./scenario.ts";
import { initialVolatility, slotSpecification, timing } from "./scenario.ts";

/** Positions of the attribution parts in a row: their order in ATTRIBUTION_PARTS, written out so that compilers see constants. */
export const PART = {
  delta: 0,
  gamma: 1,
  theta: 2,
  vega: 3,
  vanna: 4,
  volga: 5,
  residual: 6,
  collateral: 7,
  funding: 8,
  basis: 9,
  spread: 10,
  fee: 11,
  impact: 12,
  gas: 13,
} as const satisfies Record<(typeof ATTRIBUTION_PARTS)[number], number>;
export const PART_COUNT = ATTRIBUTION_PARTS.length;

/** What an episode cost and did, by environment. [B] each, USD unless named otherwise. */
export interface EpisodeTotals {
  readonly fees: Float64Array;
  readonly gas: Float64Array;
  /** Spread and impact. */
  readonly slippage: Float64Array;
  /** Units of the underlying traded, absolute. */
  readonly turnover: Float64Array;
  readonly rebalances: Float64Array;
  readonly reverts: Float64Array;
  readonly maxDrawdown: Float64Array;
}

/**
 * What B accounts hold, as struct of arrays, and the elementary bookings: cash comes in USD or, for coin collateral, in coins bought at
 * the index. Fills (fills.ts) and marks (ledger.ts) book through here, so that every change of wealth has its part of the attribution.
 */
export class Accounts {
  readonly batch: number;
  readonly slots: number;
  readonly legs: number;
  readonly cashUsd: Float64Array;
  readonly cashCoin: Float64Array;
  readonly collateralCoin: Float64Array;
  /** Units held. [B*S] */
  readonly position: Float64Array;
  /** Displacement of the mid by own trades, as a fraction; decays. [B*S] */
  readonly displacement: Float64Array;
  readonly legQuantity: Float64Array;
  readonly legStrike: Float64Array;
  readonly legSecondsLeft: Float64Array;
  readonly slotStrike: Float64Array;
  readonly slotSecondsLeft: Float64Array;
  readonly legSign: Float64Array;
  /** Mark volatility of each leg at the last mark. [B*L] */
  readonly legVolatility: Float64Array;
  readonly slotSign: Float64Array;
  /** Mark volatility of each option slot at the last mark. [B*S] */
  readonly slotVolatility: Float64Array;
  /** The last mark. [B] */
  readonly price: Float64Array;
  /** Multipliers of the venues' half-spread and depth at the last mark: what was published when the next trade is decided. [B] */
  readonly spread: Float64Array;
  readonly depth: Float64Array;
  readonly seconds: Float64Array;
  readonly lastTradeSeconds: Float64Array;
  readonly initialWealth: Float64Array;
  readonly initialPrice: Float64Array;
  /** Option premium received for the book at the start, USD (negative = paid). [B] */
  readonly premium: Float64Array;
  readonly profit: Float64Array;
  readonly peak: Float64Array;
  /** [B*PART_COUNT] */
  readonly attribution: Float64Array;
  readonly totals: EpisodeTotals;
  readonly specifications: readonly VenueSpecification[];
  /** Place of each option slot among the contracts of a frame or a listing, after the legs; -1 for other slots. */
  readonly slotContract: readonly number[];
  readonly quotes: readonly QuoteParameters[];
  readonly slotConfigs: readonly SlotConfig[];
  readonly scenario: Scenario;
  /** Value and Greeks of one unit at the last mark. [B*L*GREEK_COUNT], [B*S*GREEK_COUNT] */
  readonly legGreeks: Float64Array;
  readonly slotGreeks: Float64Array;
  /** The legs as rows, row b*L+l; what values those of one environment; and their values at the last mark, of which only the units' are saved. */
  readonly legRows: OptionRows;
  readonly legValues: OptionValues;
  readonly book: BookValues;
  readonly secondsPerYear: number;

  constructor(scenario: Scenario, batch: number) {
    const S = scenario.slots.length;
    const L = scenario.book.legs.length;
    const b = () => new Float64Array(batch);
    const s = () => new Float64Array(batch * S);
    const l = () => new Float64Array(batch * L);
    this.batch = batch;
    this.slots = S;
    this.legs = L;
    this.cashUsd = b();
    this.cashCoin = b();
    this.collateralCoin = b();
    this.position = s();
    this.displacement = s();
    this.legQuantity = l();
    this.legStrike = l();
    this.legSecondsLeft = l();
    this.legSign = l();
    this.legVolatility = l();
    this.slotStrike = s();
    this.slotSecondsLeft = s();
    this.slotSign = s();
    this.slotVolatility = s();
    this.price = b();
    this.spread = b().fill(1);
    this.depth = b().fill(1);
    this.seconds = b();
    this.lastTradeSeconds = b();
    this.initialWealth = b();
    this.initialPrice = b();
    this.premium = b();
    this.profit = b();
    this.peak = b();
    this.attribution = new Float64Array(batch * PART_COUNT);
    this.totals = {
      fees: b(),
      gas: b(),
      slippage: b(),
      turnover: b(),
      rebalances: b(),
      reverts: b(),
      maxDrawdown: b(),
    };
    let contracts = L;
    this.slotContract = scenario.slots.map((slot) => (slot.option === undefined ? -1 : contracts++));
    this.scenario = scenario;
    this.slotConfigs = scenario.slots;
    this.specifications = scenario.slots.map(slotSpecification);
    const dailyVolatility = initialVolatility(scenario) / Math.sqrt(scenario.daysPerYear);
    this.quotes = scenario.slots.map((slot, i) => ({
      halfSpread: slot.halfSpreadBps * 1e-4,
      tick: this.specifications[i]!.tick,
      impactCoefficient: slot.impactCoefficient,
      dailyVolatility,
      dailyVolume: slot.dailyVolume,
    }));
    this.book = makeBookValues(batch, L);
    this.legGreeks = this.book.greeks;
    this.slotGreeks = new Float64Array(batch * S * GREEK_COUNT);
    this.secondsPerYear = timing(scenario).secondsPerYear;
    this.legRows = {
      sign: this.legSign,
      strike: this.legStrike,
      secondsLeft: this.legSecondsLeft,
      volatility: this.legVolatility,
      quantity: this.legQuantity,
    };
    const { rate, dividendYield } = scenario.market;
    const alike = likeness(
      scenario.book.legs,
      (leg) => leg.moneyness,
      (leg) => leg.maturityDays ?? scenario.maturityDays,
    );
    this.legValues = new OptionValues(L, rate, dividendYield, this.secondsPerYear, alike);
  }

  /** Wealth in USD at the last mark. */
  wealth(b: number): number {
    let w = this.cashUsd[b]! + this.cashCoin[b]! * this.price[b]!;
    for (let l = 0; l < this.legs; l++) {
      const i = b * this.legs + l;
      w += this.legQuantity[i]! * this.legGreeks[i * GREEK_COUNT + GREEK.price]!;
    }
    for (let s = 0; s < this.slots; s++) {
      const i = b * this.slots + s;
      const { kind } = this.slotConfigs[s]!;
      const units = this.position[i]! * this.specifications[s]!.contractSize;
      if (kind === "spot") w += units * this.price[b]!;
      else if (kind === "option") w += units * this.slotGreeks[i * GREEK_COUNT + GREEK.price]!;
    }
    return w;
  }

  /** Profit so far in the account's numeraire, expressed in USD: coin profit is valued at the price at the start. */
  numeraireProfit(b: number): number {
    if (this.scenario.account.numeraire === "usd") return this.profit[b]!;
    const start = this.initialPrice[b]!;
    return (this.wealth(b) / this.price[b]! - this.initialWealth[b]! / start) * start;
  }

  /** Mark volatility of contract k of environment b: its own where the market marks contracts one by one. */
  contractVolatility(frame: MarketFrame, b: number, k: number): number {
    const each = frame.contractVolatility;
    return each === undefined ? frame.volatility[b]! : each[(each.length / this.batch) * b + k]!;
  }

  /** Values one option of a Greeks row at (price, volatility). */
  value(
    greeks: Float64Array,
    i: number,
    sign: number,
    strike: number,
    secondsLeft: number,
    price: number,
    volatility: number,
  ): void {
    const { rate, dividendYield } = this.scenario.market;
    greeksInto(
      greeks,
      i * GREEK_COUNT,
      sign as 1 | -1,
      price,
      strike,
      rate,
      dividendYield,
      volatility,
      secondsLeft / this.secondsPerYear,
    );
  }

  /** Adds a USD amount at `price` to the account's cash: USD, or coins bought at that price. */
  receive(b: number, usd: number, price: number): void {
    if (this.scenario.account.collateral === "usd") this.cashUsd[b]! += usd;
    else this.cashCoin[b]! += usd / price;
  }

  /** As #receive, where the last mark differs from the price of the exchange: the coins' revaluation between them is delta. */
  settle(b: number, usd: number, price: number): void {
    this.receive(b, usd, price);
    if (this.scenario.account.collateral === "coin")
      this.attribution[b * PART_COUNT + PART.delta]! += (usd / price) * (this.price[b]! - price);
  }

  /** Books an amount under one part. `price` is the index when it was paid; `markPrice` the mark that the account goes to next. */
  post(b: number, part: number, usd: number, price: number, markPrice = this.price[b]!): void {
    this.attribution[b * PART_COUNT + part]! += usd;
    this.receive(b, usd, price);
    if (this.scenario.account.collateral === "coin")
      this.attribution[b * PART_COUNT + PART.delta]! += (usd / price) * (markPrice - price);
  }

  saveState(): StateTree {
    const tree: Record<string, Float64Array> = {};
    for (const [name, array] of Object.entries(this.#arrays())) tree[name] = array.slice();
    return tree;
  }

  loadState(state: StateTree): void {
    copyArrays(this.#arrays(), state, "ledger");
    for (let b = 0; b < this.batch; b++) this.sumBook(b);
  }

  /** The book's totals of environment b again, from its options: to the last bit what valuing them had given. */
  sumBook(b: number): void {
    const { greeks, totals } = this.book;
    const row = b * GREEK_COUNT;
    totals.fill(0, row, row + GREEK_COUNT);
    for (let i = b * this.legs, end = i + this.legs; i < end; i++) {
      const quantity = this.legQuantity[i]!;
      if (quantity === 0) continue;
      for (let g = 0; g < GREEK_COUNT; g++) totals[row + g]! += quantity * greeks[i * GREEK_COUNT + g]!;
    }
  }

  #arrays(): Record<string, Float64Array> {
    return {
      cashUsd: this.cashUsd,
      cashCoin: this.cashCoin,
      collateralCoin: this.collateralCoin,
      position: this.position,
      displacement: this.displacement,
      legQuantity: this.legQuantity,
      legStrike: this.legStrike,
      legSecondsLeft: this.legSecondsLeft,
      legSign: this.legSign,
      legVolatility: this.legVolatility,
      slotStrike: this.slotStrike,
      slotSecondsLeft: this.slotSecondsLeft,
      slotSign: this.slotSign,
      slotVolatility: this.slotVolatility,
      price: this.price,
      spread: this.spread,
      depth: this.depth,
      seconds: this.seconds,
      lastTradeSeconds: this.lastTradeSeconds,
      initialWealth: this.initialWealth,
      initialPrice: this.initialPrice,
      premium: this.premium,
      profit: this.profit,
      peak: this.peak,
      attribution: this.attribution,
      legGreeks: this.legGreeks,
      slotGreeks: this.slotGreeks,
      ...(this.totals as unknown as Record<string, Float64Array>),
    };
  }
}
