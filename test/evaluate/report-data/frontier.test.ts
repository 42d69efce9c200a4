import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/core/errors.ts";
import { costSamples } from "../../../src/evaluate/report-data/cost-samples.ts";
import { frontier, sweepWidth } from "../../../src/evaluate/report-data/frontier.ts";
import { learningCurve } from "../../../src/evaluate/report-data/learning-curve.ts";
import { Arena } from "../../../src/evaluate/rollout.ts";
import { NO_DATA, playRules, smallExperiment } from "./small.ts";

const experiment = smallExperiment();
const arena = new Arena(experiment, "select", 3, NO_DATA, 100);
const params = { halfWidth: 0.1, initialHedge: 0.5 };
const played = playRules(
  arena,
  [
    ["never", {}],
    ["delta-band", params],
  ],
  200,
);

describe("frontier", () => {
  const sweep = sweepWidth({ experiment, arena, params, widths: 5, episodes: 200 });
  const { points, sweeps } = frontier(experiment, played, [sweep]);

  it("has the mean and the sample standard deviation of every contender's costs", () => {
    const costs = Array.from(played[0]!.tables[0]!.costs);
    const mean = costs.reduce((s, c) => s + c, 0) / 200;
    const sd = Math.sqrt(costs.reduce((s, c) => s + (c - mean) ** 2, 0) / 199);
    expect(points.map((p) => p.id)).toEqual(["never", "delta-band"]);
    expect(points[0]!.mean).toBeCloseTo(mean, 9);
    expect(points[0]!.sd).toBeCloseTo(sd, 9);
  });

  it("sweeps through the tuned rule's own point, with the other parameters kept", () => {
    expect(sweeps).toEqual([sweep]);
    const middle = sweep.points[2]!;
    expect(middle).toEqual({ width: 0.1, mean: points[1]!.mean, sd: points[1]!.sd });
    const logs = sweep.points.map((p) => Math.log(p.width));
    for (let i = 1; i < 5; i++) expect(logs[i]! - logs[i - 1]!).toBeCloseTo(Math.log(6) / 2, 12);
  });

  it("goes from dear and safe to cheap and risky", () => {
    const first = sweep.points[0]!;
    const last = sweep.points[4]!;
    expect(first.mean).toBeGreaterThan(last.mean);
    expect(first.sd).toBeLessThan(last.sd);
  });

  it("sweeps around a sensible width where the tuned one is 0 or without bound", () => {
    const widths = (halfWidth: number) =>
      sweepWidth({ experiment, arena, params: { halfWidth }, widths: 3, episodes: 10 }).points.map((p) => p.width);
    expect(widths(0)[1]).toBe(0.01);
    expect(widths(1e6)[1]).toBe(0.5);
  });

  it("refuses a rule without a half-width", () => {
    expect(() => sweepWidth({ experiment, arena, id: "never", params: {} })).toThrow(ConfigError);
  });
});

describe("costSamples", () => {
  it("keeps every cost where they are few", () => {
    const [sample] = costSamples(played);
    expect(sample!.costs).toEqual(Array.from(played[0]!.tables[0]!.costs));
  });

  it("takes evenly spaced ones where they are many, over all training seeds", () => {
    const table = played[0]!.tables[0]!;
    const numbered = (from: number) => ({ ...table, costs: Float64Array.from({ length: 6 }, (_, i) => from + i) });
    const two = { ...played[0]!, tables: [numbered(0), numbered(100)] };
    expect(costSamples([two], 4)).toEqual([{ id: "never", costs: [0, 3, 100, 103] }]);
    expect(costSamples([two], 12)[0]!.costs).toHaveLength(12);
  });
});

describe("learningCurve", () => {
  it("writes null where nothing was measured, and keeps seeds, steps and references", () => {
    const curve = [
      { step: 0, objective: 80, meanReturn: Number.NaN },
      { step: 512, objective: Number.NaN, meanReturn: -4 },
    ];
    expect(learningCurve([{ seed: 7, curve }], [{ id: "composite", objective: 79 }])).toEqual({
      seeds: [{ seed: 7, steps: [0, 512], objective: [80, null], return: [null, -4] }],
      references: [{ id: "composite", objective: 79 }],
    });
  });
});
