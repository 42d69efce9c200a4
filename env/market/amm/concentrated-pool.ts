import { ContractError } from "../../../src/core/errors.ts";
import { fits, MAX_UINT256, Q128 } from "./full-math.ts";
import { amount0Delta, amount1Delta } from "./sqrt-price-math.ts";
import { computeSwapStep } from "./swap-step.ts";
import { TickMap } from "./tick-map.ts";
import {
  getSqrtRatioAtTick,
  getTickAtSqrtRatio,
  MAX_SQRT_RATIO,
  MAX_TICK,
  MIN_SQRT_RATIO,
  MIN_TICK,
} from "./tick-math.ts";

/** A pool of concentrated liquidity. */
export interface ConcentratedPoolOptions {
  /** Fee in millionths of what comes in. */
  readonly feePips: number;
  /** Positions begin and end at multiples of this. */
  readonly tickSpacing: number;
  /** Square root of the starting price (token 1 for a token 0), Q64.96. */
  readonly sqrtPriceX96: bigint;
}

/** What the pool receives (positive) and pays (negative), in whole units. */
export interface Amounts {
  readonly amount0: bigint;
  readonly amount1: bigint;
}

const MAX_UINT128 = 2n ** 128n - 1n;

/**
 * A Uniswap v3 pool (Adams and others, 2021), exact to the last unit: prices, liquidity, fees for liquidity as the contract counts them. Positions have no
 * owners here, and there is no protocol fee, no price oracle and no flash loan. An operation that throws changes nothing.
 */
export class ConcentratedPool {
  readonly feePips: number;
  readonly tickSpacing: number;
  /** Most liquidity that may begin or end at one tick: what keeps the pool's sum within 128 bits. */
  readonly maxLiquidityPerTick: bigint;
  readonly #ticks: TickMap;
  #sqrtPriceX96: bigint;
  #tick: number;
  #liquidity = 0n;
  #feeGrowth0X128 = 0n;
  #feeGrowth1X128 = 0n;

  constructor({ feePips, tickSpacing, sqrtPriceX96 }: ConcentratedPoolOptions) {
    if (!(Number.isInteger(feePips) && feePips >= 0 && feePips < 1_000_000))
      throw wrong("A pool's fee is out of range.", "feePips", feePips, "Use millionths, from 0 to 999,999.");
    if (!(Number.isInteger(tickSpacing) && tickSpacing > 0 && tickSpacing < 16_384))
      throw wrong("A pool's tick spacing is out of range.", "tickSpacing", tickSpacing, "Use 1 to 16,383.");
    this.feePips = feePips;
    this.tickSpacing = tickSpacing;
    this.maxLiquidityPerTick = MAX_UINT128 / BigInt(2 * Math.floor(MAX_TICK / tickSpacing) + 1);
    this.#ticks = new TickMap(tickSpacing);
    this.#tick = getTickAtSqrtRatio(sqrtPriceX96);
    this.#sqrtPriceX96 = sqrtPriceX96;
  }

  /** Square root of the price, Q64.96. */
  get sqrtPriceX96(): bigint {
    return this.#sqrtPriceX96;
  }

  get tick(): number {
    return this.#tick;
  }

  /** Liquidity at the price. */
  get liquidity(): bigint {
    return this.#liquidity;
  }

