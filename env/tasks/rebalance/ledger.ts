import type { Listing, MarketFrame } from "../../market/source.ts";
import { roundToLots } from "../../market/venue-specification.ts";
import { GREEK, GREEK_COUNT } from "../../options/black-scholes.ts";
import { Accounts, PART, PART_COUNT } from "./accounts.ts";
import { fillLinear, fillOption } from "./fills.ts";
import { executionPrices } from "./quote-venue.ts";

export { type EpisodeTotals, PART, PART_COUNT } from "./accounts.ts";

const SECONDS_8H = 8 * 3600;

/**
 * Accounts of B environments: cash in USD and coin, option legs, hedge positions, and an exact attribution of every change of wealth.
 * Wealth change = sum of the parts, to rounding. Wealth is marked at the published index price; the first mark is at step 0.
 */
export class Ledger extends Accounts {
  readonly #prices = new Float64Array(4);

  /**
   * Opens the book of environment b at the start of an episode: legs enter at mark, the premium goes to cash.
   * `listing`: the listed contracts that they are, instead of the scenario's moneyness and maturity.
   */
  open(b: number, frame: MarketFrame, listing?: Listing): void {
    const price = frame.price[b]!;
    const { slots: S, legs: L } = this;
    const { account, book, maturityDays } = this.scenario;
    this.cashUsd[b] = 0;
    this.collateralCoin[b] = account.collateral === "coin" ? account.collateralCoin : 0;
    this.cashCoin[b] = this.collateralCoin[b]!;
    this.price[b] = price;
    this.initialPrice[b] = price;
    this.spread[b] = frame.spread[b]!;
    this.depth[b] = frame.depth[b]!;
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
      this.legStrike[i] = listing?.strike[l] ?? price * leg.moneyness;
      this.legSecondsLeft[i] = listing?.secondsLeft[l] ?? (leg.maturityDays ?? maturityDays) * 86400;
      this.legVolatility[i] = this.contractVolatility(frame, b, l);
    }
    this.legValues.value(this.legRows, b, price, this.book);
    for (let l = 0; l < L; l++)
      premium -= book.legs[l]!.quantity * this.legGreeks[(b * L + l) * GREEK_COUNT + GREEK.price]!;
    for (let s = 0; s < S; s++) {
      const i = b * S + s;
      const { option } = this.slotConfigs[s]!;
      this.position[i] = 0;
      this.displacement[i] = 0;
      this.slotSign[i] = option === undefined ? 0 : option.type === "call" ? 1 : -1;
      this.slotStrike[i] = 0;
      this.slotSecondsLeft[i] = 0;
      this.slotVolatility[i] = 0;
      if (option === undefined) continue;
      const k = this.slotContract[s]!;
      const strike = listing?.strike[k] ?? price * option.moneyness;
      const secondsLeft = listing?.secondsLeft[k] ?? option.maturityDays * 86400;
      const volatility = this.contractVolatility(frame, b, k);
      this.slotStrike[i] = strike;
      this.slotSecondsLeft[i] = secondsLeft;
      this.slotVolatility[i] = volatility;
      this.value(this.slotGreeks, i, this.slotSign[i]!, strike, secondsLeft, price, volatility);
    }
    this.premium[b] = premium;
    this.receive(b, premium, price);
    this.initialWealth[b] = this.wealth(b);
    this.profit[b] = 0;
    this.peak[b] = 0;
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
    const { kind } = this.slotConfigs[s]!;
    // An expired instrument has no market: the order is refused before it costs anything.
    if (kind === "option" && this.slotSecondsLeft[b * this.slots + s]! <= 0) return 0;
    if (specification.onChain && gasUsd > 0) {
      this.totals.gas[b]! += gasUsd;
      this.post(b, PART.gas, -gasUsd, fillPrice);
    }
    if (reverts) {
      this.totals.reverts[b]! += 1;
      return 0;
    }
    if (kind === "option") fillOption(this, b, s, change, fillPrice);
    else fillLinear(this, b, s, change, fillPrice, kind === "inverse-perpetual");
    this.totals.rebalances[b]! += 1;
    this.lastTradeSeconds[b] = this.seconds[b]!;
    return change;
  }

  /** Physical delivery of `units` of the underlying at the mark against the first slot: closes that much of it at no cost. */
  deliver(b: number, units: number): void {
    const i = b * this.slots;
    const slot = this.slotConfigs[0]!;
    if (slot.kind === "inverse-perpetual") return;
    const size = this.specifications[0]!.contractSize;
    const held = this.position[i]! * size;
    // Only what is held with the opposite sign of the delivery can be closed by it.
    const closed = held * units < 0 ? Math.sign(held) * Math.min(Math.abs(held), Math.abs(units)) : 0;
    if (slot.kind === "spot") this.cashUsd[b]! += closed * this.price[b]!;
    this.position[i]! -= closed / size;
  }

  /** Moves environment b's mark to the frame's price and volatilities `dtSeconds` later: revalues everything and attributes the change. */
  mark(b: number, frame: MarketFrame, dtSeconds: number): void {
    const price = frame.price[b]!;
    const A = b * PART_COUNT;
    const attribution = this.attribution;
    const price0 = this.price[b]!;
    const dS = price - price0;
    const dtYears = dtSeconds / this.secondsPerYear;
    const { rate, dividendYield } = this.scenario.market;
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
      const slot = this.slotConfigs[s]!;
      if (slot.transientFraction > 0) this.displacement[i]! *= 0.5 ** (dtSeconds / slot.transientHalfLife);
      // In units of the underlying; an inverse contract's size is in USD and is applied where it is used.
      const position =
        this.position[i]! * (slot.kind === "inverse-perpetual" ? 1 : this.specifications[s]!.contractSize);
      if (slot.kind === "option") {
        this.slotSecondsLeft[i]! -= dtSeconds;
        const volatility = this.contractVolatility(frame, b, this.slotContract[s]!);
        this.#revalue(
          this.slotGreeks,
          i,
          this.slotSign[i]!,
          this.slotStrike[i]!,
          this.slotSecondsLeft[i]!,
          position,
          dS,
          price,
          this.slotVolatility[i]!,
          volatility,
          b,
          dtYears,
        );
        this.slotVolatility[i] = volatility;
        if (this.slotSecondsLeft[i]! <= 0 && position !== 0) {
          this.receive(b, position * this.slotGreeks[i * GREEK_COUNT]!, price);
          this.position[i] = 0;
        }
        continue;
      }
      if (position === 0) continue;
      if (slot.kind === "spot") {
        attribution[A + PART.delta]! += position * dS;
        if (dividendYield !== 0)
          this.post(b, PART.funding, position * price0 * Math.expm1(dividendYield * dtYears), price0, price);
        continue;
      }
      const carry = 1 + slot.basisBps * 1e-4;
      const funding = slot.fundingRate8h * (dtSeconds / SECONDS_8H);
      if (slot.kind === "perpetual") {
        const gain = position * carry * dS;
        attribution[A + PART.delta]! += position * dS;
        attribution[A + PART.basis]! += gain - position * dS;
        this.receive(b, gain, price);
        if (funding !== 0) this.post(b, PART.funding, -position * price0 * carry * funding, price0, price);
      } else {
        const coins = (position * this.specifications[s]!.contractSize) / carry;
        const gainCoin = coins / price0 - coins / price;
        this.cashCoin[b]! += gainCoin;
        attribution[A + PART.delta]! += gainCoin * price;
        if (funding !== 0) this.post(b, PART.funding, -coins * carry * funding, price0, price);
      }
    }
    this.#markLegs(b, frame, dS, dtSeconds);
    this.price[b] = price;
    this.spread[b] = frame.spread[b]!;
    this.depth[b] = frame.depth[b]!;
    this.seconds[b]! += dtSeconds;
    this.refreshProfit(b);
  }

  /** Recomputes profit and drawdown after fills that do not move the mark (the final unwind). */
  refreshProfit(b: number): void {
    const profit = this.wealth(b) - this.initialWealth[b]!;
    this.profit[b] = profit;
    if (profit > this.peak[b]!) this.peak[b] = profit;
    const drawdown = this.peak[b]! - profit;
    if (drawdown > this.totals.maxDrawdown[b]!) this.totals.maxDrawdown[b] = drawdown;
  }

  /** Mid, bid and ask of a slot at the last mark, before ticks: writes [bid, ask, mark]. */
  quote(b: number, s: number, out: Float64Array): void {
    const i = b * this.slots + s;
    const slot = this.slotConfigs[s]!;
    if (slot.kind === "option") {
      const g = i * GREEK_COUNT;
      const value = this.slotGreeks[g]!;
      const half = this.slotGreeks[g + GREEK.vega]! * slot.halfSpreadVolPoints * 0.01 * this.spread[b]!;
      executionPrices(this.#prices, value, value, half, this.specifications[s]!.tick);
      out[2] = value;
    } else {
      const mark = this.price[b]! * (slot.kind === "spot" ? 1 : 1 + slot.basisBps * 1e-4);
      const mid = mark * (1 + this.displacement[i]!);
      const half = this.quotes[s]!.halfSpread * this.spread[b]! * mid;
      executionPrices(this.#prices, mark, mid, half, this.specifications[s]!.tick);
      out[2] = mark;
    }
    out[0] = Math.max(0, this.#prices[2]!);
    out[1] = this.#prices[3]!;
  }

  /**
   * Revalues the legs at the frame's price and volatilities and splits the change by the book's Greeks, as {@link Ledger.#revalue} does for one option;
   * those that expire are settled in cash.
   */
  #markLegs(b: number, frame: MarketFrame, dS: number, dtSeconds: number): void {
    const { legs: L, legQuantity, legSecondsLeft, legVolatility, attribution: a } = this;
    const { totals } = this.book;
    const price = frame.price[b]!;
    const volatility = frame.volatility[b]!;
    const g = b * GREEK_COUNT;
    const value0 = totals[g + GREEK.price]!;
    const delta = totals[g + GREEK.delta]! * dS;
    const gamma = 0.5 * totals[g + GREEK.gamma]! * dS * dS;
    const theta = totals[g + GREEK.theta]! * (dtSeconds / this.secondsPerYear);
    let vega = 0;
    let vanna = 0;
    let volga = 0;
    // Legs that are marked one by one move one by one; else the book has one mark.
    const each = frame.contractVolatility;
    const contracts = each === undefined ? 0 : each.length / this.batch;
    let expires = false;
    let moved = 0;
    for (let l = 0, i = b * L; l < L; l++, i++) {
      if (legQuantity[i] === 0) continue;
      const left = (legSecondsLeft[i]! -= dtSeconds);
      if (left <= 0) expires = true;
      const now = each === undefined ? volatility : each[contracts * b + l]!;
      moved = now - legVolatility[i]!;
      legVolatility[i] = now;
      if (each === undefined) continue;
      const o = i * GREEK_COUNT;
      const units = legQuantity[i]! * moved;
      vega += units * this.legGreeks[o + GREEK.vega]!;
      vanna += units * this.legGreeks[o + GREEK.vanna]! * dS;
      volga += 0.5 * units * moved * this.legGreeks[o + GREEK.volga]!;
    }
    if (each === undefined && moved !== 0) {
      vega = totals[g + GREEK.vega]! * moved;
      vanna = totals[g + GREEK.vanna]! * dS * moved;
      volga = 0.5 * totals[g + GREEK.volga]! * moved * moved;
    }
    this.legValues.value(this.legRows, b, price, this.book);
    const A = b * PART_COUNT;
    a[A + PART.delta]! += delta;
    a[A + PART.gamma]! += gamma;
    a[A + PART.theta]! += theta;
    a[A + PART.vega]! += vega;
    a[A + PART.vanna]! += vanna;
    a[A + PART.volga]! += volga;
    a[A + PART.residual]! += totals[g + GREEK.price]! - value0 - delta - gamma - theta - vega - vanna - volga;
    if (expires) this.#settleExpired(b, price);
  }

  #settleExpired(b: number, price: number): void {
    for (let i = b * this.legs, end = i + this.legs; i < end; i++) {
      const quantity = this.legQuantity[i]!;
      if (quantity === 0 || this.legSecondsLeft[i]! > 0) continue;
      this.legSecondsLeft[i] = 0;
      this.receive(b, quantity * this.legGreeks[i * GREEK_COUNT]!, price);
      this.legGreeks.fill(0, i * GREEK_COUNT, (i + 1) * GREEK_COUNT);
      this.legQuantity[i] = 0;
    }
    this.sumBook(b);
  }

  /** Revalues one option holding and splits the change by its Greeks at the last mark (Taylor to second order in S and sigma). */
  #revalue(
    greeks: Float64Array,
    i: number,
    sign: number,
    strike: number,
    secondsLeft: number,
    quantity: number,
    dS: number,
    price: number,
    volatility0: number,
    volatility: number,
    b: number,
    dtYears: number,
  ): void {
    const g = i * GREEK_COUNT;
    const value0 = greeks[g]!;
    const delta = quantity * greeks[g + GREEK.delta]! * dS;
    const gamma = quantity * 0.5 * greeks[g + GREEK.gamma]! * dS * dS;
    const theta = quantity * greeks[g + GREEK.theta]! * dtYears;
    const dVol = volatility - volatility0;
    const vega = quantity * greeks[g + GREEK.vega]! * dVol;
    const vanna = quantity * greeks[g + GREEK.vanna]! * dS * dVol;
    const volga = quantity * 0.5 * greeks[g + GREEK.volga]! * dVol * dVol;
    this.value(greeks, i, sign, strike, Math.max(0, secondsLeft), price, volatility);
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
}
