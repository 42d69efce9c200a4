import { describe, expect, it } from "vitest";
import { type KeeperParameters, type KeeperState, keeperCostUsd, keeperFires } from "../../../env/chain/keeper.ts";

const QUIET: KeeperState = { exposure: 0.1, secondsSinceExecution: 100, oracleUpdated: false, baseFeeGwei: 20 };
const keeper = (trigger: KeeperParameters["trigger"], maxGwei?: number): KeeperParameters => ({
  trigger,
  maxGwei,
  overheadGas: 80_000,
  premium: 0.2,
});

describe("keeperFires", () => {
  it("fires from the delta threshold on, on either side", () => {
    const p = keeper({ deltaThreshold: 0.2 });
    for (const [exposure, fires] of [
      [0.1, false],
      [0.2, true],
      [-0.2, true],
      [-0.19, false],
    ] as const)
      expect(keeperFires(p, { ...QUIET, exposure })).toBe(fires);
  });

  it("fires once the interval since the last execution is over", () => {
    const p = keeper({ intervalSeconds: 101 });
    expect(keeperFires(p, QUIET)).toBe(false);
    expect(keeperFires(p, { ...QUIET, secondsSinceExecution: 101 })).toBe(true);
  });

  it("fires after an oracle update only where it listens to the oracle", () => {
    const updated = { ...QUIET, oracleUpdated: true };
    expect(keeperFires(keeper({ onOracleUpdate: true }), updated)).toBe(true);
    expect(keeperFires(keeper({ onOracleUpdate: true }), QUIET)).toBe(false);
    expect(keeperFires(keeper({ onOracleUpdate: false, deltaThreshold: 1 }), updated)).toBe(false);
  });

  it("fires where any of its triggers does", () => {
    const p = keeper({ deltaThreshold: 0.5, intervalSeconds: 1000, onOracleUpdate: true });
    expect(keeperFires(p, QUIET)).toBe(false);
    expect(keeperFires(p, { ...QUIET, exposure: -0.6 })).toBe(true);
    expect(keeperFires(p, { ...QUIET, secondsSinceExecution: 2000 })).toBe(true);
    expect(keeperFires(p, { ...QUIET, oracleUpdated: true })).toBe(true);
  });

  it("executes nothing above its gas-price cap, and what is still due once the fee is back at the cap", () => {
    const p = keeper({ deltaThreshold: 0.1 }, 20);
    expect(keeperFires(p, { ...QUIET, baseFeeGwei: 20.01 })).toBe(false);
    expect(keeperFires(p, QUIET)).toBe(true);
  });
});

describe("keeperCostUsd", () => {
  it("is gas and overhead at the gas price, plus the premium", () => {
    // (120,000 + 80,000) gas at 50 gwei = 0.01 ETH; with 20% premium 0.012 ETH; at 2,000 USD that is 24 USD.
    expect(keeperCostUsd(keeper({ intervalSeconds: 1 }), 120_000, 50, 2000)).toBeCloseTo(24, 10);
  });

  it("grows with the premium and charges the overhead even for an empty upkeep", () => {
    const p = keeper({ intervalSeconds: 1 });
    expect(keeperCostUsd({ ...p, premium: 0.7 }, 0, 50, 2000)).toBeCloseTo(80_000 * 50e-9 * 1.7 * 2000, 10);
    expect(keeperCostUsd({ ...p, premium: 0, overheadGas: 0 }, 0, 50, 2000)).toBe(0);
  });
});
