import { describe, expect, it } from "vitest";
import { bandFormula } from "../../../agents/baselines/formulas/table.ts";
import { BASELINES, createBaseline, tunable } from "../../../agents/baselines/registry.ts";
import type { Band } from "../../../src/core/contracts/heads.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import { Random } from "../../../src/core/random.ts";
import { NumberFormulas } from "../../support/number-formulas.ts";
import { contextOf, randomRows, rowOf } from "./market.ts";

const MARKETS: Readonly<Record<string, PolicyContext>> = {
  plain: contextOf(),
  "two legs, rates, vega, coin": contextOf({ legs: 2, rate: 0.03, stochasticVolatility: true, coinSettled: true }),
  flow: contextOf({ rate: -0.01 }, ["flow", "oracle", "api"]),
};
const REFERENCES = BASELINES.filter((b) => b.reference);

/** Rows at which formulas could differ: limits of the option formula, of logarithms and of ratios, and what is no number. */
function extremeRows(context: PolicyContext): Float64Array[] {
  return [
    { gamma_percent: 0 },
    { gamma_percent: 1e-9, cost_rate_bps: 0 },
    { gamma_percent: 0.5, years_left: 1e-6, cost_rate_bps: 300 },
    { implied_volatility: 0, realised_volatility_slow: 0 },
    { realised_volatility_slow: 30 },
    { time_left: 0, years_left: 0 },
    { spot: 65_432.1 },
    { delta: Number.NaN },
    { cost_rate_bps: Number.NaN },
    { leg0_quantity: 0, leg0_volatility: Number.NaN },
    { leg0_years: 0 },
    { leg0_years: 0, leg0_log_moneyness: 0.2, leg0_sign: -1 },
    { leg0_volatility: 0, leg0_log_moneyness: -0.2 },
    { leg0_log_moneyness: 5, leg0_volatility: 0.01 },
    { leg0_log_moneyness: 0.9, leg0_volatility: 0.3, leg0_sign: -1 },
  ].map((changes: Record<string, number>) => rowOf(context, changes));
}

function bandsOf(id: string, params: Readonly<Record<string, number>>, context: PolicyContext, row: Float64Array) {
  const rule: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
  createBaseline(id, params, context).rule!.band(row, 0, rule);
  const f = new NumberFormulas(new Map(context.schema.features.map(({ name }, i) => [name, row[i]!])));
  const formula = bandFormula(id, params, context)!<readonly number[], readonly boolean[]>(f);
  return { rule, formula };
}

describe("the formula of a rule's band", () => {
  it("is there for every rule that the band head can start from, and for no other", () => {
    const market = MARKETS.flow!;
    for (const { id, reference, appliesTo } of BASELINES)
      if (appliesTo?.(market) ?? true) expect([id, bandFormula(id, {}, market) !== undefined]).toEqual([id, reference]);
  });

  it("is not there where the rule trades an option slot as well", () => {
    const slots = [
      { name: "perp", kind: "perpetual" as const },
      { name: "call", kind: "option" as const },
    ];
    expect(bandFormula("greeks-band", {}, contextOf({ slots }))).toBeUndefined();
  });

  const cases = REFERENCES.flatMap(({ id, appliesTo }) =>
    Object.entries(MARKETS)
      .filter(([, context]) => appliesTo?.(context) ?? true)
      .map(([name, context]) => ({ id, name, context })),
  );
  it.each(cases)("is the band of $id to 12 digits, in a market with $name", ({ id, context }) => {
    const random = new Random(5, `test/formulas/${id}`);
    const { dimensions, anchors } = tunable(id, context);
    const width = context.schema.features.length;
    const rows = randomRows(context, 20, 17);
    // A long put beside the short call.
    const second = { quantity: 0.5, log_moneyness: -0.1, years: 0.1, sign: -1, volatility: 0.7 };
    for (const [name, value] of Object.entries(context.legs > 1 ? second : {})) {
      const at = context.schema.features.findIndex((f) => f.name === `leg1_${name}`);
      for (let b = 0; b < 20; b++) rows[b * width + at] = value;
    }
    const all = [
      ...Array.from({ length: 20 }, (_, b) => rows.slice(b * width, (b + 1) * width)),
      ...extremeRows(context),
    ];
    const draw = () =>
      dimensions.map(({ low, high, scale }) => {
        const u = random.uniform();
        return scale === "log" ? low * (high / low) ** u : low + (high - low) * u;
      });
    for (const values of [...anchors.map((a) => [...a]), ...Array.from({ length: 10 }, draw)]) {
      const params = Object.fromEntries(dimensions.map(({ name }, i) => [name, values[i]!]));
      for (const row of all) {
        const { rule, formula } = bandsOf(id, params, context, row);
        const scale = Math.max(1, Math.abs(rule.upper - rule.lower));
        for (const key of ["lower", "upper", "centre", "rebalanceTo"] as const) {
          const [wanted, found] = [rule[key], formula[key][0]!];
          const same =
            Object.is(wanted + 0, found + 0) || Math.abs(wanted - found) <= 1e-12 * Math.max(scale, Math.abs(wanted));
          expect(same, `${key} ${found} for ${wanted} at ${JSON.stringify(params)} of ${[...row].join()}`).toBe(true);
        }
      }
    }
  });
});
