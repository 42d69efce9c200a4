import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { changeOf, contextOf, intentsOf, randomRows, rowOf } from "./market.ts";

const context = contextOf({}, ["oracle"]);
const params = { halfWidth: 0.1, oracleAge: 6, oracleDeviation: 80 };

describe("The oracle-triggered rule", () => {
  const rule = createBaseline("oracle-triggered", params, context);
  const change = (changes: Record<string, number>) => changeOf(rule, context, rowOf(context, changes));

  it("keeps its band when the oracle has just updated, and does nothing between", () => {
    expect(change({ oracle_updated: 1 })).toBeCloseTo(0.4, 12);
    expect(change({ oracle_updated: 1, delta: -0.05 })).toBe(0);
    expect(change({ oracle_updated: 0, oracle_age_hours: 5.9, oracle_deviation_bps: 79 })).toBe(0);
  });

  it("does not wait for an oracle that is old or far off, either way", () => {
    expect(change({ oracle_age_hours: 6.1 })).toBeCloseTo(0.4, 12);
    expect(change({ oracle_deviation_bps: 80 })).toBeCloseTo(0.4, 12);
    expect(change({ oracle_deviation_bps: -80 })).toBeCloseTo(0.4, 12);
  });

  it("sets the session up whatever the oracle says", () => {
    expect(change({ is_first: 1 })).toBeCloseTo(0.5, 12);
  });

  it("is a delta band, bit for bit, at a deviation of 0", () => {
    const rows = randomRows(context, 300, 3);
    const shared = { halfWidth: 0.07, rebalanceTo: 0.3, initialHedge: 0.4 };
    expect(
      intentsOf(createBaseline("oracle-triggered", { ...shared, oracleDeviation: 0 }, context), context, rows),
    ).toEqual(intentsOf(createBaseline("delta-band", shared, context), context, rows));
  });
});
