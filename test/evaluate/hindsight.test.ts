import { describe, expect, it } from "vitest";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { INTENT, INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { hindsightPolicy, type TruthfulEnv } from "../../src/evaluate/hindsight.ts";
import { contextOf, intentsOf, randomRows, rowOf } from "../agents/baselines/market.ts";

const context = contextOf({}, ["flow"]);
const BOTH = ["transient", "gas_to_come"] as const;
const FLAT = { halfWidth: 0.1, costExponent: 0, gammaExponent: 0, rebalanceTo: 0, waitMultiple: 1 };

function envOf(market: PolicyContext, transient: readonly number[], gasToCome: readonly number[]): TruthfulEnv {
  return {
    context: market,
    truth: { transient: Float64Array.from(transient), gasToCome: Float64Array.from(gasToCome) },
  };
}

/** Changes that hindsight wants for rows that differ in the truth alone. */
function changes(params: Record<string, number>, row: Record<string, number>, env: TruthfulEnv): number[] {
  const n = env.truth!.transient.length;
  const width = context.schema.features.length;
  const rows = new Float64Array(n * width);
  for (let b = 0; b < n; b++) rows.set(rowOf(context, row), b * width);
  const out = intentsOf(hindsightPolicy({ ...FLAT, ...params }, env, BOTH), context, rows);
  return Array.from({ length: n }, (_, b) => out[b * INTENT_WIDTH + INTENT.change]!);
}

describe("Hindsight", () => {
  it("hedges at the efficient price with a lean of 1: each environment at its own", () => {
    const env = envOf(context, [0, 0.01, -0.01], [0, 0, 0]);
    // Gamma -0.02 for 1%: a price that is 1% too high shows 0.02 of delta too little.
    const [plain, high, low] = changes({ halfWidth: 0, transientLean: 1 }, { delta: -0.3 }, env);
    expect(plain).toBeCloseTo(0.3, 12);
    expect(high).toBeCloseTo(0.28, 12);
    expect(low).toBeCloseTo(0.32, 12);
  });

  it("may hold a position for each percent of displacement", () => {
    const env = envOf(context, [0.02], [0]);
    const [change] = changes({ halfWidth: 0, transientPosition: -0.1 }, { delta: 0 }, env);
    expect(change).toBeCloseTo(-0.2, 12);
  });

  it("waits while the base fee is going to fall far enough, but not for ever", () => {
    const env = envOf(context, [0, 0], [-0.4, -0.6]);
    const params = { gasWaitBelow: -0.5, gasWaitMultiple: 3 };
    expect(changes(params, { delta: -0.2 }, env)[0]).toBeCloseTo(0.1, 12);
    expect(changes(params, { delta: -0.2 }, env)[1]).toBe(0);
    expect(changes(params, { delta: -0.5 }, env)[1]).toBeCloseTo(0.4, 12);
  });

  it("reads the truth of the moment, not that of when it was built", () => {
    const truth = { transient: new Float64Array(1), gasToCome: new Float64Array(1) };
    let now = truth;
    const env: TruthfulEnv = {
      context,
      get truth() {
        return now;
      },
    };
    const policy = hindsightPolicy({ ...FLAT, halfWidth: 0, transientLean: 1 }, env, BOTH);
    const row = rowOf(context, { delta: -0.3 });
    expect(intentsOf(policy, context, row)[INTENT.change]).toBeCloseTo(0.3, 12);
    now = { transient: Float64Array.of(0.01), gasToCome: Float64Array.of(0) };
    expect(intentsOf(policy, context, row)[INTENT.change]).toBeCloseTo(0.28, 12);
  });

  it("is the composite band, bit for bit, where it makes nothing of what it knows", () => {
    const n = 200;
    const rows = randomRows(context, n, 13);
    const params = { halfWidth: 0.05, flowLean: 0.01, flowWaitMultiple: 2, gammaExponent: 0.3 };
    const env = envOf(
      context,
      Array.from({ length: n }, (_, b) => 0.01 * Math.sin(b)),
      Array.from({ length: n }, () => -1),
    );
    expect(intentsOf(hindsightPolicy(params, env, BOTH), context, rows)).toEqual(
      intentsOf(createBaseline("composite", params, context), context, rows),
    );
  });

  it("takes only what there is to know of a market, and needs someone who tells it", () => {
    const plain = contextOf();
    const env = envOf(plain, [0], [0]);
    expect(() => hindsightPolicy({ transientLean: 1 }, env, ["gas_to_come"])).toThrow(/only in other markets/);
    expect(() => hindsightPolicy({ flowLean: 0.01 }, env, ["gas_to_come"])).toThrow(/only in other markets/);
    expect(hindsightPolicy({ gasWaitMultiple: 2 }, env, ["gas_to_come"]).requires).not.toContain("gas_to_come");
    expect(() => hindsightPolicy({}, { context: plain }, ["gas_to_come"])).toThrow(/look ahead/);
  });
});
