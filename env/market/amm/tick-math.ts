import { ContractError } from "../../../src/core/errors.ts";
import { MAX_UINT256, Q96 } from "./full-math.ts";

/** The ticks between which a price of 1.0001^tick fits 128 bits on either side of 1 (Uniswap v3 whitepaper: Adams and others, 2021, §6.1). */
export const MIN_TICK = -887_272;
export const MAX_TICK = 887_272;
/** Square roots of price at those ticks, Q64.96; a price is at least the first and below the second. */
export const MIN_SQRT_RATIO = 4_295_128_739n;
export const MAX_SQRT_RATIO = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n;

const BITS = 20;

/** 1.0001^(-2^i / 2) for each bit i of a tick, Q128.128, rounded to nearest. */
const ROOTS = powersOfRoot();

/** Repeated squaring of 1.0001^(-1/2) with 512 bits after the point: the last square is still right to far more than 128. */
function powersOfRoot(): bigint[] {
  const precision = 512n;
  const half = 1n << (precision - 129n);
  const roots: bigint[] = [];
  let x = integerRoot((10_000n << (2n * precision)) / 10_001n);
  for (let i = 0; i < BITS; i++) {
    roots.push((x + half) >> (precision - 128n));
    x = (x * x) >> precision;
  }
  return roots;
}

/** The square root rounded down (Newton's iteration from above). */
export function integerRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/**
 * The square root of the price at a tick, Q64.96: the product of the tick's powers of two in Q128.128, each product rounded down, inverted for positive
 * ticks, and rounded up at the end, as the pool's contract has it. Throws a ContractError outside of the ticks that exist.
 */
export function getSqrtRatioAtTick(tick: number): bigint {
  if (!(Number.isInteger(tick) && tick >= MIN_TICK && tick <= MAX_TICK))
    throw new ContractError("There is no such tick.", {
      which: "tick",
      value: tick,
      fix: `Use a whole number from ${MIN_TICK} to ${MAX_TICK}.`,
    });
  const size = Math.abs(tick);
  let ratio = 1n << 128n;
  for (let i = 0; i < BITS; i++) if ((size >> i) & 1) ratio = (ratio * ROOTS[i]!) >> 128n;
  if (tick > 0) ratio = MAX_UINT256 / ratio;
  return (ratio + 0xffff_ffffn) >> 32n;
}

/** Ticks in a unit of the log of the square root of price. */
const TICKS_PER_LOG = 2 / Math.log(1.0001);

/**
 * The greatest tick whose square root of price is not above the given one. The logarithm in float64 finds it to within one; exact roots decide.
 * Throws a ContractError unless MIN_SQRT_RATIO <= sqrtPriceX96 < MAX_SQRT_RATIO.
 */
export function getTickAtSqrtRatio(sqrtPriceX96: bigint): number {
  if (sqrtPriceX96 < MIN_SQRT_RATIO || sqrtPriceX96 >= MAX_SQRT_RATIO)
    throw new ContractError("A price is outside of what a pool may have.", {
      which: "sqrtPriceX96",
      value: String(sqrtPriceX96),
      fix: `Use at least ${MIN_SQRT_RATIO} and less than ${MAX_SQRT_RATIO}.`,
    });
  const estimate = Math.floor(Math.log(Number(sqrtPriceX96) / Number(Q96)) * TICKS_PER_LOG);
  let tick = Math.min(MAX_TICK - 1, Math.max(MIN_TICK, estimate));
  while (getSqrtRatioAtTick(tick) > sqrtPriceX96) tick--;
  while (getSqrtRatioAtTick(tick + 1) <= sqrtPriceX96) tick++;
  return tick;
}
