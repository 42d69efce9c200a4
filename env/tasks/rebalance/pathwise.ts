import { ContractError, expectLength } from "../../../src/core/errors.ts";
import type { ActionGradient, PathwiseGradient } from "../../core/pathwise.ts";
import { ACCOUNT_FEATURES, AT } from "../../features/schema.ts";
import { roundToLots } from "../../market/venue-specification.ts";
import { ExogenousPaths, FAILS, type PathwiseOptions } from "./exogenous-paths.ts";
import { LinearFill } from "./pathwise-fill.ts";
import { expectPathwise } from "./pathwise-refusal.ts";

export type { PathwiseOptions } from "./exogenous-paths.ts";

export interface PathwiseSettings {
  /**
   * Exposure over which the gradient spreads the step that a transaction's gas is: its cost counts as gas (1 - exp(-|action| / gasWidth))
   * going backward. 0: the gradient knows nothing of it here, and `fixed` of the gradient says what a transaction costs.
   */
  readonly gasWidth?: number;
}

const POSITION = ACCOUNT_FEATURES;
const SPREAD_BPS = ACCOUNT_FEATURES + 5;

/** Trades below this share of the book count as this large in the slope of the square-root law, which is infinite at 0. */
const SMALLEST_TRADE = 1e-4;

/**
 * The rebalance task on loaded paths with a differentiable action (Buehler et al. 2019): the wanted change of exposure through one linear
 * slot. Going forward it is `RebalanceEnv` to rounding, lots, ticks, gas and reverts included. Going backward lots and ticks count as no
 * rounding. Of the features, `delta` and `slot0_position` are differentiated; `hours_since_trade`, `profit_bps` and `costs_bps` are constants.
 */
export class RebalancePaths implements PathwiseGradient {
  readonly paths: number;
  readonly decisions: number;
  readonly features: number;
  readonly actionSize = 1;
  readonly differentiable = [AT.delta, POSITION];
  readonly exogenous: ExogenousPaths;
  readonly #fill: LinearFill;
  readonly #spot: boolean;
  readonly #coin: boolean;
  readonly #lots: { readonly lot: number; readonly minimum: number };
  readonly #bookSize: number;
  readonly #size: number;
  readonly #gasWidth: number;
  /** Rounded to ticks, the quoted spread depends a little on where own trades have pushed the mid. */
  readonly #quotesMove: boolean;
  #from = 0;
  #count = 0;
  /** State now. [paths] each */
  readonly #position: Float64Array;
  readonly #displacement: Float64Array;
  readonly #cashUsd: Float64Array;
  readonly #cashCoin: Float64Array;
  readonly #paid: Float64Array;
  readonly #lastTrade: Float64Array;
  readonly #costs: Float64Array;
  /** Units traded away at the end, and 1 where delivery closed the whole position. [paths] */
  readonly #unwound: Float64Array;
  readonly #closed: Float64Array;
  /** Remembered for backward. [decisions*paths] each */
  readonly #actions: Float64Array;
  readonly #sides: Float64Array;
  readonly #changes: Float64Array;
  readonly #displacements: Float64Array;
  /** Adjoints. [paths] each */
  readonly #dPosition: Float64Array;
  readonly #dDisplacement: Float64Array;
  readonly #dCashUsd: Float64Array;
  readonly #dCashCoin: Float64Array;
  readonly #gradient: { readonly action: Float64Array; readonly fixed: Float64Array };

