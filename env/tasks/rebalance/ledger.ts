import { ATTRIBUTION_PARTS } from "../../../src/core/contracts/evaluation.ts";
import { copyArrays, type StateTree } from "../../../src/core/state.ts";
import { roundToLots, type VenueSpecification } from "../../market/venue-specification.ts";
import { GREEK, GREEK_COUNT, greeksInto } from "../../options/black-scholes.ts";
import { executionPrices, type QuoteParameters } from "./quote-venue.ts";
import type { Scenario, SlotConfig } from "./scenario.ts";
import { initialVolatility, slotSpecification, timing } from "./scenario.ts";

/** Positions of the attribution parts in a row. */
export const PART = Object.fromEntries(ATTRIBUTION_PARTS.map((p, i) => [p, i])) as Record<
  (typeof ATTRIBUTION_PARTS)[number],
  number
>;
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

const SECONDS_8H = 8 * 3600;

/**
 * Accounts of B environments: cash in USD and coin, option legs, hedge positions, and an exact attribution of every change of wealth.
 * Wealth change = sum of the parts, to rounding. Wealth is marked at the published index price; the first mark is at step 0.
 */
export class Ledger {
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
  readonly slotSign: Float64Array;
  /** The last mark. [B] */
  readonly price: Float64Array;
  readonly volatility: Float64Array;
  readonly seconds: Float64Array;
  readonly lastTradeSeconds: Float64Array;
  readonly initialWealth: Float64Array;
  readonly initialPrice: Float64Array;
  /** Option premium received for the book at the start, USD (negative = paid). [B] */
  readonly premium: Float64Array;
  readonly profit: Float64Array;
  readonly #peak: Float64Array;
  /** [B*PART_COUNT] */
  readonly attribution: Float64Array;
  readonly totals: EpisodeTotals;
  readonly specifications: readonly VenueSpecification[];
  readonly #quotes: readonly QuoteParameters[];
  readonly #slotConfigs: readonly SlotConfig[];
  readonly #scenario: Scenario;
  readonly #legGreeks: Float64Array;
  readonly #slotGreeks: Float64Array;
  readonly #secondsPerYear: number;
  readonly #scratch = new Float64Array(GREEK_COUNT);
  readonly #prices = new Float64Array(4);

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
    this.slotStrike = s();
    this.slotSecondsLeft = s();
    this.slotSign = s();
    this.price = b();
    this.volatility = b();
    this.seconds = b();
    this.lastTradeSeconds = b();
    this.initialWealth = b();
    this.initialPrice = b();
    this.premium = b();
    this.profit = b();
    this.#peak = b();
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
    this.#scenario = scenario;
    this.#slotConfigs = scenario.slots;
    this.specifications = scenario.slots.map(slotSpecification);
    const dailyVolatility = initialVolatility(scenario) / Math.sqrt(scenario.daysPerYear);
    this.#quotes = scenario.slots.map((slot, i) => ({
      halfSpread: slot.halfSpreadBps * 1e-4,
      tick: this.specifications[i]!.tick,
      impactCoefficient: slot.impactCoefficient,
      dailyVolatility,
      dailyVolume: slot.dailyVolume,
    }));
    this.#legGreeks = new Float64Array(batch * L * GREEK_COUNT);
    this.#slotGreeks = new Float64Array(batch * S * GREEK_COUNT);
    this.#secondsPerYear = timing(scenario).secondsPerYear;
  }

  /** Opens the book of environment b at the start of an episode: legs enter at mark, the premium goes to cash. */
  open(b: number, price: number, volatility: number): void {
    const { slots: S, legs: L } = this;
    const { account, book, maturityDays } = this.#scenario;
    this.cashUsd[b] = 0;
    this.collateralCoin[b] = account.collateral === "coin" ? account.collateralCoin : 0;
    this.cashCoin[b] = this.collateralCoin[b]!;
    this.price[b] = price;
    this.initialPrice[b] = price;
    this.volatility[b] = volatility;
    this.seconds[b] = 0;
    this.lastTradeSeconds[b] = 0;
    this.attribution.fill(0, b * PART_COUNT, (b + 1) * PART_COUNT);
    for (const total of Object.values(this.totals) as Float64Array[]) total[b] = 0;
    let premium = 0;
    for (let l = 0; l < L; l++) {
      const leg = book.legs[l]!;
      const i = b * L + l;
      this.legSign[i] = leg.type === "call" ? 1 : -1;
      this.legQuantity[i] = leg.quantity;
      this.legStrike[i] = price * leg.moneyness;
      this.legSecondsLeft[i] = (leg.maturityDays ?? maturityDays) * 86400;
      this.#price(this.#legGreeks, i, this.legSign[i]!, this.legStrike[i]!, this.legSecondsLeft[i]!, price, volatility);
      premium -= leg.quantity * this.#legGreeks[i * GREEK_COUNT + GREEK.price]!;
    }
    for (let s = 0; s < S; s++) {
      const i = b * S + s;
      const { option } = this.#slotConfigs[s]!;
      this.position[i] = 0;
      this.displacement[i] = 0;
      this.slotSign[i] = option === undefined ? 0 : option.type === "call" ? 1 : -1;
      this.slotStrike[i] = option === undefined ? 0 : price * option.moneyness;
      this.slotSecondsLeft[i] = option === undefined ? 0 : option.maturityDays * 86400;
      if (option !== undefined)
        this.#price(
          this.#slotGreeks,
          i,
          this.slotSign[i]!,
          this.slotStrike[i]!,
          this.slotSecondsLeft[i]!,
          price,
          volatility,
        );
    }
    this.premium[b] = premium;
    this.#receive(b, premium, price);
    this.initialWealth[b] = this.wealth(b);
    this.profit[b] = 0;
    this.#peak[b] = 0;
  }

  /** Wealth in USD at the last mark. */
  wealth(b: number): number {
    let w = this.cashUsd[b]! + this.cashCoin[b]! * this.price[b]!;
    for (let l = 0; l < this.legs; l++) {
      const i = b * this.legs + l;
      w += this.legQuantity[i]! * this.#legGreeks[i * GREEK_COUNT + GREEK.price]!;
    }
    for (let s = 0; s < this.slots; s++) {
      const i = b * this.slots + s;
      const { kind } = this.#slotConfigs[s]!;
      if (kind === "spot") w += this.position[i]! * this.price[b]!;
      else if (kind === "option") w += this.position[i]! * this.#slotGreeks[i * GREEK_COUNT + GREEK.price]!;
    }
    return w;
  }

  /** Profit so far in the account's numeraire, expressed in USD: coin profit is valued at the price at the start. */
  numeraireProfit(b: number): number {
    if (this.#scenario.account.numeraire === "usd") return this.profit[b]!;
    const start = this.initialPrice[b]!;
    return (this.wealth(b) / this.price[b]! - this.initialWealth[b]! / start) * start;
  }

  /**
   * Fills a change of `slot`'s position, in units, at index price `fillPrice` (the price when the transaction was included).
   * Rounds to lots unless `exact`. Returns the change made. Gas is paid by `gasUsd` for a transaction, also where it reverts.
   */
  fill(
    b: number,
    s: number,
    wanted: number,
    fillPrice: number,
    gasUsd: number,
    reverts: boolean,
    exact = false,
  ): number {
    const specification = this.specifications[s]!;
    const change = exact ? wanted : roundToLots(wanted, specification);
    if (change === 0) return 0;
    if (specification.onChain && gasUsd > 0) {
      this.totals.gas[b]! += gasUsd;
      this.#post(b, PART.gas, -gasUsd, fillPrice);
    }
    if (reverts) {
      this.totals.reverts[b]! += 1;
      return 0;
    }
    const kind = this.#slotConfigs[s]!.kind;
    if (kind === "option") this.#fillOption(b, s, change, fillPrice);
    else this.#fillLinear(b, s, change, fillPrice, kind === "inverse-perpetual");
    this.totals.rebalances[b]! += 1;
    this.lastTradeSeconds[b] = this.seconds[b]!;
    return change;
  }

  /** Physical delivery of `units` of the underlying at the mark against the first slot: closes that much of it at no cost. */
  deliver(b: number, units: number): void {
    const i = b * this.slots;
    const slot = this.#slotConfigs[0]!;
    if (slot.kind === "inverse-perpetual") return;
    const size = this.specifications[0]!.contractSize;
    const held = this.position[i]! * size;
    // Only what is held with the opposite sign of the delivery can be closed by it.
    const closed = held * units < 0 ? Math.sign(held) * Math.min(Math.abs(held), Math.abs(units)) : 0;
    if (slot.kind === "spot") this.#receive(b, closed * this.price[b]!, this.price[b]!);
    this.position[i]! -= closed / size;
  }

  /** Moves environment b's mark to (price, volatility) `dtSeconds` later: revalues everything and attributes the change. */
  mark(b: number, price: number, volatility: number, dtSeconds: number): void {
    const A = b * PART_COUNT;
    const attribution = this.attribution;
    const price0 = this.price[b]!;
    const dS = price - price0;
    const dtYears = dtSeconds / this.#secondsPerYear;
    const { rate, dividendYield } = this.#scenario.market;
    // Coins: what was posted is collateral; what came since (premium, settled profits) is exposure like any other.
    attribution[A + PART.collateral]! += this.collateralCoin[b]! * dS;
    attribution[A + PART.delta]! += (this.cashCoin[b]! - this.collateralCoin[b]!) * dS;
    if (rate !== 0) {
      const interest = this.cashUsd[b]! * Math.expm1(rate * dtYears);
      this.cashUsd[b]! += interest;
      attribution[A + PART.funding]! += interest;
    }
    for (let s = 0; s < this.slots; s++) {
      const i = b * this.slots + s;
      const slot = this.#slotConfigs[s]!;
      if (slot.transientFraction > 0) this.displacement[i]! *= 0.5 ** (dtSeconds / slot.transientHalfLife);
      const position = this.position[i]!;
      if (slot.kind === "option") {
        this.slotSecondsLeft[i]! -= dtSeconds;
        this.#revalue(
          this.#slotGreeks,
          i,
          this.slotSign[i]!,
          this.slotStrike[i]!,
          this.slotSecondsLeft[i]!,
          position,
          b,
          dS,
          price,
          volatility,
          dtYears,
        );
        if (this.slotSecondsLeft[i]! <= 0 && position !== 0) {
          this.#receive(b, position * this.#slotGreeks[i * GREEK_COUNT]!, price);
          this.position[i] = 0;
        }
        continue;
      }
      if (position === 0) continue;
      if (slot.kind === "spot") {
        attribution[A + PART.delta]! += position * dS;
        if (dividendYield !== 0)
          this.#post(b, PART.funding, position * price0 * Math.expm1(dividendYield * dtYears), price0, price);
        continue;
      }
      const carry = 1 + slot.basisBps * 1e-4;
      const funding = slot.fundingRate8h * (dtSeconds / SECONDS_8H);
      if (slot.kind === "perpetual") {
        const gain = position * carry * dS;
        attribution[A + PART.delta]! += position * dS;
        attribution[A + PART.basis]! += gain - position * dS;
        this.#receive(b, gain, price);
        if (funding !== 0) this.#post(b, PART.funding, -position * price0 * carry * funding, price0, price);
      } else {
        const coins = (position * this.specifications[s]!.contractSize) / carry;
        const gainCoin = coins / price0 - coins / price;
        this.cashCoin[b]! += gainCoin;
        attribution[A + PART.delta]! += gainCoin * price;
        if (funding !== 0) this.#post(b, PART.funding, -coins * carry * funding, price0, price);
      }
    }
    for (let l = 0; l < this.legs; l++) {
      const i = b * this.legs + l;
      const quantity = this.legQuantity[i]!;
      if (quantity === 0) continue;
      this.legSecondsLeft[i]! -= dtSeconds;
      this.#revalue(
        this.#legGreeks,
        i,
        this.legSign[i]!,
        this.legStrike[i]!,
        this.legSecondsLeft[i]!,
        quantity,
        b,
        dS,
        price,
        volatility,
        dtYears,
      );
      if (this.legSecondsLeft[i]! <= 0) {
        this.legSecondsLeft[i] = 0;
        this.#receive(b, quantity * this.#legGreeks[i * GREEK_COUNT]!, price);
        this.#legGreeks.fill(0, i * GREEK_COUNT, (i + 1) * GREEK_COUNT);
        this.legQuantity[i] = 0;
      }
    }
    this.price[b] = price;
    this.volatility[b] = volatility;
    this.seconds[b]! += dtSeconds;
    this.refreshProfit(b);
  }

  /** Recomputes profit and drawdown after fills that do not move the mark (the final unwind). */
  refreshProfit(b: number): void {
    const profit = this.wealth(b) - this.initialWealth[b]!;
    this.profit[b] = profit;
    if (profit > this.#peak[b]!) this.#peak[b] = profit;
    const drawdown = this.#peak[b]! - profit;
    if (drawdown > this.totals.maxDrawdown[b]!) this.totals.maxDrawdown[b] = drawdown;
  }

  /** Mid, bid and ask of a slot at the last mark, before ticks: writes [bid, ask, mark]. */
  quote(b: number, s: number, out: Float64Array): void {
    const i = b * this.slots + s;
    const slot = this.#slotConfigs[s]!;
    if (slot.kind === "option") {
      const g = i * GREEK_COUNT;
      const value = this.#slotGreeks[g]!;
      const half = this.#slotGreeks[g + GREEK.vega]! * slot.halfSpreadVolPoints * 0.01;
      executionPrices(this.#prices, value, value, half, this.specifications[s]!.tick);
      out[2] = value;
    } else {
      const mark = this.price[b]! * (slot.kind === "spot" ? 1 : 1 + slot.basisBps * 1e-4);
      const mid = mark * (1 + this.displacement[i]!);
      executionPrices(this.#prices, mark, mid, this.#quotes[s]!.halfSpread * mid, this.specifications[s]!.tick);
      out[2] = mark;
    }
    out[0] = this.#prices[2]!;
    out[1] = this.#prices[3]!;
  }

  saveState(): StateTree {
    const tree: Record<string, Float64Array> = {};
    for (const [name, array] of Object.entries(this.#arrays())) tree[name] = array.slice();
    return tree;
  }

  loadState(state: StateTree): void {
    copyArrays(this.#arrays(), state, "ledger");
  }

  /** A perpetual or spot trade; every step from the mark to the price paid is one attribution part. */
  #fillLinear(b: number, s: number, change: number, fillPrice: number, inverse: boolean): void {
    const i = b * this.slots + s;
    const slot = this.#slotConfigs[s]!;
    const specification = this.specifications[s]!;
    const quote = this.#quotes[s]!;
    const price0 = this.price[b]!;
    const carry = slot.kind === "spot" ? 1 : 1 + slot.basisBps * 1e-4;
    const size = specification.contractSize;
    const side = change > 0 ? 1 : -1;
    const efficient = fillPrice * carry;
    const mid = efficient * (1 + this.displacement[i]!);
    executionPrices(this.#prices, efficient, mid, quote.halfSpread * mid, quote.tick);
    const touch = side > 0 ? this.#prices[3]! : this.#prices[2]!;
    const coins = Math.abs(inverse ? (change * size) / efficient : change * size);
    // Square-root law: I = Y * sigma_daily * sqrt(Q / V_daily) (Donier and Bonart 2015).
    const impact =
      quote.impactCoefficient > 0
        ? quote.impactCoefficient * quote.dailyVolatility * Math.sqrt(coins / quote.dailyVolume)
        : 0;
    const paid = touch * (1 + side * impact);
    const mark = price0 * carry;
    // Wealth at the last mark's index price of having entered at price F instead of at the mark.
    const worth = (f: number) => (inverse ? change * size * price0 * (1 / f - 1 / mark) : change * size * (mark - f));
    const moved = worth(efficient);
    const deltaPart = inverse ? moved : change * size * (price0 - fillPrice);
    const A = b * PART_COUNT;
    const a = this.attribution;
    a[A + PART.delta]! += deltaPart;
    a[A + PART.basis]! += moved - deltaPart;
    const spread = worth(touch) - worth(mid);
    const slip = worth(mid) - moved + worth(paid) - worth(touch);
    a[A + PART.spread]! += spread;
    a[A + PART.impact]! += slip;
    this.totals.slippage[b]! -= spread + slip;
    if (inverse) this.cashCoin[b]! += change * size * (1 / paid - 1 / mark);
    else if (slot.kind === "spot") this.#settle(b, -change * size * paid, fillPrice);
    else this.#settle(b, worth(paid), fillPrice);
    const fee = specification.takerFeeBps * 1e-4 * (inverse ? Math.abs(change) * size : coins * paid);
    if (fee > 0) {
      this.totals.fees[b]! += fee;
      this.#post(b, PART.fee, -fee, fillPrice);
    }
    this.totals.turnover[b]! += coins;
    this.position[i]! += change;
    if (Math.abs(this.position[i]!) < 1e-14) this.position[i] = 0;
    if (slot.transientFraction > 0) this.displacement[i]! += side * impact * slot.transientFraction;
  }

  /** An option trade at the published volatility ± half a spread in vol points. */
  #fillOption(b: number, s: number, change: number, fillPrice: number): void {
    const i = b * this.slots + s;
    const slot = this.#slotConfigs[s]!;
    const specification = this.specifications[s]!;
    const g = i * GREEK_COUNT;
    const value0 = this.#slotGreeks[g]!;
    const scratch = this.#scratch;
    const { rate, dividendYield } = this.#scenario.market;
    const years = Math.max(0, this.slotSecondsLeft[i]!) / this.#secondsPerYear;
    greeksInto(
      scratch,
      0,
      this.slotSign[i]! as 1 | -1,
      fillPrice,
      this.slotStrike[i]!,
      rate,
      dividendYield,
      this.volatility[b]!,
      years,
    );
    const value = scratch[GREEK.price]!;
    executionPrices(
      this.#prices,
      value,
      value,
      scratch[GREEK.vega]! * slot.halfSpreadVolPoints * 0.01,
      specification.tick,
    );
    const touch = change > 0 ? this.#prices[3]! : Math.max(0, this.#prices[2]!);
    const size = change * specification.contractSize;
    const dS = fillPrice - this.price[b]!;
    const A = b * PART_COUNT;
    const a = this.attribution;
    const deltaPart = -size * this.#slotGreeks[g + GREEK.delta]! * dS;
    const gammaPart = -size * 0.5 * this.#slotGreeks[g + GREEK.gamma]! * dS * dS;
    a[A + PART.delta]! += deltaPart;
    a[A + PART.gamma]! += gammaPart;
    a[A + PART.residual]! += size * (value0 - value) - deltaPart - gammaPart;
    const spread = size * (value - touch);
    a[A + PART.spread]! += spread;
    this.totals.slippage[b]! -= spread;
    this.#settle(b, -size * touch, fillPrice);
    const cap = specification.feeCapOfPrice ?? Number.POSITIVE_INFINITY;
    const fee = Math.abs(size) * Math.min(specification.takerFeeBps * 1e-4 * fillPrice, cap * touch);
    if (fee > 0) {
      this.totals.fees[b]! += fee;
      this.#post(b, PART.fee, -fee, fillPrice);
    }
    this.totals.turnover[b]! += Math.abs(size * scratch[GREEK.delta]!);
    this.position[i]! += change;
    if (Math.abs(this.position[i]!) < 1e-14) this.position[i] = 0;
  }

  /** Revalues one option holding and splits the change by its Greeks at the last mark (Taylor to second order in S and sigma). */
  #revalue(
    greeks: Float64Array,
    i: number,
    sign: number,
    strike: number,
    secondsLeft: number,
    quantity: number,
    b: number,
    dS: number,
    price: number,
    volatility: number,
    dtYears: number,
  ): void {
    const g = i * GREEK_COUNT;
    const value0 = greeks[g]!;
    const delta = quantity * greeks[g + GREEK.delta]! * dS;
    const gamma = quantity * 0.5 * greeks[g + GREEK.gamma]! * dS * dS;
    const theta = quantity * greeks[g + GREEK.theta]! * dtYears;
    const dVol = volatility - this.volatility[b]!;
    const vega = quantity * greeks[g + GREEK.vega]! * dVol;
    const vanna = quantity * greeks[g + GREEK.vanna]! * dS * dVol;
    const volga = quantity * 0.5 * greeks[g + GREEK.volga]! * dVol * dVol;
    this.#price(greeks, i, sign, strike, Math.max(0, secondsLeft), price, volatility);
    const a = this.attribution;
    const A = b * PART_COUNT;
    a[A + PART.delta]! += delta;
    a[A + PART.gamma]! += gamma;
    a[A + PART.theta]! += theta;
    a[A + PART.vega]! += vega;
    a[A + PART.vanna]! += vanna;
    a[A + PART.volga]! += volga;
    a[A + PART.residual]! += quantity * (greeks[g]! - value0) - delta - gamma - theta - vega - vanna - volga;
  }

  #price(
    greeks: Float64Array,
    i: number,
    sign: number,
    strike: number,
    secondsLeft: number,
    price: number,
    volatility: number,
  ): void {
    const { rate, dividendYield } = this.#scenario.market;
    greeksInto(
      greeks,
      i * GREEK_COUNT,
      sign as 1 | -1,
      price,
      strike,
      rate,
      dividendYield,
      volatility,
      secondsLeft / this.#secondsPerYear,
    );
  }

  /** Adds a USD amount at `price` to the account's cash: USD, or coins bought at that price. */
  #receive(b: number, usd: number, price: number): void {
    if (this.#scenario.account.collateral === "usd") this.cashUsd[b]! += usd;
    else this.cashCoin[b]! += usd / price;
  }

  /** As #receive, where the last mark differs from the price of the exchange: the coins' revaluation between them is delta. */
  #settle(b: number, usd: number, price: number): void {
    this.#receive(b, usd, price);
    if (this.#scenario.account.collateral === "coin")
      this.attribution[b * PART_COUNT + PART.delta]! += (usd / price) * (this.price[b]! - price);
  }

  /** Books an amount under one part. `price` is the index when it was paid; `markPrice` the mark that the account goes to next. */
  #post(b: number, part: number, usd: number, price: number, markPrice = this.price[b]!): void {
    this.attribution[b * PART_COUNT + part]! += usd;
    this.#receive(b, usd, price);
    if (this.#scenario.account.collateral === "coin")
      this.attribution[b * PART_COUNT + PART.delta]! += (usd / price) * (markPrice - price);
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
      slotStrike: this.slotStrike,
      slotSecondsLeft: this.slotSecondsLeft,
      slotSign: this.slotSign,
      price: this.price,
      volatility: this.volatility,
      seconds: this.seconds,
      lastTradeSeconds: this.lastTradeSeconds,
      initialWealth: this.initialWealth,
      initialPrice: this.initialPrice,
      premium: this.premium,
      profit: this.profit,
      peak: this.#peak,
      attribution: this.attribution,
      legGreeks: this.#legGreeks,
      slotGreeks: this.#slotGreeks,
      ...(this.totals as unknown as Record<string, Float64Array>),
    };
  }
}
