import type { OptionChain } from "../../src/core/contracts/option-chain.ts";
import { DataError } from "../../src/core/errors.ts";

/** Deribit's year, in which mark volatilities are stated. */
export const CHAIN_YEAR_SECONDS = 365 * 86_400;

/** One expiry as it goes into a surface. */
export interface Smile {
  /** Time to expiry, above 0. */
  readonly years: number;
  readonly forward: number;
  /** Strikes and Black volatilities (fraction a year) at them, of equal length, at least one. */
  readonly strikes: ArrayLike<number>;
  readonly volatilities: ArrayLike<number>;
}

/**
 * Black volatilities of one moment as total variance w = volatility^2 * years over log-moneyness k = ln(strike / forward).
 * Inside an expiry w is linear between its strikes and flat beyond them; between expiries w is linear in time at the same k; before the
 * first expiry and after the last the volatility at k is held. Interpolating total variance in time keeps a surface free of calendar
 * arbitrage where its expiries are (J. Gatheral, The Volatility Surface, 2006, chapter 3). Immutable; queries allocate nothing.
 */
export class VolatilitySurface {
  /** Time to each expiry, increasing. [E] */
  readonly years: Float64Array;
  /** Forward of each expiry. [E] */
  readonly forward: Float64Array;
  /** Points firstPoint[e] to firstPoint[e+1] - 1 belong to expiry e. [E+1] */
  readonly firstPoint: Int32Array;
  /** Log-moneyness, increasing within an expiry, and total variance. [P] */
  readonly k: Float64Array;
  readonly w: Float64Array;
  /** Strike of each point. [P] */
  readonly strike: Float64Array;

  /** Throws a DataError where there is no expiry, an expiry has no point, or a number is not usable. */
  constructor(smiles: readonly Smile[]) {
    const sorted = smiles.slice().sort((a, b) => a.years - b.years);
    const points = sorted.reduce((sum, s) => sum + s.strikes.length, 0);
    if (points === 0) refuse("A volatility surface needs at least one quote.", "smiles", smiles.length);
    this.years = Float64Array.from(sorted, (s) => s.years);
    this.forward = Float64Array.from(sorted, (s) => s.forward);
    this.firstPoint = new Int32Array(sorted.length + 1);
    this.k = new Float64Array(points);
    this.w = new Float64Array(points);
    this.strike = new Float64Array(points);
    let at = 0;
    for (const [e, smile] of sorted.entries()) {
      const { years, forward, strikes, volatilities } = smile;
      if (!(years > 0 && years < Infinity)) refuse("An expiry of a surface is not in the future.", "years", years);
      if (e > 0 && years === sorted[e - 1]!.years) refuse("An expiry stands twice in a surface.", "years", years);
      if (!(forward > 0 && forward < Infinity)) refuse("A forward is not above 0.", "forward", forward);
      if (strikes.length === 0) refuse("An expiry of a surface has no quote.", "years", years);
      const order = Int32Array.from({ length: strikes.length }, (_, i) => i).sort((a, b) => strikes[a]! - strikes[b]!);
      for (const [i, p] of order.entries()) {
        const strike = strikes[p]!;
        const volatility = volatilities[p]!;
        if (!(strike > 0 && strike < Infinity)) refuse("A strike is not above 0.", "strike", strike);
        if (!(volatility > 0 && volatility < Infinity))
          refuse("A volatility is not above 0.", "volatility", volatility);
        if (i > 0 && strike === this.strike[at - 1]) refuse("A strike stands twice in an expiry.", "strike", strike);
        this.strike[at] = strike;
        this.k[at] = Math.log(strike / forward);
        this.w[at++] = volatility * volatility * years;
      }
      this.firstPoint[e + 1] = at;
    }
  }

  /** Black volatility, fraction a year, at log-moneyness k = ln(strike / forward) and time to expiry. NaN for years of 0 or less. */
  volatilityAt(k: number, years: number): number {
    return years > 0 ? Math.sqrt(this.totalVarianceAt(k, years) / years) : Number.NaN;
  }

  /** Total variance at k and time; 0 at time 0. */
  totalVarianceAt(k: number, years: number): number {
    const last = this.years.length - 1;
    const first = this.years[0]!;
    const end = this.years[last]!;
    if (years <= first) return (this.smileVariance(0, k) * years) / first;
    if (years >= end) return (this.smileVariance(last, k) * years) / end;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.years[middle]! <= years) low = middle;
      else high = middle;
    }
    const share = (years - this.years[low]!) / (this.years[high]! - this.years[low]!);
    return (1 - share) * this.smileVariance(low, k) + share * this.smileVariance(high, k);
  }

  /** Total variance of expiry e at k. */
  smileVariance(e: number, k: number): number {
    let low = this.firstPoint[e]!;
    let high = this.firstPoint[e + 1]! - 1;
    if (k <= this.k[low]!) return this.w[low]!;
    if (k >= this.k[high]!) return this.w[high]!;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.k[middle]! <= k) low = middle;
      else high = middle;
    }
    const share = (k - this.k[low]!) / (this.k[high]! - this.k[low]!);
    return (1 - share) * this.w[low]! + share * this.w[high]!;
  }
}

function refuse(short: string, which: string, value: unknown): never {
  throw new DataError(short, {
    which: `surface.${which}`,
    value,
    fix: "Leave out the quote or expiry, or correct it.",
  });
}

/**
 * The surface of one snapshot: at each strike the mark volatility of the option that is out of the money (of the other where it has
 * none), with the expiry's median forward. Expiries without any mark volatility are left out.
 * Throws a DataError where the snapshot has none at all.
 */
export function surfaceOfSnapshot(chain: OptionChain, snapshot: number): VolatilitySurface {
  const smiles: Smile[] = [];
  for (let e = chain.firstExpiry[snapshot]!; e < chain.firstExpiry[snapshot + 1]!; e++) {
    const forward = chain.listedForward[e]!;
    const strikes: number[] = [];
    const volatilities: number[] = [];
    for (let q = chain.listedQuote[e]!; q < chain.listedQuote[e + 1]!; q++) {
      const volatility = chain.markVolatility[q]!;
      if (Number.isNaN(volatility)) continue;
      const strike = chain.strike[q]!;
      if (strikes.at(-1) !== strike) {
        strikes.push(strike);
        volatilities.push(volatility);
      } else if (strike >= forward) volatilities[volatilities.length - 1] = volatility; // puts come first
    }
    const years = (chain.listedExpiry[e]! - chain.times[snapshot]!) / CHAIN_YEAR_SECONDS;
    if (strikes.length > 0) smiles.push({ years, forward, strikes, volatilities });
  }
  return new VolatilitySurface(smiles);
}
