import { ConfigError } from "../../../src/core/errors.ts";

/** Throws a ConfigError naming `scenario.market.price.<field>` unless the value is finite and in [low, high], or above low where `open`. */
export function expectWithin(value: number, field: string, low: number, high: number, open = false): void {
  if (Number.isFinite(value) && value <= high && (open ? value > low : value >= low)) return;
  const least = open ? `above ${low}` : `of at least ${low}`;
  const range = low === Number.NEGATIVE_INFINITY ? "finite number" : `number ${least}`;
  throw new ConfigError("A parameter of the price model is out of range.", {
    which: `scenario.market.price.${field}`,
    value,
    fix: `Give a ${range}${Number.isFinite(high) ? ` and at most ${high}` : ""}.`,
  });
}

/** Volatilities beyond this are slips of the hand (30 for 30%), and overflow later. */
export const LARGEST_VOLATILITY = 20;

/** Checks the step and the drift, which all models have. */
export function expectStep(dtYears: number, drift: number): void {
  expectWithin(dtYears, "dtYears", 0, 1, true);
  expectWithin(drift, "drift", -100, 100);
}
