import { normalTail } from "../../src/core/normal.ts";
import { GREEK_COUNT, greeksInto, PDF_AT_ZERO, spreads } from "./black-scholes.ts";

/** Options on one underlying, struct of arrays; the rows of one book follow one another. */
export interface OptionRows {
  /** 1 a call, -1 a put. */
  readonly sign: Float64Array;
  /** In the units of spot. */
  readonly strike: Float64Array;
  /** Seconds until expiry; 0 or less gives the intrinsic value. */
  readonly secondsLeft: Float64Array;
  /** Fraction a year. */
  readonly volatility: Float64Array;
  /** Options of quantity 0 are not valued. */
  readonly quantity: Float64Array;
}

/** What two options of one book have in common; see {@link OptionValues}. */
export interface Likeness {
  /** For each option an earlier one of the same strike and expiry, or -1. */
  readonly terms: readonly number[];
  /** For each option an earlier one of the same strike, or -1. */
  readonly strike: readonly number[];
}

/** Which options of a book have terms or strike in common with an earlier one, by what defines these. */
export function likeness<T>(options: readonly T[], strikeOf: (o: T) => number, expiryOf: (o: T) => number): Likeness {
  const first = (same: (a: T, b: T) => boolean) =>
    options.map((o, i) => {
      const j = options.findIndex((other) => same(o, other));
      return j < i ? j : -1;
    });
  const strike = (a: T, b: T) => strikeOf(a) === strikeOf(b);
  return { strike: first(strike), terms: first((a, b) => strike(a, b) && expiryOf(a) === expiryOf(b)) };
}

/**
 * Price and Greeks of the options of one book at a time, to the last bit those of {@link greeksInto}. What legs have in common is computed once:
 * the two sides of a straddle differ by parity only, and options of one strike share its logarithm. `alike` says where to look; whether terms are
 * the same is checked at every call, so a wrong hint costs time and changes nothing.
 */
export class OptionValues {
  readonly options: number;
  /** Price and Greeks of the last book valued, in the order of `GREEK`; 0 for options of quantity 0. [N*GREEK_COUNT] */
  readonly greeks: Float64Array;
  /** log(spot / strike) of the last book valued. [N] */
  readonly logMoneyness: Float64Array;
  readonly #rate: number;
  readonly #dividendYield: number;
  readonly #secondsPerYear: number;
  readonly #likeTerms: Int32Array;
  readonly #likeStrike: Int32Array;
  /** Where the parts below are those of the last book: 2 and the sign of the option that they are of; else 0. [N] */
  readonly #shared: Uint8Array;
  /** Value, N(d1) and N(d2) of the side that is out of the money, and the decay of both. [N] */
  readonly #otm: Float64Array;
  readonly #n1: Float64Array;
  readonly #n2: Float64Array;
  readonly #decay: Float64Array;

  constructor(options: number, rate: number, dividendYield: number, secondsPerYear: number, alike?: Likeness) {
    const n = () => new Float64Array(options);
    this.options = options;
    this.greeks = new Float64Array(options * GREEK_COUNT);
    this.logMoneyness = n();
    this.#rate = rate;
    this.#dividendYield = dividendYield;
    this.#secondsPerYear = secondsPerYear;
    this.#likeTerms = Int32Array.from({ length: options }, (_, i) => alike?.terms[i] ?? -1);
    this.#likeStrike = Int32Array.from({ length: options }, (_, i) => alike?.strike[i] ?? -1);
    this.#shared = new Uint8Array(options);
    this.#otm = n();
    this.#n1 = n();
    this.#n2 = n();
    this.#decay = n();
  }

