import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOB_SCHEDULES, blobFeeWei, fakeExponential, nextExcessBlobGas } from "../../../env/chain/blob-fee.ts";
import { gasLimitAllowed, gasLimitBounds } from "../../../env/chain/gas-limit.ts";
import {
  ARBITRUM_ONE,
  arbitrumBacklog,
  arbitrumBaseFeeWei,
  expBipsDegree4,
  fjordSizeScaled,
  opStackL1FeeWei,
} from "../../../env/chain/l2-fee.ts";
import {
  ARBITRUM,
  CANCUN_BLOB_FEES,
  CANCUN_EXCESS,
  FAKE_EXPONENTIAL,
  FJORD,
  GAS_LIMITS,
} from "../../golden/block-fees.ts";

const RECORDED = process.env.GREEKGYM_DATA ?? "../shared/data";
const recorded = existsSync(`${RECORDED}/vectors`);
if (!recorded) process.stdout.write(`skipped: 2 tests of block fees, recorded data is missing at ${RECORDED}\n`);
const read = (name: string) => JSON.parse(readFileSync(`${RECORDED}/vectors/${name}`, "utf8"));

describe("The bounds of a block's gas limit", () => {
  it.each(GAS_LIMITS)("after $parent, $limit is allowed: $allowed", ({ parent, limit, allowed, firstOfFork }) => {
    expect(gasLimitAllowed(parent, limit, firstOfFork)).toBe(allowed);
  });

  it("never fall below 5,000 gas", () => {
    expect(gasLimitBounds(5_002).minimum).toBe(5_000);
    expect(gasLimitAllowed(5_002, 4_999)).toBe(false);
  });

  it.skipIf(!recorded)("are those of go-ethereum's recorded vectors", () => {
    const rows = read("eip1559.json").gasLimitBounds;
    expect(rows).toHaveLength(14);
    for (const r of rows)
      expect(gasLimitAllowed(r.parentGasLimit, r.gasLimit, r.forkTransitionDoublesParent)).toBe(r.ok);
  });
});

