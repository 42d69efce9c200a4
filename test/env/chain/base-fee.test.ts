import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAIN_PRESETS, checkChainParameters, nextBaseFeeWei } from "../../../env/chain/base-fee.ts";
import { GAS_TARGET, NEXT_BASE_FEE_WEI, PARENT_BASE_FEE_WEI } from "../../golden/eip1559.ts";

const RECORDED = "../shared/data";
const recorded = existsSync(RECORDED);
if (!recorded) process.stdout.write(`skipped: 2 tests of base fees, recorded data is missing at ${RECORDED}\n`);

/** The EIP's own formula in integers of any size. */
function reference(base: number, used: number, target: number, denominator: number): number {
  const [b, u, t, d] = [BigInt(base), BigInt(used), BigInt(target), BigInt(denominator)];
  if (u === t) return base;
  const change = (b * (u > t ? u - t : t - u)) / t / d;
  return Number(u > t ? b + (change > 1n ? change : 1n) : b - change);
}

describe("nextBaseFeeWei", () => {
  it.each(NEXT_BASE_FEE_WEI)("gives $expected wei after $gasUsed gas with denominator $denominator", (v) => {
    expect(nextBaseFeeWei(PARENT_BASE_FEE_WEI, v.gasUsed, GAS_TARGET, v.denominator)).toBe(v.expected);
  });

  it("equals integer arithmetic of any size, to the wei, up to fees of 2^52 wei", () => {
    const inputs = fc
      .tuple(
        fc.oneof(
          fc.integer({ min: 0, max: 2 ** 31 }),
          fc.maxSafeInteger().map((x) => Math.abs(x) % 2 ** 52),
        ),
        fc.integer({ min: 1, max: 2 ** 26 - 1 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.constantFrom(8, 16, 50, 250),
      )
      .map(([base, target, load, denominator]) => [base, Math.floor(load * target), target, denominator] as const);
    fc.assert(
      fc.property(inputs, (input) => nextBaseFeeWei(...input) === reference(...input)),
      { seed: 20260401, numRuns: 10_000 },
    );
  });

  it("moves up by at least 1 wei and never below 0", () => {
    expect(nextBaseFeeWei(0, 2, 1, 8)).toBe(1);
    expect(nextBaseFeeWei(7, 11, 10, 8)).toBe(8);
    expect(nextBaseFeeWei(7, 0, 10, 8)).toBe(7);
  });

  it.skipIf(!recorded)("gives go-ethereum's recorded vectors", () => {
    interface Row {
      parentBaseFee: number;
      parentGasLimit: number;
      parentGasUsed: number;
      expectedBaseFee: number;
    }
    const vectors = JSON.parse(readFileSync(`${RECORDED}/vectors/eip1559.json`, "utf8"));
    for (const [name, denominator] of [
      ["calcBaseFee_denominator8", 8],
      ["calcBaseFee_denominator16_polygonDelhi", 16],
    ] as const) {
      const rows = vectors[name] as Row[];
      expect(rows.length).toBeGreaterThan(0);
      for (const r of rows)
        expect(nextBaseFeeWei(r.parentBaseFee, r.parentGasUsed, r.parentGasLimit / 2, denominator)).toBe(
          r.expectedBaseFee,
        );
    }
  });

  it.skipIf(!recorded)("reproduces every successor base fee of 4,999 consecutive mainnet blocks, to the wei", () => {
    const text = readFileSync(`${RECORDED}/gas/eth_mainnet_blocks_23662367-23667365.csv`, "utf8");
    const [header, ...lines] = text.trim().split("\n");
    expect(header).toBe("number,timestamp,baseFeePerGas,gasUsed,gasLimit,txCount");
    const blocks = lines.map((line) => line.split(",").map(Number));
    expect(blocks).toHaveLength(4999);
    let wrong = 0;
    for (let i = 1; i < blocks.length; i++) {
      const [number, , baseFee, used, limit] = blocks[i - 1]!;
      expect(blocks[i]![0]).toBe(number! + 1);
      if (nextBaseFeeWei(baseFee!, used!, Math.floor(limit! / 2), 8) !== blocks[i]![2]) wrong++;
    }
    expect(wrong).toBe(0);
  });
});

describe("checkChainParameters", () => {
  it("refuses a gas target outside of what stays exact", () => {
    for (const gasTarget of [0, -1, 2 ** 26, Number.NaN])
      expect(() => checkChainParameters({ ...CHAIN_PRESETS.l1, gasTarget })).toThrow("chain.fee.gasTarget");
    expect(() => checkChainParameters({ ...CHAIN_PRESETS.l1, gasTarget: 2 ** 26 - 1 })).not.toThrow();
  });
});
