import { ConfigError } from "../../src/core/errors.ts";
import { normalCdf, normalTail } from "../../src/core/normal.ts";

/**
 * The generalised Black-Scholes-Merton formula with a continuous dividend yield (Black & Scholes 1973, Merton 1973).
 * `price`, `delta` and `greeksInto` are the hot path: no checks, no allocation, every value finite for finite arguments, NaN in gives
 * NaN out. `blackScholes` is the checked door. Of a call and a put, the one that is out of the money forward is computed and the
 * other follows by parity: neither loses digits when deep in the money, and parity holds to the last bits.
 */

/** Position of each Greek in what `greeksInto` writes. */
export const GREEK = { price: 0, delta: 1, gamma: 2, vega: 3, theta: 4, rho: 5, vanna: 6, volga: 7 } as const;

/** Numbers that `greeksInto` writes. */
export const GREEK_COUNT = 8;

/** Beyond this many deviations both tails are 0 in float64, and the option is worth its discounted forward intrinsic value. */
const FAR = 40;
/** Total volatility below which the diffusive formula would divide by nothing. */
const STILL = 1e-100;
/** Density of the standard normal at 0. */
export const PDF_AT_ZERO = 0.3989422804014327;

/** Whether log moneyness x can still change sides: else the option is a forward or nothing. NaN can. */
export function spreads(x: number, deviation: number): boolean {
  return !(deviation < STILL || Math.abs(x) > (FAR + 0.5 * deviation) * deviation);
}

/** The step that a delta tends to: 1 in the money, 0 out of it, a half at the forward; NaN stays NaN. */
function heldStep(moneyness: number): number {
  return moneyness > 0 ? 1 : moneyness < 0 ? 0 : 0.5 + moneyness;
}

/**
 * Price of a European option, in the units of `spot`.
 * @param sign 1 for a call, -1 for a put
 * @param rate,dividendYield continuously compounded, fraction a year
 * @param volatility fraction a year (0.2 = 20%)
 * @param years time to expiry; 0 or less gives the intrinsic value
 */
export function price(
  sign: number,
  spot: number,
  strike: number,
  rate: number,
  dividendYield: number,
  volatility: number,
  years: number,
): number {
  const t = Math.max(years, 0);
  const deviation = volatility * Math.sqrt(t);
  const s = dividendYield === 0 ? spot : spot * Math.exp(-dividendYield * t);
  const k = rate === 0 ? strike : strike * Math.exp(-rate * t);
  const x = Math.log(s / k);
  if (!spreads(x, deviation)) return Math.max(sign * (s - k), 0);
  const d1 = x / deviation + 0.5 * deviation;
  const out = x > 0 ? -1 : 1;
  const otm = Math.max(out * (s * normalCdf(out * d1) - k * normalCdf(out * (d1 - deviation))), 0);
  return sign === out ? otm : otm + sign * (s - k);
}

/** dPrice/dSpot, arguments as for `price`. At expiry (or without volatility) a step, with half a unit exactly at the strike. */
export function delta(
  sign: number,
  spot: number,
  strike: number,
  rate: number,
  dividendYield: number,
  volatility: number,
  years: number,
): number {
  const t = Math.max(years, 0);
  const deviation = volatility * Math.sqrt(t);
  const carry = dividendYield === 0 ? 1 : Math.exp(-dividendYield * t);
  const k = rate === 0 ? strike : strike * Math.exp(-rate * t);
  const x = Math.log((spot * carry) / k);
  if (!spreads(x, deviation)) return heldStep(sign * x) * sign * carry;
  return sign * carry * normalCdf(sign * (x / deviation + 0.5 * deviation));
}

/**
 * Writes price and Greeks at out[offset .. offset+7], in the order of `GREEK`; arguments as for `price`.
 * delta a unit of spot; gamma a unit squared; vega, vanna (dDelta/dVolatility) and volga (dVega/dVolatility) for 1.00 of volatility;
 * theta a year of passing time (negative for a decaying long option); rho for 1.00 of rate.
 * Limits: at expiry all but price and delta are 0. Without volatility the option is a forward or nothing; exactly at the forward,
 * vega and vanna keep their finite limits and gamma, whose limit is infinite, is written as 0.
 */
