import { ContractError } from "../../../src/core/errors.ts";

/** Whole-number arithmetic as the contracts have it: exact products, results of at most 256 bits. */
export const MAX_UINT256 = 2n ** 256n - 1n;
export const MAX_UINT160 = 2n ** 160n - 1n;
export const Q96 = 2n ** 96n;
export const Q128 = 2n ** 128n;

/** a · b / c rounded down; the product has no limit. Throws a ContractError where c is not positive or the result does not fit 256 bits. */
export function mulDiv(a: bigint, b: bigint, c: bigint): bigint {
  if (c <= 0n)
    throw new ContractError("A quotient's divisor is not positive.", {
      which: "divisor",
      value: String(c),
      fix: "Use a positive price and positive liquidity.",
    });
  return fits((a * b) / c, MAX_UINT256, "quotient");
}

/** a · b / c rounded up. Throws like {@link mulDiv}. */
export function mulDivRoundingUp(a: bigint, b: bigint, c: bigint): bigint {
  const down = mulDiv(a, b, c);
  return down * c === a * b ? down : fits(down + 1n, MAX_UINT256, "quotient");
}

/** a / b rounded up, for a of at least 0. */
export function divRoundingUp(a: bigint, b: bigint): bigint {
  return mulDivRoundingUp(a, 1n, b);
}

/** Returns the value, or throws a ContractError where a contract's variable of that size would overflow. */
export function fits(value: bigint, maximum: bigint, which: string): bigint {
  if (value < 0n || value > maximum)
    throw new ContractError("A number does not fit its variable in the contract: the transaction would revert.", {
      which,
      value: String(value),
      fix: "Use a smaller amount.",
    });
  return value;
}
