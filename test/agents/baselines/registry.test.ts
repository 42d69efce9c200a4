import { describe, expect, it } from "vitest";
import { parseContender } from "../../../agents/baselines/contender.ts";
import { baselineIds, createBaseline, defaultParams, tunable } from "../../../agents/baselines/registry.ts";
import { checkIntent, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { tune } from "../../../src/evaluate/tuner.ts";
import { changeOf, contextOf, intentsOf, randomRows, rowOf } from "./market.ts";

const context = contextOf();
const informed = contextOf({}, ["flow", "oracle"]);
const rich = contextOf({
  stochasticVolatility: true,
  coinSettled: true,
  slots: [
    { name: "perpetual", kind: "perpetual" },
    { name: "month", kind: "option" },
  ],
});

describe("The registry of baselines", () => {
  it("builds every rule that a market can express, and their intents are finite whatever the features", () => {
    for (const market of [context, rich, informed]) {
      const rows = randomRows(market, 200, 7);
      const zeros = new Float64Array(rows.length);
      for (const id of baselineIds(market))
        for (const features of [rows, zeros]) {
          const out = intentsOf(createBaseline(id, {}, market), market, features);
          for (let o = 0; o < out.length; o += INTENT_WIDTH) checkIntent(out, o, market.slots.length);
        }
    }
  });

  it("leaves out keepers whose clock is faster than the decisions", () => {
    const daily = baselineIds(contextOf({ decisionSeconds: 86_400 }));
    expect(daily).not.toContain("periodic-1h");
    expect(daily).toContain("periodic-48h");
    expect(() => createBaseline("periodic-1h", {}, contextOf({ decisionSeconds: 86_400 }))).toThrow(/cannot express/);
  });

  it("refuses rules that read what the market does not have, and offers them where it has", () => {
    expect(() => createBaseline("toxicity-aware", {}, context)).toThrow(/no order flow \(market\.flow\)/);
    expect(() => createBaseline("oracle-triggered", {}, context)).toThrow(/no oracle \(chain\.oracle\)/);
    expect(baselineIds(context)).not.toContain("toxicity-aware");
    expect(baselineIds(context)).not.toContain("oracle-triggered");
    expect(baselineIds(informed).slice(8, 12)).toEqual([
      "oracle-triggered",
      "gas-aware",
      "toxicity-aware",
      "composite",
    ]);
    expect(createBaseline("toxicity-aware", { flowLean: 0.01 }, informed).requires).toContain("imbalance_fast");
  });

  it("offers the composite band's reading of the flow only where there is flow", () => {
    expect(Object.keys(defaultParams("composite", context))).toEqual([
      "halfWidth",
      "costExponent",
      "gasSize",
      "gammaExponent",
      "timeExponent",
      "volatilityExponent",
      "rebalanceTo",
      "waitAbove",
      "waitMultiple",
      "initialHedge",
      "centreVolatility",
    ]);
    expect(() => createBaseline("composite", { flowLean: 0.01 }, context)).toThrow(/only in other markets/);
    expect(Object.keys(defaultParams("composite", informed))).toContain("flowLean");
  });

  it("offers parameters of the centre only where the market has what they lean on", () => {
    expect(Object.keys(defaultParams("delta-band", context))).toEqual([
      "halfWidth",
      "rebalanceTo",
      "initialHedge",
      "centreVolatility",
    ]);
    expect(Object.keys(defaultParams("delta-band", rich))).toEqual([
      "halfWidth",
      "rebalanceTo",
      "initialHedge",
      "centreVolatility",
      "centreVega",
      "centrePremium",
    ]);
    expect(() => createBaseline("delta-band", { centreVega: 1 }, context)).toThrow(/only in other markets/);
  });

  it("refuses an unknown id, parameter or value with the way to mend it", () => {
    expect(() => createBaseline("delta-bnad", {}, context)).toThrow(/Did you mean "delta-band"/);
    expect(() => createBaseline("delta-band", { halfwidth: 0.1 }, context)).toThrow(/Did you mean "halfWidth"/);
    expect(() => createBaseline("delta", { halfWidth: 0.1 }, context)).toThrow(/no parameters here/);
    expect(() => createBaseline("delta-band", { halfWidth: -0.1 }, context)).toThrow(ConfigError);
    expect(() => createBaseline("delta-band", { initialHedge: 1.5 }, context)).toThrow(/from 0 to 1/);
    expect(() => createBaseline("delta-band", { halfWidth: Number.NaN }, context)).toThrow(/out of range/);
    for (const id of ["hindsight", "dp-optimum"])
      expect(() => createBaseline(id, {}, context)).toThrow(/No baseline is called/);
  });

  it("gives the tuner boxes that hold their starts, and anchors that every rule accepts", () => {
    for (const market of [context, rich, informed])
      for (const id of baselineIds(market)) {
        const { dimensions, anchors } = tunable(id, market);
        for (const d of dimensions) {
          expect(d.start, `${id}.${d.name}`).toBeGreaterThanOrEqual(d.low);
          expect(d.start, `${id}.${d.name}`).toBeLessThanOrEqual(d.high);
        }
        for (const anchor of anchors) {
          expect(anchor.length).toBe(dimensions.length);
          const params = Object.fromEntries(dimensions.map((d, i) => [d.name, anchor[i]!]));
          expect(createBaseline(id, params, market).params).toEqual(params);
        }
        const result = tune({ dimensions, anchors, evaluate: () => 0, budget: { episodes: 32, trials: 12 }, seed: 1 });
        expect(result.params.length).toBe(dimensions.length);
      }
  });

  it("anchors every tuned rule at one that trades nothing and at one that rehedges fully at every decision", () => {
    for (const market of [context, informed]) {
      const rows = randomRows(market, 300, 11);
      const never = intentsOf(createBaseline("never", {}, market), market, rows);
      const full = intentsOf(createBaseline("delta", {}, market), market, rows);
      for (const id of baselineIds(market)) {
        const { dimensions, anchors } = tunable(id, market);
        if (dimensions.length === 0) continue;
        const all = anchors.map((anchor) => {
          const params = Object.fromEntries(dimensions.map((d, i) => [d.name, anchor[i]!]));
          return intentsOf(createBaseline(id, params, market), market, rows);
        });
        const furthest = (out: Float64Array, from: Float64Array) =>
          Math.max(...out.map((x, i) => Math.abs(x - from[i]!)));
        expect(Math.min(...all.map((out) => furthest(out, never))), `${id} never`).toBe(0);
        expect(Math.min(...all.map((out) => furthest(out, full))), `${id} delta`).toBeLessThan(1e-4);
      }
    }
  });

  it("names the features that a rule cannot do without", () => {
    expect(createBaseline("delta-band", {}, context).requires).toEqual(["is_first", "delta", "slot0_unit_delta"]);
    expect(createBaseline("gas-aware", {}, context).requires).not.toContain("gas_cost_bps");
    expect(createBaseline("delta-band", { centreVolatility: 1.1 }, context).requires).toContain("leg0_log_moneyness");
  });

  it("states trades in instrument units", () => {
    const inverse = contextOf({ bookSize: 4, slots: [{ name: "inverse", kind: "inverse-perpetual" }] });
    const delta = createBaseline("delta", {}, inverse);
    expect(changeOf(delta, inverse, rowOf(inverse, { slot0_unit_delta: 0.1 }))).toBeCloseTo((0.5 * 4) / 0.1, 12);
    expect(changeOf(delta, inverse, rowOf(inverse, { slot0_unit_delta: 0 }))).toBe(0);
  });
});

describe("The text of a contender", () => {
  it("is an id to be tuned, or an id with parameters", () => {
    expect(parseContender("delta-band")).toEqual({ id: "delta-band" });
    expect(parseContender(" delta-band( halfWidth=0.09 ; initialHedge=0 ) ")).toEqual({
      id: "delta-band",
      params: { halfWidth: 0.09, initialHedge: 0 },
    });
    expect(parseContender("delta-band()")).toEqual({ id: "delta-band", params: {} });
  });

  it("is read to the last digit", () => {
    const params = { halfWidth: 0.1 + 0.2, riskAversion: 1e-300, wide: Number.POSITIVE_INFINITY };
    const text = "delta-band(halfWidth=0.30000000000000004;riskAversion=1e-300;wide=Infinity)";
    expect(parseContender(text)).toEqual({ id: "delta-band", params });
  });

  it("is refused where it cannot be read", () => {
    expect(() => parseContender("detla-band")).toThrow(/Did you mean/);
    expect(() => parseContender("delta-band(halfWidth)")).toThrow(/name=number/);
    expect(() => parseContender("delta-band(halfWidth=wide)")).toThrow(/not a number/);
    expect(() => parseContender("delta-band(halfWidth=1;halfWidth=2)")).toThrow(/given twice/);
    expect(() => parseContender("delta-band(halfWidth=1")).toThrow(/cannot be read/);
  });
});