export function greeksInto(
  out: Float64Array,
  offset: number,
  sign: number,
  spot: number,
  strike: number,
  rate: number,
  dividendYield: number,
  volatility: number,
  years: number,
): void {
  const t = Math.max(years, 0);
  const root = Math.sqrt(t);
  const deviation = volatility * root;
  const carry = dividendYield === 0 ? 1 : Math.exp(-dividendYield * t);
  const s = spot * carry;
  const k = rate === 0 ? strike : strike * Math.exp(-rate * t);
  const x = Math.log(s / k);

  if (!spreads(x, deviation)) {
    const held = heldStep(sign * x);
    const atForward = x === 0 ? PDF_AT_ZERO * root : 0;
    out[offset] = Math.max(sign * (s - k), 0);
    out[offset + 1] = held * sign * carry;
    out[offset + 2] = 0;
    out[offset + 3] = s * atForward;
    out[offset + 4] = t === 0 ? 0 : held * sign * (dividendYield * s - rate * k);
    out[offset + 5] = held * sign * k * t;
    out[offset + 6] = 0.5 * carry * atForward;
    out[offset + 7] = 0;
    return;
  }

  const d1 = x / deviation + 0.5 * deviation;
  const d2 = d1 - deviation;
  const side = x > 0 ? -1 : 1;
  // The density's exponential is also that of the first tail.
  const e = Math.exp(-0.5 * d1 * d1);
  const tail = normalTail(Math.abs(d1), e);
  let n1 = side * d1 > 0 ? 1 - tail : tail;
  let n2 = normalCdf(side * d2);
  let value = Math.max(side * (s * n1 - k * n2), 0);
  if (sign !== side) {
    value += sign * (s - k);
    n1 = 1 - n1;
    n2 = 1 - n2;
  }
  const density = carry * (PDF_AT_ZERO * e);
  const vega = spot * density * root;
  out[offset] = value;
  out[offset + 1] = sign * carry * n1;
  out[offset + 2] = density / (spot * deviation);
  out[offset + 3] = vega;
  out[offset + 4] = (-0.5 * volatility * spot * density) / root + sign * (dividendYield * s * n1 - rate * k * n2);
  out[offset + 5] = sign * k * t * n2;
  out[offset + 6] = (-density * d2) / volatility;
  out[offset + 7] = (vega * d1 * d2) / volatility;
}

/** What `blackScholes` takes. */
export interface OptionTerms {
  readonly type: "call" | "put";
  /** Price of the underlying, above 0. */
  readonly spot: number;
  /** Same unit as spot, above 0. */
  readonly strike: number;
  /** Continuously compounded, fraction a year. */
  readonly rate: number;
  readonly dividendYield: number;
  /** Fraction a year, 0 or more. */
  readonly volatility: number;
  /** Time to expiry, 0 or more. */
  readonly years: number;
}

/** Price and Greeks in the units of `greeksInto`. */
export type OptionGreeks = Record<keyof typeof GREEK, number>;

/** Returns 1 for "call" and -1 for "put". Throws a ConfigError for any other word. */
export function signOfType(type: string, which = "type"): 1 | -1 {
  if (type === "call") return 1;
  if (type === "put") return -1;
  throw new ConfigError("An option is a call or a put.", { which, value: type, fix: 'Write "call" or "put".' });
}

function refuse(short: string, which: string, value: unknown, fix: string): never {
  throw new ConfigError(short, { which, value, fix });
}

/** Throws a ConfigError unless every term is a usable number (`volatility` only where the terms hold one). */
export function checkTerms(terms: Omit<OptionTerms, "volatility"> & { volatility?: number }): void {
  for (const name of ["spot", "strike"] as const)
    if (!(terms[name] > 0 && terms[name] < Infinity))
      refuse(`An option needs a positive ${name}.`, name, terms[name], `Give ${name} as a finite number above 0.`);
  for (const name of ["rate", "dividendYield"] as const)
    if (!Number.isFinite(terms[name]))
      refuse(`"${name}" is not a number.`, name, terms[name], "Give a finite fraction a year, e.g. 0.05.");
  if (terms.years < 0)
    refuse("The option has expired.", "years", terms.years, "Settle it, or give the years left to expiry, 0 or more.");
  if (!(terms.years < Infinity))
    refuse(`"years" is not a number.`, "years", terms.years, "Give the years left, 0 or more.");
  if (!("volatility" in terms)) return;
  const { volatility } = terms;
  if (volatility !== undefined && volatility < 0)
    refuse("Volatility cannot be negative.", "volatility", volatility, "Give a fraction a year, e.g. 0.2 for 20%.");
  if (volatility === undefined || !(volatility < Infinity))
    refuse(`"volatility" is not a number.`, "volatility", volatility, "Give a fraction a year, e.g. 0.2 for 20%.");
}

/**
 * Returns price and Greeks of one European option, checked.
 * Throws a ConfigError for a spot or strike that is not positive, a negative volatility, an expired option, or anything not finite.
 * @example blackScholes({ type: "call", spot: 49, strike: 50, rate: 0.05, dividendYield: 0, volatility: 0.2, years: 20 / 52 }).price // 2.4005
 */
export function blackScholes(terms: OptionTerms): OptionGreeks {
  const sign = signOfType(terms.type);
  checkTerms(terms);
  const g = new Float64Array(GREEK_COUNT);
  greeksInto(g, 0, sign, terms.spot, terms.strike, terms.rate, terms.dividendYield, terms.volatility, terms.years);
  return Object.fromEntries(Object.entries(GREEK).map(([name, i]) => [name, g[i]!])) as OptionGreeks;
}
