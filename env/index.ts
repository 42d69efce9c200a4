/** The public list of env/: named exports only (docs/design.md §2). */
export {
  lelandVolatility,
  nearestInBand,
  whalleyWilmottHalfWidth,
  zakamoulineHalfWidth,
  zakamoulineVolatility,
} from "./options/bands.ts";
export {
  blackScholes,
  delta as blackScholesDelta,
  GREEK,
  GREEK_COUNT,
  greeksInto,
  type OptionGreeks,
  type OptionTerms,
  price as blackScholesPrice,
} from "./options/black-scholes.ts";
export { bookGreeksInto, type OptionBook, type OptionLeg, optionBook } from "./options/book.ts";
export { DELTA_CONVENTIONS, type DeltaConvention, deltaUnder } from "./options/delta-convention.ts";
export {
  type ImpliedPath,
  impliedVolatility,
  impliedVolatilityOf,
  type PricedOption,
} from "./options/implied-volatility.ts";
