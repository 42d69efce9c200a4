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

/** Where values go; the rows of book b of N options are b*N to b*N + N - 1. */
export interface BookValues {
  /** Price and Greeks of one unit of each option, in the order of `GREEK`; 0 for options of quantity 0. [B*N*GREEK_COUNT] */
  readonly greeks: Float64Array;
  /** log(spot / strike) of each option. [B*N] */
  readonly logMoneyness: Float64Array;
  /** Price and Greeks of each book: the sum over its options, in their order, of quantity times the unit's. [B*GREEK_COUNT] */
  readonly totals: Float64Array;
}

/** Values of `books` books of N options, all 0. */
export function makeBookValues(books: number, options: number): BookValues {
  return {
    greeks: new Float64Array(books * options * GREEK_COUNT),
    logMoneyness: new Float64Array(books * options),
    totals: new Float64Array(books * GREEK_COUNT),
  };
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

  /** Values book b of many: its options are `rows` from b*N on. */
  value(rows: OptionRows, b: number, spot: number, to: BookValues): void {
    const { sign: signs, strike: strikes, secondsLeft, volatility: volatilities, quantity: quantities } = rows;
    const { greeks: out, logMoneyness: logs, totals } = to;
    const first = b * this.options;
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
    let price = 0;
    let delta = 0;
    let gamma = 0;
    let vega = 0;
    let theta = 0;
    let rho = 0;
    let vanna = 0;
    let volga = 0;
    for (let l = 0, n = this.options; l < n; l++) {
      const i = first + l;
      const strike = strikes[i]!;
      const same = likeStrike[l]!;
      const log = same >= 0 && strikes[first + same] === strike ? logs[first + same]! : Math.log(spot / strike);
      logs[i] = log;
      const o = i * GREEK_COUNT;
      shared[l] = 0;
      const quantity = quantities[i]!;
      if (quantity === 0) {
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
      let unitGamma: number;
      let unitVega: number;
      let unitVanna: number;
      let unitVolga: number;
      // The side of the parts that are computed: the one out of the money.
      let side: number;
      if (
        twin >= 0 &&
        shared[twin] !== 0 &&
        strikes[j] === strike &&
        secondsLeft[j] === seconds &&
        volatilities[j] === volatility
      ) {
        const p = j * GREEK_COUNT;
        unitGamma = out[p + 2]!;
        unitVega = out[p + 3]!;
        unitVanna = out[p + 6]!;
        unitVolga = out[p + 7]!;
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
          price += quantity * out[o]!;
          delta += quantity * out[o + 1]!;
          gamma += quantity * out[o + 2]!;
          vega += quantity * out[o + 3]!;
          theta += quantity * out[o + 4]!;
          rho += quantity * out[o + 5]!;
          vanna += quantity * out[o + 6]!;
          volga += quantity * out[o + 7]!;
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
        unitVega = spot * density * root;
        decay = (-0.5 * volatility * spot * density) / root;
        unitGamma = density / (spot * deviation);
        unitVanna = (-density * d2) / volatility;
        unitVolga = (unitVega * d1 * d2) / volatility;
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
      const unitDelta = sign * carry * n1;
      const unitTheta = decay + sign * (dividendYield * s * n1 - rate * k * n2);
      const unitRho = sign * k * t * n2;
      out[o] = value;
      out[o + 1] = unitDelta;
      out[o + 2] = unitGamma;
      out[o + 3] = unitVega;
      out[o + 4] = unitTheta;
      out[o + 5] = unitRho;
      out[o + 6] = unitVanna;
      out[o + 7] = unitVolga;
      price += quantity * value;
      delta += quantity * unitDelta;
      gamma += quantity * unitGamma;
      vega += quantity * unitVega;
      theta += quantity * unitTheta;
      rho += quantity * unitRho;
      vanna += quantity * unitVanna;
      volga += quantity * unitVolga;
    }
    const o = b * GREEK_COUNT;
    totals[o] = price;
    totals[o + 1] = delta;
    totals[o + 2] = gamma;
    totals[o + 3] = vega;
    totals[o + 4] = theta;
    totals[o + 5] = rho;
    totals[o + 6] = vanna;
    totals[o + 7] = volga;
  }
}
