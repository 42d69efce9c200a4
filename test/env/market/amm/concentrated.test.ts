import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConcentratedPool } from "../../../../env/market/amm/concentrated-pool.ts";
import { divRoundingUp, MAX_UINT256, mulDiv, mulDivRoundingUp, Q96 } from "../../../../env/market/amm/full-math.ts";
import {
  amount0Delta,
  amount1Delta,
  priceAfterInput,
  priceAfterOutput,
} from "../../../../env/market/amm/sqrt-price-math.ts";
import { computeSwapStep } from "../../../../env/market/amm/swap-step.ts";
import { TickMap } from "../../../../env/market/amm/tick-map.ts";
import {
  getSqrtRatioAtTick,
  getTickAtSqrtRatio,
  integerRoot,
  MAX_SQRT_RATIO,
  MAX_TICK,
  MIN_SQRT_RATIO,
  MIN_TICK,
} from "../../../../env/market/amm/tick-math.ts";
import { V3_STEPS, V3_TICKS } from "../../../golden/uniswap.ts";

const root = (price: number) => integerRoot((BigInt(Math.round(price * 100)) << 192n) / 100n);
const E18 = 10n ** 18n;

describe("Whole-number quotients", () => {
  it("round down and up around the exact value", () => {
    expect(mulDiv(7n, 3n, 4n)).toBe(5n);
    expect(mulDivRoundingUp(7n, 3n, 4n)).toBe(6n);
    expect(mulDivRoundingUp(8n, 3n, 4n)).toBe(6n);
    expect(divRoundingUp(0n, 4n)).toBe(0n);
    expect(mulDiv(MAX_UINT256, MAX_UINT256, MAX_UINT256)).toBe(MAX_UINT256);
  });

  it("refuse a divisor of 0 and results of more than 256 bits", () => {
    expect(() => mulDiv(1n, 1n, 0n)).toThrow("divisor");
    expect(() => mulDiv(MAX_UINT256, 2n, 1n)).toThrow("quotient");
    expect(() => mulDivRoundingUp(MAX_UINT256, MAX_UINT256, MAX_UINT256 - 1n)).toThrow("quotient");
  });
});

describe("Ticks", () => {
  it.each(V3_TICKS)("have the published price at $tick", ({ tick, ratio }) => {
    expect(getSqrtRatioAtTick(tick)).toBe(ratio);
    if (tick < MAX_TICK) expect(getTickAtSqrtRatio(ratio)).toBe(tick);
  });

  it("are 1.0001^(tick / 2), to float64 and a unit of Q64.96", () => {
    for (const tick of [-880_000, -300_001, -13_863, -27_726, 1, 255, 13_863, 27_726, 300_001, 880_000]) {
      const exact = 1.0001 ** (tick / 2) * 2 ** 96;
      expect(Math.abs(Number(getSqrtRatioAtTick(tick)) / exact - 1)).toBeLessThan(1e-11 + 1 / exact);
    }
    // The square roots of price 4 and 16, within a basis point.
    expect(Number(getSqrtRatioAtTick(13_863)) / 2 ** 96).toBeCloseTo(2, 3);
    expect(Number(getSqrtRatioAtTick(-27_726)) / 2 ** 96).toBeCloseTo(0.25, 4);
  });

  it("are found again from every price between theirs and the next tick's", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: MIN_TICK, max: MAX_TICK - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tick, u) => {
          const [low, high] = [getSqrtRatioAtTick(tick), getSqrtRatioAtTick(tick + 1)];
          const between = low + ((high - low - 1n) * BigInt(Math.floor(u * 2 ** 50))) / 2n ** 50n;
          return [low, between, high - 1n].every((p) => getTickAtSqrtRatio(p) === tick);
        },
      ),
      { seed: 20260407, numRuns: 500 },
    );
  });

  it("end where prices no longer fit, and are whole", () => {
    for (const tick of [MIN_TICK - 1, MAX_TICK + 1, 0.5, Number.NaN])
      expect(() => getSqrtRatioAtTick(tick)).toThrow("where: tick");
    for (const price of [MIN_SQRT_RATIO - 1n, MAX_SQRT_RATIO, 0n, -1n])
      expect(() => getTickAtSqrtRatio(price)).toThrow("sqrtPriceX96");
    expect(getTickAtSqrtRatio(MAX_SQRT_RATIO - 1n)).toBe(MAX_TICK - 1);
  });
});

