import { describe, expect, it } from "vitest";
import type { DiscreteHead } from "../../../models/heads/action-head.ts";
import { makeHead } from "../../../models/heads/head.ts";
import { headFormula, menuMask } from "../../../models/heads/head-formulas.ts";
import type { BandFormula } from "../../../src/core/contracts/formulas.ts";
import type { BandRule, HeadSpec } from "../../../src/core/contracts/heads.ts";
import { INTENT, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import { Random } from "../../../src/core/random.ts";
import { contextOf, rowOf } from "../../agents/baselines/market.ts";
import { NumberFormulas } from "../../support/number-formulas.ts";

const context = contextOf({
  bookSize: 4,
  slots: [
    { name: "inverse", kind: "inverse-perpetual" },
    { name: "option", kind: "option" },
  ],
});
const names = context.schema.features.map((f) => f.name);

/** A band that rows can choose, through features that no head reads: edges may be infinite. */
const RULE: BandRule = {
  band(features, offset, out) {
    const at = (name: string) => features[offset + names.indexOf(name)]!;
    out.centre = at("vega_percent");
    out.lower = out.centre - at("gamma_percent");
    out.upper = out.centre + at("implied_volatility");
    out.rebalanceTo = at("time_left");
  },
};
const FORMULA: BandFormula = (f) => {
  const one = (name: string) => f.features([name]);
  const centre = one("vega_percent");
  return {
    centre,
    lower: f.subtract(centre, one("gamma_percent")),
    upper: f.add(centre, one("implied_volatility")),
    rebalanceTo: one("time_left"),
  };
};

const SPECS: readonly HeadSpec[] = [
  { head: "band", reference: { baseline: "x", params: {} }, scale: 1.3 },
  { head: "gate+size", maxChange: 0.7 },
  { head: "target", maxPosition: 1.5 },
  { head: "menu", fractions: [0.5, 0, 1, -0.25], minimumTrade: 0.05 },
];

function randomRow(random: Random): Float64Array {
  const pick = (...values: number[]) => values[random.integer(values.length)]!;
  return rowOf(context, {
    delta: pick(0, 1e-13, 2 * random.uniform() - 1, Number.NaN, 0.05, 0.1),
    vega_percent: pick(0, 0.2 * random.uniform()),
    gamma_percent: pick(0.1, random.uniform(), Number.POSITIVE_INFINITY),
    implied_volatility: pick(0.1, random.uniform(), Number.POSITIVE_INFINITY),
    time_left: pick(0, 1, random.uniform()),
    slot0_unit_delta: pick(0, 1, -0.3 + random.uniform()),
    slot1_unit_delta: pick(0, 0.5, -random.uniform()),
    slot0_position: pick(0, random.uniform() - 0.5),
    slot1_position: pick(0, random.uniform() - 0.5),
    slot0_pending: pick(0, random.uniform() - 0.5),
  });
}

describe.each(SPECS)("the formula of the $head head", (spec) => {
  const head = makeHead(spec, context, spec.head === "band" ? RULE : undefined);

  it("gives the head's own changes at any features and actions, edges and limits among them", () => {
    const random = new Random(4, `test/head-formulas/${spec.head}`);
    const out = new Float64Array(2 * INTENT_WIDTH);
    for (let trial = 0; trial < 3000; trial++) {
      const row = randomRow(random);
      const f = new NumberFormulas(new Map(names.map((name, i) => [name, row[i]!])));
      const actions = Float64Array.from({ length: head.size }, () => {
        const value = [0, 1, -1, 2 * random.uniform() - 1][random.integer(4)]!;
        return value;
      });
      const choice = Int32Array.of(random.integer(head.size));
      head.toIntents(1, head.kind === "discrete" ? choice : actions, row, out);
      const action = (i: number) => [spec.head === "menu" ? spec.fractions[choice[0]!]! : actions[i]!];
      const found = headFormula<readonly number[], readonly boolean[]>(f, spec, context, action, FORMULA);
      for (const s of [0, 1]) {
        const [wanted, answer] = [out[s * INTENT_WIDTH + INTENT.change]!, found[s]?.[0] ?? 0];
        const same = Object.is(wanted + 0, answer + 0) || Math.abs(wanted - answer) <= 1e-12 * (1 + Math.abs(wanted));
        expect(same, `slot ${s}: ${answer} for ${wanted} at ${actions.join()}, ${choice}, ${[...row].join()}`).toBe(
          true,
        );
      }
    }
  });
});

it("the formula of a menu's mask allows the head's own choices", () => {
  const spec = SPECS[3] as HeadSpec & { head: "menu" };
  const head = makeHead(spec, context) as DiscreteHead;
  const random = new Random(4, "test/head-formulas/mask");
  const mask = new Uint8Array(head.size);
  const seen = new Set<string>();
  for (let trial = 0; trial < 1000; trial++) {
    const row = randomRow(random);
    const f = new NumberFormulas(new Map(names.map((name, i) => [name, row[i]!])));
    head.mask!(1, row, mask);
    const found = menuMask<readonly number[], readonly boolean[]>(f, spec);
    expect(found.map((allowed) => (allowed === true || allowed[0]! ? 1 : 0))).toEqual([...mask]);
    seen.add(mask.join());
  }
  expect(seen.size).toBeGreaterThan(2);
});