  /** Throws a ConfigError where the scenario has no path form. */
  constructor(options: PathwiseOptions, settings: PathwiseSettings = {}) {
    const { scenario, paths } = options;
    expectPathwise(scenario);
    this.exogenous = new ExogenousPaths(options);
    const { env, decisions } = this.exogenous;
    const slot = scenario.slots[0]!;
    const specification = env.ledger.specifications[0]!;
    this.paths = paths;
    this.decisions = decisions;
    this.features = env.extractor.width;
    this.#spot = slot.kind === "spot";
    this.#coin = scenario.account.collateral === "coin";
    this.#lots = specification;
    this.#bookSize = env.context.bookSize;
    this.#size = specification.contractSize;
    this.#gasWidth = settings.gasWidth ?? 0;
    this.#quotesMove = specification.tick > 0 && slot.transientFraction > 0;
    this.#fill = new LinearFill({
      spot: this.#spot,
      size: specification.contractSize,
      carry: this.#spot ? 1 : 1 + slot.basisBps * 1e-4,
      fee: specification.takerFeeBps * 1e-4,
      tick: specification.tick,
      transientFraction: slot.transientFraction,
      smallest: (SMALLEST_TRADE * this.#bookSize) / specification.contractSize,
    });
    const one = () => new Float64Array(paths);
    const all = () => new Float64Array(decisions * paths);
    this.#position = one();
    this.#displacement = one();
    this.#cashUsd = one();
    this.#cashCoin = one();
    this.#paid = one();
    this.#lastTrade = one();
    this.#costs = one();
    this.#unwound = one();
    this.#closed = one();
    this.#actions = all();
    this.#sides = all();
    this.#changes = all();
    this.#displacements = all();
    this.#dPosition = one();
    this.#dDisplacement = one();
    this.#dCashUsd = one();
    this.#dCashCoin = one();
    this.#gradient = { action: one(), fixed: one() };
  }

  load(firstEpisode: number): void {
    this.exogenous.load(firstEpisode);
    this.#count = 0;
  }

  begin(from = 0, count = this.paths - from): void {
    if (!(from >= 0 && count > 0 && from + count <= this.paths))
      throw new ContractError("A part of the paths is out of range.", {
        which: "from, count",
        value: [from, count],
        fix: `Stay within the ${this.paths} loaded paths.`,
      });
    this.#from = from;
    this.#count = count;
    for (const state of [
      this.#position,
      this.#displacement,
      this.#cashUsd,
      this.#cashCoin,
      this.#paid,
      this.#lastTrade,
    ])
      state.fill(0);
  }

  observe(t: number): Float64Array {
    const { exogenous: x, features: width } = this;
    const start = t * this.paths + this.#from;
    const rows = x.features.subarray(start * width, (start + this.#count) * width);
    for (let p = 0; p < this.#count; p++) {
      const f = p * width;
      const price = x.mark[start + p]!;
      const coins = this.#position[p]! * this.#size;
      const notional = this.#bookSize * price;
      const worth = this.#cashUsd[p]! + (this.#cashCoin[p]! + (this.#spot ? coins : 0)) * price;
      rows[f + AT.delta] = rows[f + AT.book_delta]! + coins / this.#bookSize;
      rows[f + POSITION] = coins / this.#bookSize;
      rows[f + AT.hours_since_trade] = (x.seconds[start + p]! - this.#lastTrade[p]!) / 3600;
      rows[f + AT.profit_bps] = x.profitBps[start + p]! + (1e4 * worth) / notional;
      rows[f + AT.costs_bps] = (1e4 * this.#paid[p]!) / notional;
      if (!this.#quotesMove) continue;
      const quoted = this.#fill.quotedBps(price, this.#displacement[p]!, x.halfSpread[start + p]!);
      rows[f + SPREAD_BPS] = quoted;
      rows[f + AT.cost_rate_bps] = quoted + this.#fill.instrument.fee * 1e4;
    }
    return rows;
  }

  act(t: number, actions: Float64Array, sides?: Float64Array): void {
    const { exogenous: x, paths } = this;
    const n = this.#count;
    expectLength(actions, n, "actions");
    const row = t * paths;
    const start = row + this.#from;
    for (let p = 0; p < n; p++) {
      const i = start + p;
      const fillPrice = x.fillPrice[i]!;
      // The very arithmetic of an intent that changes exposure (models/heads/band-clamp.ts).
      const wanted = (actions[p]! * this.#bookSize) / this.#size;
      let change = wanted === 0 || (x.fails[i]! & FAILS.send) !== 0 ? 0 : roundToLots(wanted, this.#lots);
      if (change !== 0) {
        this.#pay(p, -x.gasUsd[i]!, fillPrice);
        this.#paid[p]! += x.gasUsd[i]!;
        if ((x.fails[i]! & (change > 0 ? FAILS.buy : FAILS.sell)) !== 0) change = 0;
      }
      this.#actions[row + p] = actions[p]!;
      this.#sides[row + p] = actions[p] !== 0 ? Math.sign(actions[p]!) : (sides?.[p] ?? 0);
      this.#changes[row + p] = change;
      this.#displacements[row + p] = this.#displacement[p]!;
      if (change !== 0) {
        this.#lastTrade[p] = x.seconds[i]!;
        this.#trade(p, change, fillPrice, x.mark[i]!, x.halfSpread[i]!, x.impact[i]!, true);
      }
      const coins = this.#position[p]! * this.#size;
      this.#cashUsd[p] = this.#cashUsd[p]! * x.growth[i]! + coins * x.holdUsd[i]!;
      this.#cashCoin[p]! += coins * x.holdCoin[i]!;
      this.#displacement[p]! *= x.decay[i]!;
    }
  }

  finish(): Float64Array {
    const { exogenous: x } = this;
    const { terminal } = x.env.scenario;
    for (let p = 0; p < this.#count; p++) {
      const i = this.#from + p;
      const price = x.endPrice[i]!;
      this.#closed[p] = terminal === "settle" ? this.#deliver(p, i, price) : 0;
      this.#unwound[p] = terminal === "mark" ? 0 : -this.#position[p]!;
      if (this.#unwound[p] !== 0) {
        this.#pay(p, -x.endGasUsd[i]!, price);
        this.#trade(p, this.#unwound[p]!, price, price, x.endHalfSpread[i]!, x.endImpact[i]!, false);
      }
      const coins = this.#cashCoin[p]! + (this.#spot ? this.#position[p]! * this.#size : 0);
      this.#costs[p] = x.baseCost[i]! - (this.#cashUsd[p]! + coins * price) * x.costOfUsd[i]!;
    }
    return this.#costs.subarray(0, this.#count);
  }

  beginBackward(dCosts: Float64Array): void {
    const { exogenous: x } = this;
    const fill = this.#fill;
    expectLength(dCosts, this.#count, "dCosts");
    for (let p = 0; p < this.#count; p++) {
      const i = this.#from + p;
      const price = x.endPrice[i]!;
      const usd = -dCosts[p]! * x.costOfUsd[i]!;
      this.#dCashUsd[p] = usd;
      this.#dCashCoin[p] = usd * price;
      this.#dPosition[p] = this.#spot ? usd * this.#size * price : 0;
      this.#dDisplacement[p] = 0;
      const change = this.#unwound[p]!;
      if (change !== 0) {
        const [displacement, half] = [this.#displacement[p]!, x.endHalfSpread[i]!];
        const account = this.#dAccount(p, price);
        const cash = this.#spot ? usd : account;
        fill.fill(change, price, price, displacement, half, x.endImpact[i]!);
        fill.adjoint(change, Math.sign(change), price, displacement, half, price, cash, account, 0);
        // All of the position goes: one unit more is one unit more to unwind.
        this.#dPosition[p] = -fill.dChange;
        this.#dDisplacement[p] = fill.dDisplacement;
      } else if (this.#closed[p] === 1) this.#dPosition[p] = this.#spot ? usd * this.#size * price : 0;
    }
  }

  backward(t: number): ActionGradient {
    const { exogenous: x, paths } = this;
    const fill = this.#fill;
    const { action, fixed } = this.#gradient;
    const n = this.#count;
    const row = t * paths;
    const units = this.#bookSize / this.#size;
    for (let p = 0; p < n; p++) {
      const i = row + this.#from + p;
      const k = row + p;
      this.#dPosition[p]! += this.#size * (this.#dCashUsd[p]! * x.holdUsd[i]! + this.#dCashCoin[p]! * x.holdCoin[i]!);
      this.#dCashUsd[p]! *= x.growth[i]!;
      this.#dDisplacement[p]! *= x.decay[i]!;
      const fillPrice = x.fillPrice[i]!;
      const side = this.#sides[k]!;
      const account = this.#dAccount(p, fillPrice);
      action[p] = 0;
      fixed[p] = 0;
      if ((x.fails[i]! & FAILS.send) !== 0) continue;
      fixed[p] = -x.gasUsd[i]! * account;
      if (this.#gasWidth > 0)
        action[p] = (side * fixed[p]! * Math.exp(-Math.abs(this.#actions[k]!) / this.#gasWidth)) / this.#gasWidth;
      // A trade that reverts moves nothing, whatever its size.
      if ((x.fails[i]! & (side > 0 ? FAILS.buy : side < 0 ? FAILS.sell : 0)) !== 0) continue;
      const change = this.#changes[k]!;
      const [mark, half, displacement] = [x.mark[i]!, x.halfSpread[i]!, this.#displacements[k]!];
      if (change !== 0) fill.fill(change, fillPrice, mark, displacement, half, x.impact[i]!);
      const cash = this.#spot ? this.#dCashUsd[p]! : account;
      fill.adjoint(change, side, mark, displacement, half, fillPrice, cash, account, this.#dDisplacement[p]!);
      action[p]! += units * (fill.dChange + this.#dPosition[p]!);
      this.#dDisplacement[p] = fill.dDisplacement;
    }
    return { action: action.subarray(0, n), fixed: fixed.subarray(0, n) };
  }

  carry(_t: number, dFeatures: Float64Array): void {
    expectLength(dFeatures, 2 * this.#count, "dFeatures");
    const scale = this.#size / this.#bookSize;
    for (let p = 0; p < this.#count; p++) this.#dPosition[p]! += (dFeatures[2 * p]! + dFeatures[2 * p + 1]!) * scale;
  }

  /** A USD amount into the account, at the price at which coins are bought with it. */
  #pay(p: number, usd: number, price: number): void {
    if (this.#coin) this.#cashCoin[p]! += usd / price;
    else this.#cashUsd[p]! += usd;
  }

  /** Adjoint of {@link #pay}. */
  #dAccount(p: number, price: number): number {
    return this.#coin ? this.#dCashCoin[p]! / price : this.#dCashUsd[p]!;
  }

  /** `moves`: the trade displaces the mid for those that follow. */
  #trade(p: number, change: number, fillPrice: number, mark: number, half: number, impact: number, moves: boolean) {
    const fill = this.#fill;
    fill.fill(change, fillPrice, mark, this.#displacement[p]!, half, impact);
    if (this.#spot) this.#cashUsd[p]! += fill.proceeds;
    else this.#pay(p, fill.proceeds, fillPrice);
    this.#pay(p, -fill.feePaid, fillPrice);
    this.#paid[p]! += fill.feePaid + fill.slippage;
    const position = this.#position[p]! + change;
    this.#position[p] = Math.abs(position) < 1e-14 ? 0 : position;
    if (moves) this.#displacement[p]! += Math.sign(change) * fill.impact * fill.instrument.transientFraction;
  }

  /** Physical delivery, as `Ledger.deliver`; 1 where it closed all of the position. */
  #deliver(p: number, i: number, price: number): number {
    const held = this.#position[p]! * this.#size;
    const units = this.exogenous.delivered[i]!;
    if (held * units >= 0) return 0;
    const closed = Math.sign(held) * Math.min(Math.abs(held), Math.abs(units));
    if (this.#spot) this.#cashUsd[p]! += closed * price;
    this.#position[p]! -= closed / this.#size;
    return closed === held ? 1 : 0;
  }
}
