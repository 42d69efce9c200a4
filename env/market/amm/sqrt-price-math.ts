import { ContractError } from "../../../src/core/errors.ts";
import { divRoundingUp, fits, MAX_UINT160, MAX_UINT256, mulDiv, mulDivRoundingUp, Q96 } from "./full-math.ts";

/**
 * Amounts and prices of one range of constant liquidity L (Uniswap v3 whitepaper, §6.2): token 0 changes by L · Δ(1/√P), token 1 by L · Δ√P, √P in Q64.96.
 * All roundings are against the trader.
 */

/** Token 0 between two prices. */
export function amount0Delta(priceA: bigint, priceB: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const [low, high] = priceA < priceB ? [priceA, priceB] : [priceB, priceA];
  const scaled = liquidity * Q96;
  if (roundUp) return divRoundingUp(mulDivRoundingUp(scaled, high - low, high), low);
  return mulDiv(mulDiv(scaled, high - low, high), 1n, low);
}

/** Token 1 between two prices. */
export function amount1Delta(priceA: bigint, priceB: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const distance = priceA < priceB ? priceB - priceA : priceA - priceB;
  return roundUp ? mulDivRoundingUp(liquidity, distance, Q96) : mulDiv(liquidity, distance, Q96);
}

/** The price after `amount` comes in: token 0 lowers it, token 1 raises it. It never passes the exact one. */
export function priceAfterInput(price: bigint, liquidity: bigint, amount: bigint, zeroForOne: boolean): bigint {
  return zeroForOne
    ? priceFromAmount0(price, liquidity, amount, true)
    : priceFromAmount1(price, liquidity, amount, true);
}

/** The price after `amount` went out: token 1 lowers it, token 0 raises it. It never stays short of the exact one. */
export function priceAfterOutput(price: bigint, liquidity: bigint, amount: bigint, zeroForOne: boolean): bigint {
  return zeroForOne
    ? priceFromAmount1(price, liquidity, amount, false)
    : priceFromAmount0(price, liquidity, amount, false);
}

/** √P' = L √P / (L ± amount √P), rounded up. Where the contract's 256 bits are too few, it uses L / (L / √P + amount). */
function priceFromAmount0(price: bigint, liquidity: bigint, amount: bigint, add: boolean): bigint {
  if (amount === 0n) return price;
  const scaled = liquidity * Q96;
  const product = amount * price;
  if (add) {
    if (product + scaled <= MAX_UINT256) return mulDivRoundingUp(scaled, price, scaled + product);
    return divRoundingUp(scaled, scaled / price + amount);
  }
  if (product > MAX_UINT256 || product >= scaled) throw notInRange(amount);
  return fits(mulDivRoundingUp(scaled, price, scaled - product), MAX_UINT160, "sqrtPriceX96");
}

/** √P' = √P ± amount / L, rounded down. */
function priceFromAmount1(price: bigint, liquidity: bigint, amount: bigint, add: boolean): bigint {
  if (add) return fits(price + mulDiv(amount, Q96, liquidity), MAX_UINT160, "sqrtPriceX96");
  const fall = mulDivRoundingUp(amount, Q96, liquidity);
  if (fall >= price) throw notInRange(amount);
  return price - fall;
}

function notInRange(amount: bigint): ContractError {
  return new ContractError("The range does not hold what is asked.", {
    which: "amount",
    value: String(amount),
    fix: "Ask for less, or give a price limit.",
  });
}
