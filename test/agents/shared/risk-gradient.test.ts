import { describe, expect, it } from "vitest";
import { type RiskObjective, riskGradient } from "../../../agents/shared/risk-gradient.ts";
import { Random } from "../../../src/core/random.ts";
import { objectiveOf } from "../../../src/evaluate/objectives.ts";

const OBJECTIVES: readonly RiskObjective[] = [
  { name: "mean" },
  { name: "mean-plus-sd", k: 1.5 },
  { name: "cvar", level: 0.93 },
  { name: "entropic", riskAversion: 0.4 },
];

const random = new Random(3, "test/costs");
const costs = Float64Array.from({ length: 50 }, () => 10 + 4 * random.normal());

describe.each(OBJECTIVES.map((o) => [o.name, o] as const))("the gradient of %s", (_, objective) => {
  it("comes with the value that comparisons use", () => {
    expect(riskGradient(objective, costs, new Float64Array(50))).toBeCloseTo(objectiveOf(objective, costs), 10);
  });

  it("agrees with central differences and sums to 1: a cost for all is a cost", () => {
    const gradient = new Float64Array(50);
    riskGradient(objective, costs, gradient);
    for (let i = 0; i < 50; i++) {
      const value = (h: number) =>
        objectiveOf(
          objective,
          costs.map((c, k) => (k === i ? c + h : c)),
        );
      expect(gradient[i]).toBeCloseTo((value(1e-5) - value(-1e-5)) / 2e-5, 7);
    }
    expect(gradient.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});

describe("the gradient of mean plus sd", () => {
  it("is that of the mean where costs do not vary", () => {
    const gradient = new Float64Array(4);
    expect(riskGradient({ name: "mean-plus-sd", k: 2 }, new Float64Array(4).fill(3), gradient)).toBe(3);
    expect([...gradient]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});
