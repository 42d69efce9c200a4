import { mulDiv, mulDivRoundingUp } from "./full-math.ts";
import { amount0Delta, amount1Delta, priceAfterInput, priceAfterOutput } from "./sqrt-price-math.ts";

/** What one step of a swap did, in whole units of the tokens. */
export interface SwapStep {
  /** Square root of price after it, Q64.96. */
  readonly sqrtPriceX96: bigint;
  /** What came in, without the fee. */
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly feeAmount: bigint;
}

const MILLION = 1_000_000n;

/**
 * A swap inside one range of constant liquidity, from `price` at most to `target` (Uniswap v3 whitepaper, §6.3). `remaining`: positive = what may still come in,
 * fee included; negative = what must still go out. `feePips`: fee in millionths of what comes in.
 */
export function computeSwapStep(
  price: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePips: number,
): SwapStep {
  const zeroForOne = price >= target;
  const fee = BigInt(feePips);
  return remaining >= 0n
    ? exactIn(price, target, liquidity, remaining, fee, zeroForOne)
    : exactOut(price, target, liquidity, -remaining, fee, zeroForOne);
}

/** What comes in rounds up, what goes out rounds down. */
function amountsIn(from: bigint, to: bigint, liquidity: bigint, zeroForOne: boolean): bigint {
  return zeroForOne ? amount0Delta(to, from, liquidity, true) : amount1Delta(from, to, liquidity, true);
}

function amountsOut(from: bigint, to: bigint, liquidity: bigint, zeroForOne: boolean): bigint {
  return zeroForOne ? amount1Delta(to, from, liquidity, false) : amount0Delta(from, to, liquidity, false);
}

function exactIn(
  price: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  fee: bigint,
  zeroForOne: boolean,
): SwapStep {
  const available = mulDiv(remaining, MILLION - fee, MILLION);
  const toTarget = amountsIn(price, target, liquidity, zeroForOne);
  if (available >= toTarget) {
    const amountOut = amountsOut(price, target, liquidity, zeroForOne);
    const feeAmount = mulDivRoundingUp(toTarget, fee, MILLION - fee);
    return { sqrtPriceX96: target, amountIn: toTarget, amountOut, feeAmount };
  }
  const reached = priceAfterInput(price, liquidity, available, zeroForOne);
  const amountIn = amountsIn(price, reached, liquidity, zeroForOne);
  const amountOut = amountsOut(price, reached, liquidity, zeroForOne);
  // All that was left is spent, unless rounding has carried the price to the target: what the range does not take is fee.
  const feeAmount = reached === target ? mulDivRoundingUp(amountIn, fee, MILLION - fee) : remaining - amountIn;
  return { sqrtPriceX96: reached, amountIn, amountOut, feeAmount };
}

function exactOut(
  price: bigint,
  target: bigint,
  liquidity: bigint,
  wanted: bigint,
  fee: bigint,
  zeroForOne: boolean,
): SwapStep {
  const toTarget = amountsOut(price, target, liquidity, zeroForOne);
  const reached = wanted >= toTarget ? target : priceAfterOutput(price, liquidity, wanted, zeroForOne);
  const amountIn = amountsIn(price, reached, liquidity, zeroForOne);
  const paid = amountsOut(price, reached, liquidity, zeroForOne);
  const feeAmount = mulDivRoundingUp(amountIn, fee, MILLION - fee);
  // Rounding of the price never gives more than was asked.
  return { sqrtPriceX96: reached, amountIn, amountOut: paid < wanted ? paid : wanted, feeAmount };
}
