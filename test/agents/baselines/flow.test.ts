import { describe, expect, it } from "vitest";
import { createBaseline, defaultParams } from "../../../agents/baselines/registry.ts";
import { DEAF, TOXICITY } from "../../../agents/baselines/rules/flow.ts";
import type { Band } from "../../../src/core/contracts/heads.ts";
import { changeOf, contextOf, intentsOf, randomRows, rowOf } from "./market.ts";

const context = contextOf({}, ["flow"]);
const FIXED = { ...DEAF, halfWidth: 0.1 };
const { neutral } = TOXICITY;

function bandOf(id: string, params: Record<string, number>, changes: Record<string, number>) {
  const band: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
  createBaseline(id, params, context).rule!.band(rowOf(context, changes), 0, band);
  return { ...band, halfWidth: 0.5 * (band.upper - band.lower) };
}

describe("A band that reads the flow", () => {
  it("is as wide as a power of toxicity, floored", () => {
    const at = (vpin: number) => bandOf("toxicity-aware", { ...FIXED, toxicityExponent: -0.5 }, { vpin }).halfWidth;
    expect(at(neutral)).toBeCloseTo(0.1, 12);
    expect(at(4 * neutral)).toBeCloseTo(0.05, 12);
    expect(at(0)).toBeCloseTo(0.1 * Math.sqrt(neutral / TOXICITY.smallest), 12);
  });

  it("leaves unhedged the delta that comes from a displaced price", () => {
    // A short book: gamma -0.02 for 1%, so -2 for a unit of log price. A price held up by 0.5% shows 0.01 of delta too little.
    const displaced = { imbalance_fast: 0.5, imbalance_slow: 0.25, vpin: neutral };
    const { centre } = bandOf("toxicity-aware", { ...FIXED, flowLean: 0.008, flowLeanSlow: 0.004 }, displaced);
    expect(centre).toBeCloseTo(-2 * (0.008 * 0.5 + 0.004 * 0.25), 12);
    // An account that is flat at the efficient price is left alone by a narrow band around that centre.
    const narrow = createBaseline("toxicity-aware", { ...FIXED, halfWidth: 1e-6, flowLean: 0.01 }, context);
    expect(changeOf(narrow, context, rowOf(context, { delta: -0.01, imbalance_fast: 0.5 }))).toBe(0);
    expect(changeOf(narrow, context, rowOf(context, { delta: -0.01 }))).toBeCloseTo(0.01, 5);
  });

  it("scales the displacement with the tape's pace and toxicity", () => {
    const lean = { ...FIXED, flowLean: 0.01 };
    const conditions = { imbalance_fast: -0.4, trade_rate: Math.log(4), vpin: 2 * neutral };
    const plain = bandOf("toxicity-aware", lean, conditions).centre;
    expect(plain).toBeCloseTo(0.008, 12);
    expect(bandOf("toxicity-aware", { ...lean, flowRate: 0.5 }, conditions).centre).toBeCloseTo(2 * plain, 12);
    expect(bandOf("toxicity-aware", { ...lean, flowToxicity: -1 }, conditions).centre).toBeCloseTo(plain / 2, 12);
  });

  it("may hold a position against the imbalance whatever its gamma", () => {
    const params = { ...FIXED, flowPosition: -0.2 };
    const { centre } = bandOf("toxicity-aware", params, { imbalance_fast: 0.5, gamma_percent: 0 });
    expect(centre).toBeCloseTo(-0.1, 12);
  });

  it("waits on the side on which it would trade with the crowd, and on that side only", () => {
    const params = { ...FIXED, flowWaitAbove: 0.3, flowWaitMultiple: 3, rebalanceTo: 0.5, initialHedge: 0 };
    const rule = createBaseline("toxicity-aware", params, context);
    const change = (delta: number, imbalance: number) =>
      changeOf(rule, context, rowOf(context, { delta, imbalance_fast: imbalance }));
    expect(change(-0.2, 0.2)).toBeCloseTo(0.15, 12);
    expect(change(-0.2, 0.4)).toBe(0);
    expect(change(-0.2, -0.4)).toBeCloseTo(0.15, 12);
    expect(change(0.2, 0.4)).toBeCloseTo(-0.15, 12);
    expect(change(0.2, -0.4)).toBe(0);
    // Not for ever, and then to where it would have gone.
    expect(change(-0.5, 0.4)).toBeCloseTo(0.45, 12);
    expect(change(0.5, -0.4)).toBeCloseTo(-0.45, 12);
  });

  it("is part of the composite band, with the state of the spread beside", () => {
    const flat = { costExponent: 0, gammaExponent: 0, halfWidth: 0.1 };
    const conditions = { vpin: 4 * neutral, spread_state: Math.log(4) };
    expect(bandOf("composite", flat, conditions).halfWidth).toBe(0.1);
    expect(bandOf("composite", { ...flat, toxicityExponent: 0.5 }, conditions).halfWidth).toBeCloseTo(0.2, 12);
    expect(bandOf("composite", { ...flat, spreadExponent: -0.5 }, conditions).halfWidth).toBeCloseTo(0.05, 12);
  });

  it("is a delta band, bit for bit, where nothing is read of it", () => {
    const rows = randomRows(context, 500, 21);
    const shared = { halfWidth: 0.07, rebalanceTo: 0.4, initialHedge: 0.3, centreVolatility: 1.2 };
    const wanted = intentsOf(createBaseline("delta-band", shared, context), context, rows);
    const flat = { costExponent: 0, gammaExponent: 0, waitMultiple: 1 };
    for (const rule of [
      createBaseline("toxicity-aware", { ...DEAF, ...shared }, context),
      createBaseline("composite", { ...DEAF, ...flat, ...shared }, context),
    ])
      expect(intentsOf(rule, context, rows), rule.id).toEqual(wanted);
  });

  it("is composed of parts that say nothing at the composite band's defaults", () => {
    const defaults = defaultParams("composite", context);
    for (const [name, value] of Object.entries(DEAF)) expect(defaults[name], name).toBe(value);
    const without = contextOf();
    const rows = randomRows(without, 200, 5);
    const width = without.schema.features.length;
    const wide = context.schema.features.length;
    const padded = new Float64Array(200 * wide).fill(0.7);
    for (let b = 0; b < 200; b++) padded.set(rows.subarray(b * width, (b + 1) * width), b * wide);
    expect(intentsOf(createBaseline("composite", {}, context), context, padded)).toEqual(
      intentsOf(createBaseline("composite", {}, without), without, rows),
    );
  });
});
