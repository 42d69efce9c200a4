import { describe, expect, it } from "vitest";
import { BASELINES, baselineIds, createBaseline, defaultParams } from "../../../agents/baselines/registry.ts";
import { mayRead, silence } from "../../../agents/baselines/silence.ts";
import { contextOf, intentsOf, randomRows } from "./market.ts";

const context = contextOf({ stochasticVolatility: true, coinSettled: true }, ["flow", "oracle"]);
const without =
  (...names: string[]) =>
  (feature: string) =>
    !names.includes(feature);

describe("Silencing a rule", () => {
  it("changes the parameters that read what is missing, and no others", () => {
    const tuned = { ...defaultParams("composite", context), flowLean: 0.01, flowToxicity: 1, volatilityExponent: 0.3 };
    const quiet = silence("composite", tuned, context, without("gas_cost_bps", "base_fee_fast"));
    expect(quiet).toEqual({ ...tuned, costExponent: 0, waitMultiple: 1 });
    const noVpin = silence("composite", tuned, context, without("vpin"));
    expect(noVpin).toEqual({ ...tuned, flowToxicity: 0 });
    expect(silence("composite", tuned, context, () => true)).toEqual(tuned);
  });

  it("gives up on a rule that cannot do without", () => {
    expect(silence("oracle-triggered", {}, context, without("oracle_updated"))).toBeUndefined();
    expect(silence("delta-band", {}, context, without("delta"))).toBeUndefined();
  });

  it("leaves rules whose intents never move with what they no longer read", () => {
    const missing = ["gas_cost_bps", "base_fee_fast", "imbalance_fast", "imbalance_slow", "vpin", "trade_rate"];
    for (const id of baselineIds(context)) {
      const params = silence(id, {}, context, without(...missing));
      if (params === undefined) continue;
      const rule = createBaseline(id, params, context);
      const rows = randomRows(context, 100, 3);
      const other = rows.slice();
      const width = context.schema.features.length;
      for (const [f, { name }] of context.schema.features.entries())
        if (!rule.reads.includes(name)) for (let b = 0; b < 100; b++) other[b * width + f] = 7 * Math.sin(b + f);
      expect(intentsOf(rule, context, other), id).toEqual(intentsOf(rule, context, rows));
    }
  });

  it("knows what a rule may come to read once it is tuned", () => {
    expect(createBaseline("composite", {}, context).reads).not.toContain("vpin");
    expect(mayRead("composite", context)).toEqual(
      expect.arrayContaining(["vpin", "imbalance_fast", "base_fee_fast", "gas_cost_bps", "leg0_volatility"]),
    );
    expect(mayRead("delta-band", contextOf())).not.toContain("base_fee_fast");
  });

  it("has a silent value only where the parameter takes it", () => {
    for (const { id, parameters } of BASELINES)
      for (const p of parameters)
        if (p.silent !== undefined)
          expect(p.silent >= p.minimum && p.silent <= p.maximum, `${id}.${p.name}`).toBe(true);
  });
});
