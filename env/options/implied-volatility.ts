import { ConfigError } from "../../src/core/errors.ts";
import { inverseNormalCdf } from "../../src/core/normal.ts";
import { checkTerms, type OptionTerms, signOfType } from "./black-scholes.ts";
import { logNormalisedBlack, logNormalisedRemainder, logNormalisedVega } from "./normalised-black.ts";

const SQRT_2PI = 2.5066282746310002;
/** A time value below this many roundings of the underlying is noise of the quote's last digit. */
const ROUNDINGS = 4;
const MAX_STEPS = 100;
const SETTLED = 1e-7;

/**
 * Returns s with ln b(x, s) = logValue (lower branch) or ln(e^(x/2) - b(x, s)) = logRemainder (upper branch), for x <= 0.
 * Halley steps on the logarithm, kept inside a bracket that halves whenever a step leaves it.
 */
function solveTotalVolatility(x: number, logValue: number, logRemainder: number): number {
  const turn = Math.sqrt(-2 * x);
  const upper = logRemainder < logValue;
  const target = upper ? logRemainder : logValue;
  let s = firstGuess(x, turn, logValue, logRemainder, upper);
  let low = 0;
  let high = Infinity;
  for (let step = 0; step < MAX_STEPS; step++) {
    const log = upper ? logNormalisedRemainder(x, s) : logNormalisedBlack(x, s);
    const gap = log - target;
    if (gap === 0) return s;
    if (gap > 0 === upper) low = s;
    else high = s;
    const slope = (upper ? -1 : 1) * Math.exp(logNormalisedVega(x, s) - log);
    const newton = -gap / slope;
    const bend = (x / s) * (x / s) * (1 / s) - 0.25 * s - slope;
    const damping = 1 + 0.5 * newton * bend;
    let next = s + newton / (damping > 0.5 ? damping : 0.5);
    if (!(next > low && next < high)) {
      next = high === Infinity ? 2 * s : low === 0 ? 0.5 * s : Math.sqrt(low * high);
      if (next === low || next === high) return next;
    } else if (Math.abs(next - s) <= SETTLED * s) return next; // Halley converges cubically: what is left is below rounding
    s = next;
  }
  return s;
}

/** The leading behaviour of b near 0, at its inflection (where db/ds is largest, s = sqrt(2|x|)), and near its upper bound. */
function firstGuess(x: number, turn: number, logValue: number, logRemainder: number, upper: boolean): number {
  if (upper) return Math.max(turn, -2 * inverseNormalCdf(Math.max(0.5 * Math.exp(logRemainder - 0.5 * x), 1e-300)));
  const logAtTurn = turn > 0 ? logNormalisedBlack(x, turn) : -Infinity;
  if (logValue >= logAtTurn) return turn + (Math.exp(logValue) - Math.exp(logAtTurn)) * SQRT_2PI * Math.exp(-0.5 * x);
  let s = turn;
  for (let pass = 0; pass < 3; pass++) {
    const h = x / s;
    const rest = logValue + 0.125 * s * s - Math.log(s / (SQRT_2PI * (1 + h * h)));
    s = rest < 0 ? Math.min(-x / Math.sqrt(-2 * rest), turn) : turn;
  }
  return s;
}

/** How a price was read. "intrinsic": its time value is nothing but rounding, and the volatility is 0 for all that it tells. */
export type ImpliedPath = "intrinsic" | "solved";

/**
 * Returns the Black-Scholes volatility (fraction a year) of a price, arguments as for `price` in black-scholes.ts, without checks.
 * 0 for a price equal to the discounted intrinsic value (or within 4 roundings of it, where the option is in the money); NaN for a
 * price outside the no-arbitrage bounds, or at expiry. Never throws: for feeds and surfaces.
 * Method: the out-of-the-money counterpart by parity, normalised, is solved in its logarithm (in that of the distance to the upper
 * bound when nearer to it), after P. Jaeckel, "Let's be rational", Wilmott (2015); relative error about 1e-14 where the price determines it.
 */
export function impliedVolatilityOf(
  sign: number,
  price: number,
  spot: number,
  strike: number,
  rate: number,
  dividendYield: number,
  years: number,
): number {
  const s = spot * Math.exp(-dividendYield * years);
  const k = strike * Math.exp(-rate * years);
  const intrinsic = Math.max(sign * (s - k), 0);
  const bound = sign > 0 ? s : k;
  const timeValue = price - intrinsic;
  const noise = intrinsic > 0 ? ROUNDINGS * Number.EPSILON * Math.max(s, k) : 0;
  if (!(years > 0 && timeValue >= -noise && price < bound)) return Number.NaN;
  if (timeValue <= noise) return 0;
  const scale = Math.sqrt(s) * Math.sqrt(k);
  const x = -Math.abs(Math.log(s / k));
  const total = solveTotalVolatility(x, Math.log(timeValue / scale), Math.log((bound - price) / scale));
  return total / Math.sqrt(years);
}

/** What `impliedVolatility` takes: the terms of the option, and its price in place of its volatility. */
export type PricedOption = Omit<OptionTerms, "volatility"> & { readonly price: number };

/**
 * Returns the implied volatility of a checked price and how it was read.
 * `uncertainty` is the relative change of the volatility that one rounding of the price would make: near 1 the price does not determine it.
 * Throws a ConfigError for terms that `blackScholes` refuses, an option at expiry, and a price outside the no-arbitrage bounds.
 * @example impliedVolatility({ type: "call", price: 2.4005273, spot: 49, strike: 50, rate: 0.05, dividendYield: 0, years: 20 / 52 }).volatility // 0.2
 */
export function impliedVolatility(option: PricedOption): {
  volatility: number;
  path: ImpliedPath;
  uncertainty: number;
} {
  const sign = signOfType(option.type);
  const { price, spot, strike, rate, dividendYield, years } = option;
  checkTerms({ type: option.type, spot, strike, rate, dividendYield, years });
  if (years === 0)
    throw new ConfigError("An option at expiry has no implied volatility.", {
      which: "years",
      value: years,
      fix: "Give the years left to expiry, above 0.",
    });
  const s = spot * Math.exp(-dividendYield * years);
  const k = strike * Math.exp(-rate * years);
  const volatility = impliedVolatilityOf(sign, price, spot, strike, rate, dividendYield, years);
  if (Number.isNaN(volatility)) {
    const floor = Math.max(sign * (s - k), 0);
    const bound = sign > 0 ? s : k;
    const short = Number.isNaN(price)
      ? "The price is not a number."
      : price < bound
        ? "The price is below the discounted intrinsic value."
        : `The price reaches the ${sign > 0 ? "discounted spot" : "discounted strike"}: no volatility is large enough.`;
    throw new ConfigError(short, {
      which: "price",
      value: price,
      fix: `Give a price from ${floor} up to, but not reaching, ${bound}; check spot, rate and the option's type.`,
    });
  }
  if (volatility === 0) return { volatility, path: "intrinsic", uncertainty: 1 };
  const total = volatility * Math.sqrt(years);
  const vega = Math.sqrt(s) * Math.sqrt(k) * Math.exp(logNormalisedVega(-Math.abs(Math.log(s / k)), total));
  return { volatility, path: "solved", uncertainty: Math.min(1, (Number.EPSILON * price) / (vega * total)) };
}
