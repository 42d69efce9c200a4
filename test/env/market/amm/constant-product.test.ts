import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getAmountIn, getAmountOut } from "../../../../env/market/amm/constant-product.ts";
import { V2_POOL } from "../../../golden/uniswap.ts";

const amount = fc.bigInt({ min: 1n, max: 2n ** 112n - 1n });

describe("A constant-product pool", () => {
  it("gives the published swap each way", () => {
    const { reserveUsdc, reserveWeth, wethIn, usdcOut, wethForUsdcOut } = V2_POOL;
    expect(getAmountOut(wethIn, reserveWeth, reserveUsdc)).toBe(usdcOut);
    expect(getAmountIn(usdcOut, reserveWeth, reserveUsdc)).toBe(wethForUsdcOut);
  });

  it("never lets the product of its reserves fall, fee left out, and pays the most that keeps it", () => {
    fc.assert(
      fc.property(amount, amount, amount, (amountIn, reserveIn, reserveOut) => {
        const out = getAmountOut(amountIn, reserveIn, reserveOut);
        const product = (paid: bigint) => (reserveIn * 1000n + amountIn * 997n) * (reserveOut - paid);
        const before = reserveIn * 1000n * reserveOut;
        return product(out) >= before && product(out + 1n) < before;
      }),
      { seed: 20260405, numRuns: 2_000 },
    );
  });

  it("takes enough for what is asked, and at most one unit too much", () => {
    let unitTooMuch = 0;
    fc.assert(
      fc.property(amount, amount, amount, (asked, reserveIn, other) => {
        const reserveOut = asked + other;
        const needed = getAmountIn(asked, reserveIn, reserveOut);
        const enough = getAmountOut(needed, reserveIn, reserveOut) >= asked;
        if (needed > 2n && getAmountOut(needed - 1n, reserveIn, reserveOut) >= asked) unitTooMuch++;
        return enough && (needed <= 2n || getAmountOut(needed - 2n, reserveIn, reserveOut) < asked);
      }),
      { seed: 20260406, numRuns: 2_000 },
    );
    expect(unitTooMuch).toBeLessThan(200);
    // Where the exact quotient is whole, the router's "+ 1" is one too many.
    expect(getAmountIn(500n, 997n, 1000n)).toBe(1001n);
    expect(getAmountOut(1000n, 997n, 1000n)).toBe(500n);
  });

  it("refuses amounts that are not positive and more than it holds, naming which", () => {
    expect(() => getAmountOut(0n, 1n, 1n)).toThrow("amountIn");
    expect(() => getAmountOut(1n, 0n, 1n)).toThrow("reserveIn");
    expect(() => getAmountIn(1n, 1n, -5n)).toThrow("reserveOut");
    expect(() => getAmountIn(100n, 1n, 100n)).toThrow("amountOut");
  });
});