describe("A step inside one range", () => {
  it.each(V3_STEPS)("gives $name as published", ({ target, remaining, amountIn, feeAmount, amountOut }) => {
    const step = computeSwapStep(Q96, root(target), 2n * E18, remaining, 600);
    expect(step).toMatchObject({ amountIn, feeAmount, amountOut });
    expect(step.sqrtPriceX96 === root(target)).toBe(target === 1.01);
  });

  const ratio = fc
    .integer({ min: MIN_TICK + 1, max: MAX_TICK - 1 })
    .chain((t) =>
      fc
        .bigInt({ min: 0n, max: 2n ** 60n })
        .map((x) => getSqrtRatioAtTick(t) + (x % (getSqrtRatioAtTick(t) / 20_000n + 1n))),
    );
  const inputs = fc.tuple(
    ratio,
    ratio,
    fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }),
    fc.bigInt({ min: 1n, max: 2n ** 200n }),
    fc.boolean(),
    fc.integer({ min: 1, max: 999_999 }),
  );

  it("takes no more than is offered and pays no more than is asked, and ends between price and target", () => {
    let [ended, short] = [0, 0];
    fc.assert(
      fc.property(inputs, ([price, target, liquidity, amount, exactInput, fee]) => {
        const step = computeSwapStep(price, target, liquidity, exactInput ? amount : -amount, fee);
        const [low, high] = price < target ? [price, target] : [target, price];
        if (step.sqrtPriceX96 < low || step.sqrtPriceX96 > high) return false;
        if (step.sqrtPriceX96 === target) ended++;
        else short++;
        if (!exactInput) return step.amountOut <= amount && (step.sqrtPriceX96 === target || step.amountOut === amount);
        const paid = step.amountIn + step.feeAmount;
        return paid <= amount && (step.sqrtPriceX96 === target || paid === amount);
      }),
      { seed: 20260408, numRuns: 2_000 },
    );
    expect(Math.min(ended, short)).toBeGreaterThan(200);
  });

  it("has amounts of L · Δ(1/√P) and L · Δ√P: rounded up they are one more than rounded down, unless whole", () => {
    fc.assert(
      fc.property(ratio, ratio, fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }), (a, b, liquidity) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const exact0 = (liquidity * Q96 * (high - low)) / (high * low);
        const exact1 = (liquidity * (high - low)) / Q96;
        const [down0, up0] = [amount0Delta(a, b, liquidity, false), amount0Delta(b, a, liquidity, true)];
        const [down1, up1] = [amount1Delta(a, b, liquidity, false), amount1Delta(b, a, liquidity, true)];
        // Token 0 is rounded twice, so up may be one more still.
        return (
          down0 <= exact0 &&
          exact0 - down0 <= 1n &&
          up0 >= exact0 &&
          up0 - exact0 <= 2n &&
          down1 === exact1 &&
          up1 - exact1 <= 1n
        );
      }),
      { seed: 20260409, numRuns: 1_000 },
    );
  });

  it("moves the price back and forth against the trader", () => {
    for (const zeroForOne of [true, false]) {
      const after = priceAfterInput(Q96, E18, E18 / 10n, zeroForOne);
      const back = priceAfterOutput(after, E18, E18 / 10n, !zeroForOne);
      // Taking the same token out again may not give a better price than before.
      expect(zeroForOne ? back >= Q96 : back <= Q96).toBe(true);
      expect(Math.abs(Number(back - Q96))).toBeLessThan(1e6);
    }
    expect(priceAfterInput(Q96, E18, 0n, true)).toBe(Q96);
    expect(priceAfterInput(Q96, 1n, 2n ** 255n, true)).toBe(1n);
  });

  it("loses the fraction of L / √P where the contract's 256 bits are too few for the product, and there only", () => {
    const [price, liquidity] = [MAX_SQRT_RATIO - 1n, 2n ** 128n - 1n];
    const exact = (amount: bigint) => mulDivRoundingUp(liquidity * Q96, price, liquidity * Q96 + amount * price);
    const fits = (MAX_UINT256 - liquidity * Q96) / price;
    expect(priceAfterInput(price, liquidity, fits, true)).toBe(exact(fits));
    // L / √P is almost a whole number more than its whole part here: the contract goes on with that part, which leaves the price higher.
    const whole = (liquidity * Q96) / price;
    expect(whole).toBe(18_447_437_462_383_981_824n);
    const beyond = priceAfterInput(price, liquidity, fits + 1n, true);
    expect(beyond).toBe(divRoundingUp(liquidity * Q96, whole + fits + 1n));
    expect(beyond).toBeGreaterThan(exact(fits + 1n));
  });

  it("refuses to take more out of a range than it holds", () => {
    expect(() => priceAfterOutput(Q96, 1024n, 1025n, true)).toThrow("amount");
    expect(() => priceAfterOutput(Q96, 1024n, 1024n, false)).toThrow("amount");
    expect(() => priceAfterInput(Q96, 1n, 2n ** 100n, false)).toThrow("sqrtPriceX96");
  });
});

