import { describe, expect, it } from "vitest";
import type { PlayedContender } from "../../../src/evaluate/compare.ts";
import { experimentSchema } from "../../../src/evaluate/experiment.ts";
import { JobRunner } from "../../../src/evaluate/jobs.ts";
import { scenarioProblem } from "../../../src/evaluate/optimum/scenario-problem.ts";
import { optimumBand } from "../../../src/evaluate/report-data/optimum-band.ts";

const experiment = experimentSchema.parse({
  kind: "validation",
  scenario: {
    name: "small",
    market: { price: { model: "gbm", initial: 100, volatility: 0.2 } },
    book: { legs: [{ type: "call", quantity: -2 }] },
    account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
    slots: [{ name: "stock", kind: "spot", takerFeeBps: 50 }],
    daysPerYear: 250,
    maturityDays: 8,
    rebalanceDays: 1,
    stepSeconds: 86_400,
  },
  objective: { name: "entropic", riskAversion: 0.02 },
  unit: "pctPremium",
});
const runner = new JobRunner({ experiment, series: {} }, { monotonicSeconds: () => 0, wallMilliseconds: () => 0 });
const arena = runner.arena("test", 1);
const played = (id: string, kind: PlayedContender["kind"], params: Record<string, number>): PlayedContender => ({
  id,
  kind,
  tuned: kind === "baseline",
  params,
  budget: { steps: 0, trials: 0, coreSeconds: 0 },
  tables: [runner.run({ kind: "play", id, params, split: "test", seed: 1, from: 0, episodes: 16 })],
});
const where = { experiment, data: { series: {} }, split: "test", seed: 1, arena } as const;

describe("optimumBand", () => {
  it("measures the optimum beside Whalley and Wilmott at the objective's risk aversion in dollars, and what was tuned", () => {
    const rules = [played("delta-band", "baseline", { halfWidth: 0.07 })];
    const found = optimumBand({ ...where, played: [played("dp-optimum", "oracle", {}), ...rules] })!;
    expect(found.riskAversion).toBe(0.02);
    expect(found.bands.map((b) => b.id)).toEqual(["optimum", "same", "rule"]);
    const middle = found.x.length >> 1;
    const half = (id: string) => {
      const { band } = found.bands.find((b) => b.id === id)!;
      return 0.5 * (band.upper[middle]! - band.lower[middle]!);
    };
    expect(half("rule")).toBeCloseTo(0.07, 3);
    const { unitUsd } = scenarioProblem(experiment.scenario, experiment.unit);
    const gamma = 0.3989 / (100 * 0.2 * Math.sqrt(4 / 250));
    // A book of two: half as wide per unit of book at the same risk aversion in dollars as a book of one, to the cube root.
    const expected = Math.cbrt((1.5 * 0.005 * 100 * gamma ** 2) / ((0.02 / unitUsd) * 2));
    expect(half("same") / expected).toBeCloseTo(1, 2);
    expect(half("optimum")).toBeGreaterThan(0.01);
    expect(half("optimum")).toBeLessThan(half("same"));
  });

  it("is nothing where the optimum was not played", () => {
    expect(optimumBand({ ...where, played: [played("delta-band", "baseline", { halfWidth: 0.07 })] })).toBeUndefined();
  });
});
