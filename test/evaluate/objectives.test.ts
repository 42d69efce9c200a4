import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.ts";
import { influence, sensitivities } from "../../src/evaluate/influence.ts";
import {
  defaultDelta,
  type Objective,
  ObjectiveSchema,
  objectiveLabel,
  objectiveOf,
} from "../../src/evaluate/objectives.ts";

const ALL: readonly Objective[] = [
  { name: "mean" },
  { name: "mean-plus-sd", k: 1.5 },
  { name: "cvar", level: 0.9 },
  { name: "entropic", riskAversion: 0.7 },
];
const costs = Float64Array.of(1, 2, 3, 4, 10);

describe("objectiveOf", () => {
  it("gives the values worked by hand for 1, 2, 3, 4, 10", () => {
    expect(objectiveOf({ name: "mean" }, costs)).toBeCloseTo(4, 14);
    // Squares about 4: 9 + 4 + 1 + 0 + 36 = 50; 50 / 4 = 12.5.
    expect(objectiveOf({ name: "mean-plus-sd", k: 2 }, costs)).toBeCloseTo(4 + 2 * Math.sqrt(12.5), 13);
    // The worst 40% is 10 and 4; the worst 30% is 10 and half of 4.
    expect(objectiveOf({ name: "cvar", level: 0.6 }, costs)).toBeCloseTo(7, 13);
    expect(objectiveOf({ name: "cvar", level: 0.7 }, costs)).toBeCloseTo((10 + 0.5 * 4) / 1.5, 13);
    // Less than one episode in the tail is the worst episode.
    expect(objectiveOf({ name: "cvar", level: 0.95 }, costs)).toBeCloseTo(10, 13);
    expect(objectiveOf({ name: "entropic", riskAversion: 1 }, Float64Array.of(0, Math.log(3)))).toBeCloseTo(
      Math.log(2),
      14,
    );
  });

  it("stays finite for entropic costs whose exponentials overflow or underflow", () => {
    const far = Float64Array.of(1e6, 1e6 + 1, -1e6);
    const expected = 1e6 + Math.log((1 + Math.E) / 3);
    expect(objectiveOf({ name: "entropic", riskAversion: 1 }, far)).toBeCloseTo(expected, 8);
    expect(objectiveOf({ name: "entropic", riskAversion: 1e-9 }, costs)).toBeCloseTo(4, 6);
  });

  it("takes weights as repetitions", () => {
    const weights = [0, 2, 1, 3, 1];
    const repeated = Float64Array.of(2, 2, 3, 4, 4, 4, 10);
    for (const objective of ALL)
      expect(objectiveOf(objective, costs, weights)).toBeCloseTo(objectiveOf(objective, repeated), 12);
  });

  it("adds a constant that is added to every cost", () => {
    for (const objective of ALL)
      expect(
        objectiveOf(
          objective,
          costs.map((c) => c + 7),
        ),
      ).toBeCloseTo(objectiveOf(objective, costs) + 7, 12);
  });

  it("gives a single episode's cost and refuses none", () => {
    for (const objective of ALL) {
      expect(objectiveOf(objective, Float64Array.of(3))).toBeCloseTo(3, 14);
      expect(() => objectiveOf(objective, new Float64Array(0))).toThrow("at least one episode");
    }
  });
});

describe("influence and sensitivities", () => {
  const random = new Random(5, "test");
  // 43 episodes: the tail of 10% splits an episode.
  const sample = Float64Array.from({ length: 43 }, () => 2 * random.normal() + random.uniform() ** 3);

  it("average 0 and 1", () => {
    const out = new Float64Array(sample.length);
    for (const objective of ALL) {
      influence(objective, sample, out);
      expect(out.reduce((s, x) => s + x, 0) / out.length).toBeCloseTo(0, 12);
      sensitivities(objective, sample, out);
      expect(out.reduce((s, x) => s + x, 0) / out.length).toBeCloseTo(1, 12);
    }
  });

  it("sensitivities are n times the slope in each episode's cost", () => {
    const out = new Float64Array(sample.length);
    for (const objective of ALL) {
      sensitivities(objective, sample, out);
      for (const i of [0, 7, 21, 42]) {
        const up = sample.slice();
        const down = sample.slice();
        up[i]! += 1e-6;
        down[i]! -= 1e-6;
        const slope = (objectiveOf(objective, up) - objectiveOf(objective, down)) / 2e-6;
        expect(out[i]).toBeCloseTo(sample.length * slope, 5);
      }
    }
  });

  it("influence is the slope when one episode gains weight", () => {
    const n = sample.length;
    const out = new Float64Array(n);
    for (const objective of ALL) {
      influence(objective, sample, out);
      for (const i of [0, 7, 21, 42]) {
        const h = 1e-5;
        // Mass moves towards episode i; large counts make the n - 1 of the sample deviation irrelevant.
        const weights = (sign: number) =>
          Float64Array.from({ length: n }, (_, j) => 1e7 * ((1 - sign * h) / n + (i === j ? sign * h : 0)));
        const slope =
          (objectiveOf(objective, sample, weights(1)) - objectiveOf(objective, sample, weights(-1))) / (2 * h);
        // The sample deviation has n - 1 in it: 1.2% of the risk part at 43 episodes.
        expect(Math.abs(out[i]! - slope)).toBeLessThan(0.02 * Math.abs(slope) + 0.02);
      }
    }
  });
});

describe("ObjectiveSchema", () => {
  it("fills in defaults and refuses what it does not know", () => {
    expect(ObjectiveSchema.parse({ name: "mean-plus-sd" })).toEqual({ name: "mean-plus-sd", k: 1.5 });
    expect(ObjectiveSchema.parse({ name: "cvar" })).toEqual({ name: "cvar", level: 0.95 });
    expect(ObjectiveSchema.safeParse({ name: "cvar", level: 1 }).success).toBe(false);
    expect(ObjectiveSchema.safeParse({ name: "mean", k: 1 }).success).toBe(false);
    expect(objectiveLabel({ name: "cvar", level: 0.95 })).toBe("CVaR 95%");
    expect([defaultDelta({ name: "mean" }), defaultDelta({ name: "cvar", level: 0.95 })]).toEqual([0.02, 0.05]);
  });
});