  /** Fees of each token for a unit of liquidity since the start, Q128.128 (they wrap at 256 bits, as the contract's do). */
  get feeGrowthX128(): Amounts {
    return { amount0: this.#feeGrowth0X128, amount1: this.#feeGrowth1X128 };
  }

  /** Adds liquidity between two ticks, or with a negative number takes it away. Returns the tokens, rounded in the pool's favour. */
  changeLiquidity(lower: number, upper: number, liquidity: bigint): Amounts {
    this.#checkRange(lower, upper);
    for (const tick of [lower, upper]) {
      const gross = this.#ticks.gross(tick) + liquidity;
      if (gross < 0n || gross > this.maxLiquidityPerTick)
        throw wrong("A tick cannot hold this liquidity.", "liquidity", String(liquidity), "Use less.");
    }
    const [from, to] = [getSqrtRatioAtTick(lower), getSqrtRatioAtTick(upper)];
    let price = this.#sqrtPriceX96;
    if (price < from) price = from;
    if (price > to) price = to;
    const adds = liquidity > 0n;
    const size = adds ? liquidity : -liquidity;
    const amount0 = amount0Delta(price, to, size, adds);
    const amount1 = amount1Delta(from, price, size, adds);
    this.#ticks.change(lower, liquidity, true);
    this.#ticks.change(upper, liquidity, false);
    if (this.#tick >= lower && this.#tick < upper) this.#liquidity += liquidity;
    return adds ? { amount0, amount1 } : { amount0: -amount0, amount1: -amount1 };
  }

  /**
   * Swaps token 0 for token 1 (price falls) or the other way. `amount`: positive = what comes in, fee included; negative = what is to go out. It ends early
   * where the price reaches the limit. Returns what the pool receives and pays. Throws a ContractError for an amount of 0 or a limit on the wrong side of the price.
   */
  swap(zeroForOne: boolean, amount: bigint, sqrtPriceLimitX96?: bigint): Amounts {
    const limit = sqrtPriceLimitX96 ?? (zeroForOne ? MIN_SQRT_RATIO + 1n : MAX_SQRT_RATIO - 1n);
    this.#checkSwap(zeroForOne, amount, limit);
    const exactInput = amount > 0n;
    let price = this.#sqrtPriceX96;
    let tick = this.#tick;
    let liquidity = this.#liquidity;
    let feeGrowth = zeroForOne ? this.#feeGrowth0X128 : this.#feeGrowth1X128;
    let remaining = amount;
    let calculated = 0n;
    while (remaining !== 0n && price !== limit) {
      const next = this.#ticks.next(tick, zeroForOne);
      const edge = getSqrtRatioAtTick(next.tick);
      const beyond = zeroForOne ? edge < limit : edge > limit;
      const step = computeSwapStep(price, beyond ? limit : edge, liquidity, remaining, this.feePips);
      const paid = step.amountIn + step.feeAmount;
      remaining += exactInput ? -paid : step.amountOut;
      calculated += exactInput ? -step.amountOut : paid;
      if (liquidity > 0n) feeGrowth = (feeGrowth + (step.feeAmount * Q128) / liquidity) & MAX_UINT256;
      if (step.sqrtPriceX96 === edge) {
        if (next.initialised) {
          const net = this.#ticks.net(next.tick);
          liquidity = fits(liquidity + (zeroForOne ? -net : net), MAX_UINT128, "liquidity");
        }
        tick = zeroForOne ? next.tick - 1 : next.tick;
      } else if (step.sqrtPriceX96 !== price) tick = getTickAtSqrtRatio(step.sqrtPriceX96);
      price = step.sqrtPriceX96;
    }
    this.#sqrtPriceX96 = price;
    this.#tick = tick;
    this.#liquidity = liquidity;
    if (zeroForOne) this.#feeGrowth0X128 = feeGrowth;
    else this.#feeGrowth1X128 = feeGrowth;
    const specified = amount - remaining;
    return zeroForOne === exactInput
      ? { amount0: specified, amount1: calculated }
      : { amount0: calculated, amount1: specified };
  }

  #checkRange(lower: number, upper: number): void {
    const usable = (tick: number) => tick >= MIN_TICK && tick <= MAX_TICK && tick % this.tickSpacing === 0;
    if (!(lower < upper && usable(lower) && usable(upper)))
      throw wrong(
        "Liquidity cannot lie between these ticks.",
        "lower, upper",
        `${lower}, ${upper}`,
        `Use multiples of ${this.tickSpacing} in ascending order, from ${MIN_TICK} to ${MAX_TICK}.`,
      );
  }

  #checkSwap(zeroForOne: boolean, amount: bigint, limit: bigint): void {
    if (amount === 0n) throw wrong("A swap has no amount.", "amount", "0", "Use an amount that is not 0.");
    const price = this.#sqrtPriceX96;
    const good = zeroForOne ? limit < price && limit > MIN_SQRT_RATIO : limit > price && limit < MAX_SQRT_RATIO;
    if (!good)
      throw wrong(
        "A swap's price limit is on the wrong side of the price, or outside of what a pool may have.",
        "sqrtPriceLimitX96",
        String(limit),
        `Use a limit ${zeroForOne ? "below" : "above"} ${price}.`,
      );
  }
}

function wrong(message: string, which: string, value: unknown, fix: string): ContractError {
  return new ContractError(message, { which, value, fix });
}
