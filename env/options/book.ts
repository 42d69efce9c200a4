import { ConfigError, ContractError, expectLength } from "../../src/core/errors.ts";
import { GREEK_COUNT, greeksInto, signOfType } from "./black-scholes.ts";

/** European options on one underlying, struct of arrays over L legs. */
export interface OptionBook {
  readonly legs: number;
  /** 1 call, -1 put. [L] */
  readonly sign: Float64Array;
  /** In the units of spot. [L] */
  readonly strike: Float64Array;
  /** Event time of expiry, seconds since the start of the session. [L] */
  readonly expirySeconds: Float64Array;
  /** Contracts of one unit of underlying, negative = short. [L] */
  readonly quantity: Float64Array;
}

/** One leg as configs write it. */
export interface OptionLeg {
  readonly type: "call" | "put";
  readonly strike: number;
  readonly expirySeconds: number;
  readonly quantity: number;
}

/**
 * Returns a book of the legs given; an empty one is allowed.
 * Throws a ConfigError naming leg and field for an unknown type, a strike that is not above 0, or anything not finite; with
 * `nowSeconds`, also for a leg that has expired before.
 */
export function optionBook(legs: readonly OptionLeg[], nowSeconds = -Infinity): OptionBook {
  const column = (value: (leg: OptionLeg, i: number) => number) => Float64Array.from(legs, value);
  const finite = (i: number, name: "expirySeconds" | "quantity", value: number) => {
    if (Number.isFinite(value)) return value;
    throw new ConfigError(`A leg's ${name} is not a number.`, {
      which: `book.legs[${i}].${name}`,
      value,
      fix: "Give a finite number.",
    });
  };
  return {
    legs: legs.length,
    sign: column((leg, i) => signOfType(leg.type, `book.legs[${i}].type`)),
    strike: column(({ strike }, i) => {
      if (strike > 0 && strike < Infinity) return strike;
      throw new ConfigError("An option needs a positive strike.", {
        which: `book.legs[${i}].strike`,
        value: strike,
        fix: "Give strike as a finite number above 0.",
      });
    }),
    expirySeconds: column(({ expirySeconds }, i) => {
      if (expirySeconds < nowSeconds)
        throw new ConfigError("The option has expired.", {
          which: `book.legs[${i}].expirySeconds`,
          value: expirySeconds,
          fix: `Remove the leg, or give an expiry at ${nowSeconds} or later.`,
        });
      return finite(i, "expirySeconds", expirySeconds);
    }),
    quantity: column((leg, i) => finite(i, "quantity", leg.quantity)),
  };
}

/** One leg's Greeks, reused: nothing here is re-entrant or allocates. */
const legGreeks = new Float64Array(GREEK_COUNT);

/**
 * Writes the net price and Greeks of a book at out[0..7], in the order and units of `greeksInto`, quantities multiplied in.
 * `volatility` [L] is one a leg, fraction a year; rates are fractions of a year of `secondsPerYear` seconds.
 * A leg at its expiry counts with its intrinsic value; past it, it has been settled and counts nothing.
 * Throws a ContractError when out or volatility has the wrong length.
 */
export function bookGreeksInto(
  out: Float64Array,
  book: OptionBook,
  spot: number,
  volatility: Float64Array,
  nowSeconds: number,
  secondsPerYear: number,
  rate: number,
  dividendYield: number,
): void {
  if (out.length < GREEK_COUNT)
    throw new ContractError(`"out" is too short.`, {
      which: "out",
      value: out.length,
      fix: `Pass an array of ${GREEK_COUNT} numbers or more.`,
    });
  expectLength(volatility, book.legs, "volatility");
  out.fill(0, 0, GREEK_COUNT);
  for (let leg = 0; leg < book.legs; leg++) {
    const quantity = book.quantity[leg]!;
    const left = book.expirySeconds[leg]! - nowSeconds;
    if (quantity === 0 || left < 0) continue;
    const years = left / secondsPerYear;
    greeksInto(legGreeks, 0, book.sign[leg]!, spot, book.strike[leg]!, rate, dividendYield, volatility[leg]!, years);
    for (let g = 0; g < GREEK_COUNT; g++) out[g]! += quantity * legGreeks[g]!;
  }
}
