import { ConfigError } from "../../src/core/errors.ts";
import { checkTerms, GREEK, GREEK_COUNT, greeksInto, type OptionGreeks, price, signOfType } from "./black-scholes.ts";

/**
 * Black (1976): a European option on a forward. It is the generalised Black-Scholes formula with the forward for the spot and both the rate
 * and the yield equal to the discount rate, so prices and Greeks are those of black-scholes.ts; rate 0 gives the undiscounted value that
 * coin-settled exchanges mark with. Source: F. Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976) 167.
 */

/**
 * Price in the units of `forward`. Not checked, allocates nothing.
 * @param sign 1 call, -1 put
 * @param rate discount rate, continuously compounded, fraction a year; 0 = not discounted
 * @param volatility fraction a year
 * @param years time to expiry; 0 or less gives the intrinsic value
 */
export function black76Price(
  sign: number,
  forward: number,
  strike: number,
  rate: number,
  volatility: number,
  years: number,
): number {
  return price(sign, forward, strike, rate, rate, volatility, years);
}

/**
 * Writes price and Greeks at out[offset .. offset+7] in the order and units of `GREEK`, arguments as for {@link black76Price}.
 * delta and gamma are with respect to the forward; theta holds the forward still; rho, at a forward held still, is -years times the price.
 */
export function black76Into(
  out: Float64Array,
  offset: number,
  sign: number,
  forward: number,
  strike: number,
  rate: number,
  volatility: number,
  years: number,
): void {
  greeksInto(out, offset, sign, forward, strike, rate, rate, volatility, years);
  out[offset + GREEK.rho] = -Math.max(years, 0) * out[offset]!;
}

/** What `black76` takes. */
export interface ForwardOptionTerms {
  readonly type: "call" | "put";
  /** Forward of the option's expiry, above 0. */
  readonly forward: number;
  /** Same unit as the forward, above 0. */
  readonly strike: number;
  /** Discount rate, continuously compounded, fraction a year; 0 where absent. */
  readonly rate?: number;
  /** Fraction a year, 0 or more. */
  readonly volatility: number;
  /** Time to expiry, 0 or more. */
  readonly years: number;
}

/**
 * Returns price and Greeks of one option on a forward, checked. Throws a ConfigError as `blackScholes` does.
 * @example black76({ type: "call", forward: 100, strike: 100, volatility: 0.2, years: 0.25 }).price // 3.9878
 */
export function black76(terms: ForwardOptionTerms): OptionGreeks {
  const sign = signOfType(terms.type);
  const { forward, strike, rate = 0, volatility, years } = terms;
  if (!(forward > 0 && forward < Infinity))
    throw new ConfigError("An option needs a positive forward.", {
      which: "forward",
      value: forward,
      fix: "Give the forward of the option's expiry as a finite number above 0.",
    });
  checkTerms({ type: terms.type, spot: forward, strike, rate, dividendYield: rate, volatility, years });
  const g = new Float64Array(GREEK_COUNT);
  black76Into(g, 0, sign, forward, strike, rate, volatility, years);
  return Object.fromEntries(Object.entries(GREEK).map(([name, i]) => [name, g[i]!])) as OptionGreeks;
}