describe("Blob fees", () => {
  const { cancun, prague, osaka } = BLOB_SCHEDULES;

  it.each(CANCUN_BLOB_FEES)("are $fee wei at an excess of $excess (Cancun)", ({ excess, fee }) => {
    expect(blobFeeWei(excess, cancun)).toBe(fee);
  });

  it.each(CANCUN_EXCESS)("go on from an excess of $excess and $blobs blobs to $next (Cancun)", (row) => {
    expect(nextExcessBlobGas(row.excess, row.blobs, 0n, cancun)).toBe(row.next);
  });

  it.each(FAKE_EXPONENTIAL)("take $factor exp($numerator / $denominator) as $value", (row) => {
    expect(fakeExponential(row.factor, row.numerator, row.denominator)).toBe(row.value);
  });

  it.skipIf(!recorded)("are those of go-ethereum's recorded vectors", () => {
    const { calcExcessBlobGas, calcBlobFee, fakeExponential: exponential } = read("eip4844.json");
    expect([calcExcessBlobGas.length, calcBlobFee.length, exponential.length]).toEqual([10, 4, 15]);
    for (const r of calcExcessBlobGas)
      expect(nextExcessBlobGas(BigInt(r.parentExcess), BigInt(r.blobsUsed), 0n, cancun)).toBe(BigInt(r.expected));
    for (const r of calcBlobFee) expect(blobFeeWei(BigInt(r.excessBlobGas), cancun)).toBe(BigInt(r.expectedWei));
    for (const r of exponential)
      expect(fakeExponential(BigInt(r.factor), BigInt(r.numerator), BigInt(r.denominator))).toBe(BigInt(r.expected));
  });

  it("stay within a few wei below the exponential", () => {
    for (let excess = 10_000_000n; excess < 100_000_000n; excess += 7_654_321n) {
      const exact = Math.exp(Number(excess) / 5_007_716);
      const fee = Number(blobFeeWei(excess, prague));
      expect(fee).toBeLessThanOrEqual(exact);
      expect(fee).toBeGreaterThan(exact * (1 - 1e-5) - 1);
    }
  });

  it("rise by at most 12.5% a block and fall by 11.1% under Cancun, by 8.2% and 14.5% under Prague (EIP-4844, EIP-7691)", () => {
    const moves = (schedule: typeof cancun) => {
      const start = 100_000_000n;
      const fee = Number(blobFeeWei(start, schedule));
      const at = (blobs: bigint) => Number(blobFeeWei(nextExcessBlobGas(start, blobs, 0n, schedule), schedule)) / fee;
      return [at(schedule.maximum), at(0n)];
    };
    expect(moves(cancun)[0]).toBeCloseTo(1.125, 3);
    expect(moves(cancun)[1]).toBeCloseTo(1 / 1.125, 3);
    expect(moves(prague)[0]).toBeCloseTo(1.0817, 3);
    expect(moves(prague)[1]).toBeCloseTo(0.8546, 3);
  });

  it("only rise while a blob is cheaper than its execution gas (EIP-7918), and follow EIP-7691 above that price", () => {
    const blob = 131_072n;
    const excess = 60n * blob;
    const fee = blobFeeWei(excess, osaka);
    // The reserve price binds where 2^13 base fee > 2^17 blob fee: from a base fee of 16 blob fees and one wei on.
    expect(nextExcessBlobGas(excess, 6n, 16n * fee, osaka)).toBe(excess);
    expect(nextExcessBlobGas(excess, 0n, 16n * fee, osaka)).toBe(excess - 6n * blob);
    expect(nextExcessBlobGas(excess, 6n, 16n * fee + 1n, osaka)).toBe(excess + 2n * blob);
    expect(nextExcessBlobGas(excess, 0n, 16n * fee + 1n, osaka)).toBe(excess);
    // The greatest rise, and the start from an empty market, are those of EIP-7691.
    expect(nextExcessBlobGas(excess, 9n, 16n * fee + 1n, osaka)).toBe(nextExcessBlobGas(excess, 9n, 0n, prague));
    expect(nextExcessBlobGas(0n, 5n, 10n ** 12n, osaka)).toBe(0n);
    expect(nextExcessBlobGas(0n, 6n, 10n ** 12n, osaka)).toBe(2n * blob);
  });

  it("refuse what the exponential is not defined for", () => {
    expect(() => fakeExponential(1n, 1n, 0n)).toThrow("denominator");
    expect(() => fakeExponential(1n, -1n, 1n)).toThrow("denominator");
  });
});

describe("Fees of layer 2", () => {
  const fee = { baseFeeWei: 1_000_000_000n, blobFeeWei: 10_000_000n, baseFeeScalar: 2n, blobFeeScalar: 3n };

  it("are Fjord's on an OP-stack chain: one division, after all products", () => {
    expect(fjordSizeScaled(FJORD.fastLzSize)).toBe(FJORD.size);
    expect(opStackL1FeeWei(fee, FJORD.fastLzSize)).toBe(FJORD.feeWei);
  });

  it("charge an OP-stack transaction for at least 100 bytes", () => {
    expect(fjordSizeScaled(0n)).toBe(100_000_000n);
    expect(fjordSizeScaled(170n)).toBe(100_000_000n);
    expect(fjordSizeScaled(171n)).toBe(100_455_900n);
  });

  it.each(ARBITRUM)("are $baseFeeWei wei at a backlog of $backlog on Arbitrum", ({ backlog, baseFeeWei }) => {
    expect(arbitrumBaseFeeWei(backlog, ARBITRUM_ONE)).toBe(baseFeeWei);
  });

  it("use the Taylor polynomial of degree 4, to a basis point a product", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), (bips) => {
        const x = bips / 1e4;
        const exact = 1 + x + x ** 2 / 2 + x ** 3 / 6 + x ** 4 / 24;
        const whole = Number(expBipsDegree4(BigInt(bips))) / 1e4;
        return whole <= exact + 1e-12 && exact - whole < 1e-4 * (1 + x * (1 + (x / 2) * (1 + x / 3)));
      }),
      { seed: 20260402, numRuns: 2_000 },
    );
  });

  it("work a backlog off at the speed limit, never below zero", () => {
    expect(arbitrumBacklog(10_000_000n, 32_000_000n, 1n, ARBITRUM_ONE)).toBe(35_000_000n);
    expect(arbitrumBacklog(10_000_000n, 1_000_000n, 2n, ARBITRUM_ONE)).toBe(0n);
  });
});