describe("A tick map", () => {
  it("stops at initialised ticks and at the ends of words of 256 usable ticks", () => {
    const map = new TickMap(10);
    map.change(780, 5n, true);
    expect(map.next(0, false)).toEqual({ tick: 780, initialised: true });
    expect(map.next(780, false)).toEqual({ tick: 2550, initialised: false });
    expect(map.next(2550, false)).toEqual({ tick: 5110, initialised: false });
    expect(map.next(785, true)).toEqual({ tick: 780, initialised: true });
    expect(map.next(780, true)).toEqual({ tick: 780, initialised: true });
    expect(map.next(779, true)).toEqual({ tick: 0, initialised: false });
    expect(map.next(-1, true)).toEqual({ tick: -2560, initialised: false });
    expect(map.next(-1, false)).toEqual({ tick: 780, initialised: true });
    expect(map.next(MAX_TICK, false).tick).toBe(MAX_TICK);
    expect(map.next(MIN_TICK, true).tick).toBe(MIN_TICK);
  });

  it("forgets a tick whose liquidity has left, and adds what meets at one", () => {
    const map = new TickMap(1);
    map.change(3, 5n, true);
    map.change(3, 2n, false);
    expect([map.gross(3), map.net(3)]).toEqual([7n, 3n]);
    map.change(3, -5n, true);
    map.change(3, -2n, false);
    expect(map.next(0, false)).toEqual({ tick: 255, initialised: false });
  });
});

describe("A pool of concentrated liquidity", () => {
  const make = (sqrtPriceX96 = Q96) => new ConcentratedPool({ feePips: 3000, tickSpacing: 60, sqrtPriceX96 });

  it("can pay out every position after any swaps: nothing is created, and what is left over is fees and roundings", () => {
    const swaps = fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.bigInt({ min: 1n, max: 3n * E18 })), {
      maxLength: 12,
    });
    const positions = fc.array(
      fc.tuple(
        fc.integer({ min: -40, max: 39 }),
        fc.integer({ min: 1, max: 40 }),
        fc.bigInt({ min: 1n, max: 10n * E18 }),
      ),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(positions, swaps, (ranges, trades) => {
        const pool = make();
        let [held0, held1] = [0n, 0n];
        const book = ({ amount0, amount1 }: { amount0: bigint; amount1: bigint }) => {
          held0 += amount0;
          held1 += amount1;
        };
        for (const [from, width, size] of ranges) book(pool.changeLiquidity(60 * from, 60 * (from + width), size));
        for (const [zeroForOne, exactInput, size] of trades) {
          const edge = getSqrtRatioAtTick(zeroForOne ? -6000 : 6000);
          if (zeroForOne ? pool.sqrtPriceX96 <= edge : pool.sqrtPriceX96 >= edge) continue;
          book(pool.swap(zeroForOne, exactInput ? size : -size, edge));
        }
        for (const [from, width, size] of ranges) book(pool.changeLiquidity(60 * from, 60 * (from + width), -size));
        return held0 >= 0n && held1 >= 0n && pool.liquidity === 0n;
      }),
      { seed: 20260410, numRuns: 200 },
    );
  });

  it("charges for going there and back: the trader loses about the two fees", () => {
    const pool = make();
    pool.changeLiquidity(-6000, 6000, 1000n * E18);
    const bought = pool.swap(true, E18).amount1;
    const back = pool.swap(false, -bought).amount0;
    expect(Number(E18 + back) / 1e18).toBeCloseTo(0.006, 4);
  });

  it("changes nothing where it throws", () => {
    const pool = make();
    pool.changeLiquidity(-600, 600, E18);
    const state = () => [pool.sqrtPriceX96, pool.tick, pool.liquidity, pool.feeGrowthX128.amount0];
    const before = state();
    expect(() => pool.swap(true, 0n)).toThrow("amount");
    expect(() => pool.swap(true, E18, Q96)).toThrow("sqrtPriceLimitX96");
    expect(() => pool.swap(false, E18, MAX_SQRT_RATIO)).toThrow("sqrtPriceLimitX96");
    expect(() => pool.changeLiquidity(-600, 600, -2n * E18)).toThrow("liquidity");
    expect(() => pool.changeLiquidity(-600, 600, pool.maxLiquidityPerTick)).toThrow("liquidity");
    expect(() => pool.changeLiquidity(-601, 600, 1n)).toThrow("lower, upper");
    expect(() => pool.changeLiquidity(600, 600, 1n)).toThrow("lower, upper");
    expect(state()).toEqual(before);
  });

  it("refuses fees and spacings that no pool has", () => {
    expect(() => new ConcentratedPool({ feePips: 1_000_000, tickSpacing: 60, sqrtPriceX96: Q96 })).toThrow("feePips");
    expect(() => new ConcentratedPool({ feePips: 500, tickSpacing: 0, sqrtPriceX96: Q96 })).toThrow("tickSpacing");
    expect(() => make(MIN_SQRT_RATIO - 1n)).toThrow("sqrtPriceX96");
  });
});
