import { GREEK_COUNT, greeksInto, PDF_AT_ZERO, spreads } from "./black-scholes.ts";
import { type BookKernel, bookKernel } from "./book-kernel.ts";
import { type NormalTails, normalTails, plainNormalTails } from "./normal-tails.ts";

/** Not valued; a forward or nothing, valued by itself; as an earlier option of the same terms; by tails, the out-of-the-money side a call or a put. */
const NONE = 0;
const STILL = 1;
const TWIN = 2;
const OWN = 3;
const OWN_PUT = 4;

/** Books of fewer options are valued sooner by what they have in common. */
const KERNEL_FROM = 4;

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
  readonly #tails: NormalTails;
  readonly #kernel: BookKernel | undefined;
  /** How each option of the book in hand is valued: see NONE and what follows it. [N] */
  readonly #kind: Uint8Array;
  /** Where its two tails are. [N] */
  readonly #at: Int32Array;
  /** Years left and their root, e^-(yield t), spot and strike discounted to now, d1, its total volatility, and the decay of either side. [N] */
  readonly #t: Float64Array;
  readonly #root: Float64Array;
  readonly #carry: Float64Array;
  readonly #s: Float64Array;
  readonly #k: Float64Array;
  readonly #d1: Float64Array;
  readonly #deviation: Float64Array;
  readonly #decay: Float64Array;

  /** `tails`: of at least 2 N numbers. `kernel`: for books of N options. */
  constructor(
    options: number,
    rate: number,
    dividendYield: number,
    secondsPerYear: number,
    alike?: Likeness,
    tails: NormalTails = normalTails(),
    kernel: BookKernel | undefined = options < KERNEL_FROM ? undefined : bookKernel(options),
  ) {
    const n = () => new Float64Array(options);
    this.options = options;
    this.#rate = rate;
    this.#dividendYield = dividendYield;
    this.#secondsPerYear = secondsPerYear;
    this.#likeTerms = Int32Array.from({ length: options }, (_, i) => alike?.terms[i] ?? -1);
    this.#likeStrike = Int32Array.from({ length: options }, (_, i) => alike?.strike[i] ?? -1);
    this.#tails = tails.most >= 2 * options ? tails : plainNormalTails(2 * options);
    this.#kernel = kernel;
    this.#kind = new Uint8Array(options);
    this.#at = new Int32Array(options);
    this.#t = n();
    this.#root = n();
    this.#carry = n();
    this.#s = n();
    this.#k = n();
    this.#d1 = n();
    this.#deviation = n();
    this.#decay = n();
  }

  /** Values book b of many: its options are `rows` from b*N on. */
  value(rows: OptionRows, b: number, spot: number, to: BookValues): void {
    if (this.#kernel !== undefined && this.#byKernel(this.#kernel, rows, b, spot, to)) return;
    const tails = this.#place(rows, b, spot, to);
    if (tails > 0) this.#tails.run(tails);
    this.#finish(rows, b, spot, to);
  }

  /** Values a book of none but usual options; false where it is not one. */
  #byKernel(kernel: BookKernel, rows: OptionRows, b: number, spot: number, to: BookValues): boolean {
    const n = this.options;
    const first = b * n;
    const { strike, secondsLeft, volatility, sign, quantity } = kernel;
    for (let l = 0, i = first; l < n; l++, i++) {
      const held = rows.quantity[i]!;
      if (held === 0) return false;
      quantity[l] = held;
      strike[l] = rows.strike[i]!;
      secondsLeft[l] = rows.secondsLeft[i]!;
      volatility[l] = rows.volatility[i]!;
      sign[l] = rows.sign[i]!;
    }
    if ((n & 1) === 1) {
      strike[n] = strike[n - 1]!;
      secondsLeft[n] = secondsLeft[n - 1]!;
      volatility[n] = volatility[n - 1]!;
    }
    if (kernel.run(n, spot, this.#rate, this.#dividendYield, this.#secondsPerYear) === 0) return false;
    to.greeks.set(kernel.greeks, first * GREEK_COUNT);
    to.logMoneyness.set(kernel.log, first);
    to.totals.set(kernel.totals, b * GREEK_COUNT);
    return true;
  }

  /** Notes how each option is valued and asks for the tails that are needed; returns their number. */
  #place(rows: OptionRows, b: number, spot: number, to: BookValues): number {
    const { strike: strikes, secondsLeft, volatility: volatilities, quantity: quantities } = rows;
    const { logMoneyness: logs } = to;
    const first = b * this.options;
    const kinds = this.#kind;
    const places = this.#at;
    const rate = this.#rate;
    const dividendYield = this.#dividendYield;
    const plain = rate === 0 && dividendYield === 0;
    const { a } = this.#tails;
    let asked = 0;
    // The time left and what discounts it: most books have few expiries.
    let seconds = Number.NaN;
    let t = 0;
    let root = 0;
    let carry = 1;
    let s = spot;
    let discount = 1;
    for (let l = 0, n = this.options; l < n; l++) {
      const i = first + l;
      const strike = strikes[i]!;
      const same = this.#likeStrike[l]!;
      const log = same >= 0 && strikes[first + same] === strike ? logs[first + same]! : Math.log(spot / strike);
      logs[i] = log;
      if (quantities[i] === 0) {
        kinds[l] = NONE;
        continue;
      }
      if (secondsLeft[i] !== seconds) {
        seconds = secondsLeft[i]!;
        t = Math.max(seconds / this.#secondsPerYear, 0);
        root = Math.sqrt(t);
        if (!plain) {
          carry = dividendYield === 0 ? 1 : Math.exp(-dividendYield * t);
          s = spot * carry;
          discount = rate === 0 ? 1 : Math.exp(-rate * t);
        }
      }
      const k = strike * discount;
      const volatility = volatilities[i]!;
      const twin = this.#likeTerms[l]!;
      const j = first + twin;
      this.#t[l] = t;
      this.#carry[l] = carry;
      this.#s[l] = s;
      this.#k[l] = k;
      if (
        twin >= 0 &&
        kinds[twin]! >= TWIN &&
        strikes[j] === strike &&
        secondsLeft[j] === seconds &&
        volatilities[j] === volatility
      ) {
        kinds[l] = TWIN;
        places[l] = places[twin]!;
        this.#d1[l] = this.#d1[twin]!;
        this.#deviation[l] = this.#deviation[twin]!;
        continue;
      }
      const deviation = volatility * root;
      const x = plain ? log : Math.log(s / k);
      if (!spreads(x, deviation)) {
        kinds[l] = STILL;
        continue;
      }
      const d1 = x / deviation + 0.5 * deviation;
      kinds[l] = x > 0 ? OWN_PUT : OWN;
      places[l] = asked;
      this.#root[l] = root;
      this.#d1[l] = d1;
      this.#deviation[l] = deviation;
      a[asked] = Math.abs(d1);
      a[asked + 1] = Math.abs(d1 - deviation);
      asked += 2;
    }
    return asked;
  }

  /** Writes values and totals. */
  #finish(rows: OptionRows, b: number, spot: number, to: BookValues): void {
    const { sign: signs, volatility: volatilities, quantity: quantities } = rows;
    const { greeks: out, totals } = to;
    const first = b * this.options;
    const rate = this.#rate;
    const dividendYield = this.#dividendYield;
    const { e, p } = this.#tails;
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
      const o = i * GREEK_COUNT;
      let kind = this.#kind[l]!;
      if (kind === NONE) {
        for (let g = 0; g < GREEK_COUNT; g++) out[o + g] = 0;
        continue;
      }
      const quantity = quantities[i]!;
      const sign = signs[i]!;
      const volatility = volatilities[i]!;
      const t = this.#t[l]!;
      if (kind === STILL) {
        greeksInto(out, o, sign, spot, rows.strike[i]!, rate, dividendYield, volatility, t);
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
      const s = this.#s[l]!;
      const k = this.#k[l]!;
      const carry = this.#carry[l]!;
      const d1 = this.#d1[l]!;
      const deviation = this.#deviation[l]!;
      const d2 = d1 - deviation;
      const at = this.#at[l]!;
      let decay: number;
      let unitGamma: number;
      let unitVega: number;
      let unitVanna: number;
      let unitVolga: number;
      if (kind === TWIN) {
        const twin = this.#likeTerms[l]!;
        const from = (first + twin) * GREEK_COUNT;
        kind = this.#kind[twin]!;
        // A twin of a twin has the parts of the first.
        this.#kind[l] = kind;
        decay = this.#decay[twin]!;
        unitGamma = out[from + 2]!;
        unitVega = out[from + 3]!;
        unitVanna = out[from + 6]!;
        unitVolga = out[from + 7]!;
      } else {
        const root = this.#root[l]!;
        const density = carry * (PDF_AT_ZERO * e[at]!);
        unitVega = spot * density * root;
        decay = (-0.5 * volatility * spot * density) / root;
        unitGamma = density / (spot * deviation);
        unitVanna = (-density * d2) / volatility;
        unitVolga = (unitVega * d1 * d2) / volatility;
      }
      this.#decay[l] = decay;
      // The side that is out of the money, and the other by parity.
      const side = kind === OWN_PUT ? -1 : 1;
      let n1 = side * d1 > 0 ? 1 - p[at]! : p[at]!;
      let n2 = side * d2 > 0 ? 1 - p[at + 1]! : p[at + 1]!;
      let value = Math.max(side * (s * n1 - k * n2), 0);
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
