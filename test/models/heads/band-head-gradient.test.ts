import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { BandHeadGradient } from "../../../models/heads/band-head-gradient.ts";
import { makeHead } from "../../../models/heads/head.ts";
import { INTENT, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import { Random } from "../../../src/core/random.ts";
import { contextOf, randomRows, rowOf } from "../../agents/baselines/market.ts";

const context = contextOf();
const width = context.schema.features.length;
const column = (name: string) => context.schema.features.findIndex((f) => f.name === name);
const PARAMS = { halfWidth: 0.08, gammaExponent: 0.5, rebalanceTo: 0.37, waitAbove: 0.2, waitMultiple: 2 };
const SCALE = 0.8;

const ruleOf = (baseline: string, params: Record<string, number>) => createBaseline(baseline, params, context).rule!;
const gradientOf = (baseline: string, params: Record<string, number>, edgeWidth = 0) =>
  new BandHeadGradient({ scale: SCALE, edgeWidth }, context, ruleOf(baseline, params));

function randomActions(count: number, seed: number): Float32Array {
  const random = new Random(seed, "test/actions");
  return Float32Array.from({ length: count }, () => 1.6 * random.uniform() - 0.8);
}

describe("the band head with its gradient", () => {
  it("asks for the very trades of the band head", () => {
    const batch = 3000;
    const rows = randomRows(context, batch, 7);
    const actions = randomActions(4 * batch, 8);
    const reference = { baseline: "composite", params: PARAMS };
    const head = makeHead({ head: "band", reference, scale: SCALE }, context, ruleOf("composite", PARAMS));
    const intents = new Float64Array(batch * INTENT_WIDTH);
    head.toIntents(batch, actions, rows, intents);
    const changes = new Float64Array(batch);
    gradientOf("composite", PARAMS, 0.3).changes(batch, actions, rows, changes, new Float64Array(batch));
    const units = changes.map((c, b) => c / rows[b * width + column("slot0_unit_delta")]!);
    expect(units).toEqual(Float64Array.from(changes, (_, b) => intents[b * INTENT_WIDTH + INTENT.change]!));
    expect(changes.filter((c) => c !== 0).length).toBeGreaterThan(1000);
    expect(changes.filter((c) => c === 0).length).toBeGreaterThan(100);
  });

  it("has the derivatives of the change that is traded, away from kinks", () => {
    const batch = 400;
    const rows = randomRows(context, batch, 9);
    const actions = Float64Array.from(randomActions(4 * batch, 10));
    const head = gradientOf("composite", PARAMS);
    const rule = ruleOf("composite", PARAMS);
    const band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
    const [out, other] = [new Float64Array(batch), new Float64Array(batch)];
    const sides = new Float64Array(batch);
    const pulled = new Float64Array(4 * batch);
    head.changes(batch, actions, rows, out, sides);
    let compared = 0;
    for (let b = 0; b < batch; b++) {
      const dExposure = head.pull(actions, 4 * b, rows, b * width, 1.5, 0, pulled);
      if (out[b] === 0) {
        expect([dExposure, ...pulled.subarray(4 * b, 4 * b + 4)].map(Math.abs)).toEqual([0, 0, 0, 0, 0]);
        continue;
      }
      const difference = (array: Float64Array, i: number) => {
        const at = array[i]!;
        const changed = [1e-6, -1e-6].map((h) => {
          array[i] = at + h;
          head.changes(batch, actions, rows, other, sides);
          return other[b]!;
        });
        array[i] = at;
        return (1.5 * (changed[0]! - changed[1]!)) / 2e-6;
      };
      rule.band(rows, b * width, band);
      const raw = band.rebalanceTo + actions[4 * b + 3]!;
      for (let j = 0; j < 4; j++) {
        // Beyond 0 and 1 the share is held, and its gradient is a projection: the next test's.
        if (j === 3 && (raw < 0.01 || raw > 0.99)) continue;
        expect(pulled[4 * b + j]).toBeCloseTo(difference(actions, 4 * b + j), 6);
        compared++;
      }
      expect(dExposure).toBeCloseTo(difference(rows, b * width + column("delta")), 6);
    }
    expect(compared).toBeGreaterThan(400);
  });

  it("lets a share of the way that stands on its bound leave it, and never pushes it further out", () => {
    const head = gradientOf("delta-band", { halfWidth: 0.1 });
    const row = rowOf(context, { delta: 0.3, is_first: 0 });
    const out = new Float64Array(4);
    const atBound = (share: number, dChange: number) => {
      head.pull(Float64Array.of(0, 0, 0, share), 0, row, 0, dChange, 0, out);
      return out[3]!;
    };
    // The way is from 0.1 to 0: a larger share changes the trade by -0.1.
    expect(atBound(0, 2)).toBeCloseTo(-0.2, 12);
    expect(atBound(0, -2)).toBe(0);
    expect(atBound(-0.5, 2)).toBeCloseTo(-0.2, 12);
    expect(atBound(1, 2)).toBe(0);
    expect(atBound(1, -2)).toBeCloseTo(0.2, 12);
  });

  it("finds what moving an edge is worth where a trade begins at once, by the rows on both sides of it", () => {
    // Exposures spread evenly over [-1, 1]; what a trade costs and brings is the same everywhere, so the expectation is a plain sum.
    const count = 40_001;
    const head = gradientOf("delta-band", { halfWidth: 0.2, rebalanceTo: 0.6 }, 0.5);
    const row = rowOf(context, { is_first: 0 });
    const rows = new Float64Array(count * width);
    for (let b = 0; b < count; b++) {
      rows.set(row, b * width);
      rows[b * width + column("delta")] = -1 + (2 * b) / (count - 1);
    }
    const base = Float64Array.of(0.3, -0.2, 0.1, -0.1);
    const [dChange, dTrade] = [0.7, 0.05];
    const changes = new Float64Array(count);
    const sides = new Float64Array(count);
    const all = (values: Float64Array) => Float64Array.from({ length: 4 * count }, (_, i) => values[i % 4]!);
    const expectation = (values: Float64Array) => {
      head.changes(count, all(values), rows, changes, sides);
      let sum = 0;
      for (const c of changes) sum += (dChange * c + (c === 0 ? 0 : dTrade)) / count;
      return sum;
    };
    const pulled = new Float64Array(4 * count);
    const actions = all(base);
    head.changes(count, actions, rows, changes, sides);
    expect(sides.filter((s, b) => s !== 0 && changes[b] !== 0).length).toBe(0);
    const sum = new Float64Array(4);
    for (let b = 0; b < count; b++) {
      head.pull(actions, 4 * b, rows, b * width, dChange, dTrade, pulled);
      for (let j = 0; j < 4; j++) sum[j]! += pulled[4 * b + j]! / count;
    }
    for (let j = 0; j < 4; j++) {
      const h = 0.01;
      const difference =
        (expectation(base.map((v, i) => (i === j ? v + h : v))) -
          expectation(base.map((v, i) => (i === j ? v - h : v)))) /
        (2 * h);
      expect(Math.abs(difference)).toBeGreaterThan(1e-3);
      expect(Math.abs(sum[j]! - difference), `output ${j}: ${sum[j]} for ${difference}`).toBeLessThan(
        0.01 * Math.abs(difference),
      );
    }
  });

  it("changes nothing where the rule holds still", () => {
    const still = {
      band: (
        _f: Float64Array,
        _o: number,
        out: { lower: number; upper: number; centre: number; rebalanceTo: number },
      ) => Object.assign(out, { lower: -Infinity, upper: Infinity, centre: 0, rebalanceTo: 0 }),
    };
    const head = new BandHeadGradient({ scale: 1, edgeWidth: 0.5 }, context, still);
    const out = new Float64Array(4).fill(9);
    expect(head.pull(new Float64Array(4).fill(0.5), 0, rowOf(context), 0, 1, 1, out)).toBe(0);
    expect([...out].map(Math.abs)).toEqual([0, 0, 0, 0]);
  });
});
