import { marketKernel } from "../kernel/kernel.ts";
import { GREEK_COUNT } from "./black-scholes.ts";

/** Values the options of a book two at a time; its numbers are the process's, and calls never overlap. */
export interface BookKernel {
  /** In: terms as in OptionRows, N or more. [MOST] */
  readonly strike: Float64Array;
  readonly secondsLeft: Float64Array;
  readonly volatility: Float64Array;
  readonly sign: Float64Array;
  readonly quantity: Float64Array;
  /** Out: log(spot / strike). [N] */
  readonly log: Float64Array;
  /** Out: price and Greeks of one unit of each option [N*GREEK_COUNT] and of the book [GREEK_COUNT]. */
  readonly greeks: Float64Array;
  readonly totals: Float64Array;
  /**
   * Returns 0, the results to be left alone, where an option is worth a forward or nothing, or its terms are no positive numbers. Every quantity is taken as it
   * is. An odd N needs one more option, of usable terms, behind the last.
   */
  run(options: number, spot: number, rate: number, dividendYield: number, secondsPerYear: number): number;
}

const MOST = 128;

/** The kernel for books of N options; undefined where it does not start, or N are too many. */
export function bookKernel(options: number): BookKernel | undefined {
  const kernel = marketKernel();
  if (kernel === undefined || options > MOST) return undefined;
  const numbers = (at: number, n = MOST) => new Float64Array(kernel.memory.buffer, at, n);
  return {
    strike: numbers(kernel.bookStrike()),
    secondsLeft: numbers(kernel.bookSeconds()),
    volatility: numbers(kernel.bookVolatility()),
    sign: numbers(kernel.bookSign()),
    quantity: numbers(kernel.bookQuantity()),
    log: numbers(kernel.bookLog(), options),
    greeks: numbers(kernel.bookGreeks(), options * GREEK_COUNT),
    totals: numbers(kernel.bookTotals(), GREEK_COUNT),
    run: kernel.optionBook,
  };
}
