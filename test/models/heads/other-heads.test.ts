import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { makeHead } from "../../../models/heads/head.ts";
import type { HeadSpec } from "../../../src/core/contracts/heads.ts";
import { INTENT, INTENT_KIND, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import { ConfigError, ContractError } from "../../../src/core/errors.ts";
import { contextOf, rowOf } from "../../agents/baselines/market.ts";

const context = contextOf({
  bookSize: 4,
  slots: [
    { name: "inverse", kind: "inverse-perpetual" },
    { name: "option", kind: "option" },
  ],
});
const units = { slot0_unit_delta: 0.1, slot1_unit_delta: 0.5 };

function changes(
  spec: HeadSpec,
  actions: Float32Array | Int32Array,
  row: Float64Array,
  market: PolicyContext = context,
) {
  const out = new Float64Array(market.slots.length * INTENT_WIDTH).fill(Number.NaN);
  makeHead(spec, market).toIntents(1, actions, row, out);
  return market.slots.map((_, s) => out[s * INTENT_WIDTH + INTENT.change]!);
}

describe("The gate+size head", () => {
  const spec: HeadSpec = { head: "gate+size", maxChange: 0.5 };

  it("trades a slot only where its gate is open, in its own units", () => {
    const row = rowOf(context, units);
    expect(changes(spec, Float32Array.of(0.1, -1, 1, 0.5), row)).toEqual([(-0.5 * 4) / 0.1, 0.25 * 4]);
    expect(changes(spec, Float32Array.of(-0.1, -1, 0, 0.5), row)).toEqual([0, 0]);
    expect(changes(spec, Float32Array.of(5, 9, 5, -9), row)).toEqual([(0.5 * 4) / 0.1, -0.5 * 4]);
  });

  it("refuses a size that is not positive", () => {
    expect(() => makeHead({ head: "gate+size", maxChange: 0 }, context)).toThrow(/head.maxChange/);
  });
});

describe("The target head", () => {
  const spec: HeadSpec = { head: "target", maxPosition: 2 };

  it("trades the difference between the wanted position and what is held or on its way", () => {
    const row = rowOf(context, { ...units, slot0_position: 0.3, slot0_pending: 0.2, slot1_position: 0.25 });
    const [hedge, option] = changes(spec, Float32Array.of(0.5, 0.5), row);
    expect(hedge).toBeCloseTo(((1 - 0.5) * 4) / 0.1, 10);
    expect(option).toBeCloseTo((1 - 0.5) * 4, 10);
  });

  it("trades nothing at the target, nor what has no delta", () => {
    const row = rowOf(context, { slot0_unit_delta: 0.1, slot0_position: 1, slot1_unit_delta: 0 });
    expect(changes(spec, Float32Array.of(0.5, 1), row)).toEqual([0, 0]);
  });
});

describe("The menu head", () => {
  const spec: HeadSpec = { head: "menu", fractions: [0, 0.25, 1], minimumTrade: 0.2 };

  it("goes a fraction of the way to the centre", () => {
    const row = rowOf(context, { ...units, delta: -0.8 });
    expect(changes(spec, Int32Array.of(0), row)).toEqual([0, 0]);
    expect(changes(spec, Int32Array.of(1), row)[0]).toBeCloseTo((0.2 * 4) / 0.1, 10);
    expect(changes(spec, Int32Array.of(2), row)[0]).toBeCloseTo((0.8 * 4) / 0.1, 10);
  });

  it("takes its centre from a rule where it has one", () => {
    const market = contextOf();
    const rule = createBaseline("delta-band", { centreVolatility: 1.5 }, market).rule!;
    const row = rowOf(market, { leg0_log_moneyness: 0.1 });
    const out = new Float64Array(INTENT_WIDTH);
    makeHead({ head: "menu", fractions: [0, 1] }, market, rule).toIntents(1, Int32Array.of(1), row, out);
    const full = new Float64Array(INTENT_WIDTH);
    createBaseline("delta-band", { centreVolatility: 1.5, halfWidth: 0 }, market).decide(
      1,
      row,
      new Uint8Array(row.length).fill(1),
      new Float64Array(0),
      new Uint8Array(0),
      full,
    );
    expect(out[INTENT.change]).toBeCloseTo(full[INTENT.change]!, 14);
    expect(full[INTENT.kind]).toBe(INTENT_KIND.trade);
  });

  it("masks choices below the lot and never the one that trades nothing; a masked choice trades nothing", () => {
    const head = makeHead(spec, context);
    if (head.kind !== "discrete") throw new TypeError("expected a discrete head");
    const masks: number[][] = [];
    for (const exposure of [-1, -0.3, 0.1, 0]) {
      const mask = new Uint8Array(3).fill(7);
      head.mask!(1, rowOf(context, { ...units, delta: exposure }), mask);
      masks.push([...mask]);
    }
    expect(masks).toEqual([
      [1, 1, 1],
      [1, 0, 1],
      [1, 0, 0],
      [1, 0, 0],
    ]);
    expect(changes(spec, Int32Array.of(1), rowOf(context, { ...units, delta: -0.3 }))).toEqual([0, 0]);
  });

  it("refuses menus without a 0 or with repeats, and actions off the menu", () => {
    for (const fractions of [[0.5, 1], [0, 0.5, 0.5], [0], [0, Number.NaN]])
      expect(() => makeHead({ head: "menu", fractions }, context)).toThrow(ConfigError);
    expect(() => changes(spec, Int32Array.of(3), rowOf(context))).toThrow(ContractError);
  });
});

describe("makeHead", () => {
  it("names the nearest head", () => {
    expect(() => makeHead({ head: "bnad" } as unknown as HeadSpec, context)).toThrow(/Did you mean "band"/);
  });
});
