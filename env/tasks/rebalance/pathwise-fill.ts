import { executionPrices } from "./quote-venue.ts";

/** What a linear instrument's fills depend on for a whole run. */
export interface LinearInstrument {
  readonly spot: boolean;
  /** Units of the underlying in one unit. */
  readonly size: number;
  /** Mark over index. */
  readonly carry: number;
  /** Taker fee, fraction of notional. */
  readonly fee: number;
  readonly tick: number;
  /** Share of a trade's impact that displaces the mid. */
  readonly transientFraction: number;
  /** Units below which the slope of the square-root law, infinite at 0, is held. */
  readonly smallest: number;
}

const PRICES = new Float64Array(4);

/**
 * One fill of a linear instrument, as `fillLinear` books it, and its adjoint. Impact is k sqrt(coins) (square-root law), so that with
 * side = sign of the change: paid = touch (1 + side I), d paid / d change = touch I / (2 |change|). Rounding to ticks counts as no change.
 */
export class LinearFill {
  readonly instrument: LinearInstrument;
  paid = 0;
  impact = 0;
  /** USD received for the change (negative for a purchase): against cash for spot, against the last mark for a perpetual. */
  proceeds = 0;
  feePaid = 0;
  /** Spread and impact, USD. */
  slippage = 0;
  #touch = 0;
  dChange = 0;
  dDisplacement = 0;

  constructor(instrument: LinearInstrument) {
    this.instrument = instrument;
  }

  /** Prices `change` units (not 0). `k`: impact coefficient, a fraction for sqrt(1 coin); `mark`: the index at the last mark. */
  fill(change: number, fillPrice: number, mark: number, displacement: number, halfSpread: number, k: number): void {
    const { spot, size, carry, fee, tick } = this.instrument;
    const side = change > 0 ? 1 : -1;
    const efficient = fillPrice * carry;
    const mid = efficient * (1 + displacement);
    executionPrices(PRICES, efficient, mid, halfSpread * mid, tick);
    this.#touch = side > 0 ? PRICES[3]! : PRICES[2]!;
    const coins = Math.abs(change * size);
    this.impact = k > 0 ? k * Math.sqrt(coins) : 0;
    this.paid = this.#touch * (1 + side * this.impact);
    this.proceeds = change * size * ((spot ? 0 : mark * carry) - this.paid);
    this.feePaid = fee * coins * this.paid;
    this.slippage = change * size * (this.paid - efficient);
  }

  /** Quoted half-spread around a displaced mid after rounding to ticks, basis points, as the feature states it. */
  quotedBps(mark: number, displacement: number, halfSpread: number): number {
    const published = mark * this.instrument.carry;
    const mid = published * (1 + displacement);
    executionPrices(PRICES, published, mid, halfSpread * mid, this.instrument.tick);
    const bid = Math.max(0, PRICES[2]!);
    const ask = PRICES[3]!;
    const middle = 0.5 * (bid + ask);
    return middle > 0 ? (0.5e4 * (ask - bid)) / middle : 0;
  }

  /**
   * Adjoint of the last fill: writes dChange and dDisplacement of
   *   dProceeds * proceeds - dFee * feePaid + dAfter * (displacement + transientFraction * side * impact).
   * `side` is that of the fill, or where `change` is 0 the side on which the derivative is taken (0 = between the two).
   */
  adjoint(
    change: number,
    side: number,
    mark: number,
    displacement: number,
    halfSpread: number,
    fillPrice: number,
    dProceeds: number,
    dFee: number,
    dAfter: number,
  ): void {
    const { spot, size, carry, fee, transientFraction, smallest } = this.instrument;
    const value = spot ? 0 : mark * carry;
    if (change === 0) {
      // The first unit is filled at the touch of its side; the slope of the impact is left to trades that are made.
      const touch = fillPrice * carry * (1 + displacement) * (1 + side * halfSpread);
      this.dChange = size * (dProceeds * (value - touch) - dFee * fee * side * touch);
      this.dDisplacement = dAfter;
      return;
    }
    const amount = Math.abs(change);
    const slope = (0.5 * this.impact) / Math.max(amount, smallest);
    const dPaid = -size * (dProceeds * change + dFee * fee * amount);
    this.dChange =
      size * (dProceeds * (value - this.paid) - dFee * fee * side * this.paid) +
      dPaid * this.#touch * slope +
      dAfter * transientFraction * slope;
    this.dDisplacement = dAfter + (dPaid * this.paid) / (1 + displacement);
  }
}
