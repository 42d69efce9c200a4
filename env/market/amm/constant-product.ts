import { ContractError } from "../../../src/core/errors.ts";
import { mulDiv } from "./full-math.ts";

/** Uniswap v2 takes 3 in 1,000 of what comes in and keeps the product of the reserves from falling (Adams, Zinsmeister, Robinson, 2020, §2.1). */
const KEPT = 997n;
const WHOLE = 1000n;

/**
 * What a constant-product pool pays for `amountIn`, in whole units of the token, rounded down. `reserveIn`, `reserveOut`: what it holds.
 * Throws a ContractError unless all are positive.
 */
export function getAmountOut(amountIn: bigint, reserveIn: bigint, reserveOut: bigint): bigint {
  positive({ amountIn, reserveIn, reserveOut });
  const paid = amountIn * KEPT;
  return mulDiv(paid, reserveOut, reserveIn * WHOLE + paid);
}

/**
 * The least that a constant-product pool takes for `amountOut`, as its router counts: the exact quotient rounded down, plus 1 (so one unit more than
 * needed where it divides). Throws a ContractError unless all are positive and the pool holds more than is asked.
 */
export function getAmountIn(amountOut: bigint, reserveIn: bigint, reserveOut: bigint): bigint {
  positive({ amountOut, reserveIn, reserveOut });
  if (amountOut >= reserveOut)
    throw new ContractError("The pool does not hold what is asked.", {
      which: "amountOut",
      value: String(amountOut),
      fix: `Ask for less than ${reserveOut}.`,
    });
  return mulDiv(reserveIn * WHOLE, amountOut, (reserveOut - amountOut) * KEPT) + 1n;
}

function positive(amounts: Readonly<Record<string, bigint>>): void {
  for (const [which, value] of Object.entries(amounts))
    if (value <= 0n)
      throw new ContractError("An amount of a pool is not positive.", {
        which,
        value: String(value),
        fix: "Use a whole number of at least 1.",
      });
}