  /** Values the book whose options are `rows` from `first` on. */
  value(rows: OptionRows, first: number, spot: number): void {
    const { sign: signs, strike: strikes, secondsLeft, volatility: volatilities, quantity } = rows;
    const out = this.greeks;
    const logs = this.logMoneyness;
    const shared = this.#shared;
    const likeTerms = this.#likeTerms;
    const likeStrike = this.#likeStrike;
    const rate = this.#rate;
    const dividendYield = this.#dividendYield;
    const plain = rate === 0 && dividendYield === 0;
    // The time left and what discounts it: most books have few expiries.
    let seconds = Number.NaN;
    let t = 0;
    let root = 0;
    let carry = 1;
    let discount = 1;
    for (let l = 0, n = this.options; l < n; l++) {
      const i = first + l;
      const strike = strikes[i]!;
      const same = likeStrike[l]!;
      const log = same >= 0 && strikes[first + same] === strike ? logs[same]! : Math.log(spot / strike);
      logs[l] = log;
      const o = l * GREEK_COUNT;
      shared[l] = 0;
      if (quantity[i] === 0) {
        out.fill(0, o, o + GREEK_COUNT);
        continue;
      }
      const sign = signs[i]!;
      const volatility = volatilities[i]!;
      if (secondsLeft[i] !== seconds) {
        seconds = secondsLeft[i]!;
        t = Math.max(seconds / this.#secondsPerYear, 0);
        root = Math.sqrt(t);
        carry = dividendYield === 0 ? 1 : Math.exp(-dividendYield * t);
        discount = rate === 0 ? 1 : Math.exp(-rate * t);
      }
      const s = spot * carry;
      const k = strike * discount;
      const twin = likeTerms[l]!;
      const j = first + twin;
      let n1: number;
      let n2: number;
      let value: number;
      let decay: number;
      // The side of the parts that are computed: the one out of the money.
      let side: number;
      if (
        twin >= 0 &&
        shared[twin] !== 0 &&
        strikes[j] === strike &&
        secondsLeft[j] === seconds &&
        volatilities[j] === volatility
      ) {
        const p = twin * GREEK_COUNT;
        out[o + 2] = out[p + 2]!;
        out[o + 3] = out[p + 3]!;
        out[o + 6] = out[p + 6]!;
        out[o + 7] = out[p + 7]!;
        value = this.#otm[twin]!;
        n1 = this.#n1[twin]!;
        n2 = this.#n2[twin]!;
        decay = this.#decay[twin]!;
        side = shared[twin]! - 2;
      } else {
        const deviation = volatility * root;
        const x = plain ? log : Math.log(s / k);
        if (!spreads(x, deviation)) {
          greeksInto(out, o, sign, spot, strike, rate, dividendYield, volatility, t);
          continue;
        }
        const d1 = x / deviation + 0.5 * deviation;
        const d2 = d1 - deviation;
        side = x > 0 ? -1 : 1;
        const a1 = Math.abs(d1);
        const a2 = Math.abs(d2);
        const e1 = Math.exp(-0.5 * a1 * a1);
        const p1 = normalTail(a1, e1);
        const p2 = normalTail(a2, Math.exp(-0.5 * a2 * a2));
        n1 = side * d1 > 0 ? 1 - p1 : p1;
        n2 = side * d2 > 0 ? 1 - p2 : p2;
        value = Math.max(side * (s * n1 - k * n2), 0);
        const density = carry * (PDF_AT_ZERO * e1);
        const vega = spot * density * root;
        decay = (-0.5 * volatility * spot * density) / root;
        out[o + 2] = density / (spot * deviation);
        out[o + 3] = vega;
        out[o + 6] = (-density * d2) / volatility;
        out[o + 7] = (vega * d1 * d2) / volatility;
        this.#otm[l] = value;
        this.#n1[l] = n1;
        this.#n2[l] = n2;
        this.#decay[l] = decay;
        shared[l] = side + 2;
      }
      if (sign !== side) {
        value += sign * (s - k);
        n1 = 1 - n1;
        n2 = 1 - n2;
      }
      out[o] = value;
      out[o + 1] = sign * carry * n1;
      out[o + 4] = decay + sign * (dividendYield * s * n1 - rate * k * n2);
      out[o + 5] = sign * k * t * n2;
    }
  }
}
