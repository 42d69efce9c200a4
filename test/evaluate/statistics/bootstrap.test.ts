import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/random.ts";
import { type Objective, objectiveOf } from "../../../src/evaluate/objectives.ts";
import { bootstrapObjectives } from "../../../src/evaluate/statistics/bootstrap.ts";
import { percentileInterval, sampleSd } from "../../../src/evaluate/statistics/quantile.ts";

const OBJECTIVES: readonly Objective[] = [
  { name: "mean" },
  { name: "mean-plus-sd", k: 1.5 },
  { name: "cvar", level: 0.9 },
  { name: "entropic", riskAversion: 0.5 },
];

function normals(n: number, seed: number, scale = 1): Float64Array {
  const random = new Random(seed, "test");
  return Float64Array.from({ length: n }, () => scale * random.normal());
}

describe("bootstrapObjectives", () => {
  it("recomputes the objective inside each resample: two episodes give three possible values", () => {
    for (const objective of OBJECTIVES) {
      const row = Float64Array.of(1, 5);
      const { replicates, estimates } = bootstrapObjectives(objective, [row], { seed: 1, resamples: 200 });
      // 2 observations: deviations are widened by sqrt(2) 12.7062 / 1.95996.
      const widening = (Math.SQRT2 * 12.706204736) / 1.959963985;
      const possible = [Float64Array.of(1, 1), Float64Array.of(5, 5), row].map(
        (resample) => estimates[0]! + widening * (objectiveOf(objective, resample) - estimates[0]!),
      );
      for (const value of replicates[0]!)
        expect(Math.min(...possible.map((p) => Math.abs(p - value)))).toBeLessThan(1e-6);
      expect(new Set(Array.from(replicates[0]!, (x) => x.toFixed(6))).size).toBeGreaterThan(1);
    }
  });

  it("draws the same paths for every row: a shifted row has shifted replicates", () => {
    const row = normals(300, 3);
    for (const objective of OBJECTIVES) {
      const { replicates } = bootstrapObjectives(objective, [row, row.map((c) => c + 2)], { seed: 4, resamples: 50 });
      for (let b = 0; b < 50; b++) expect(replicates[1]![b]! - replicates[0]![b]!).toBeCloseTo(2, 10);
    }
  });

  it("has the standard error of the mean that theory gives, and of mean + k sd", () => {
    const n = 2000;
    const row = normals(n, 8, 3);
    const mean = bootstrapObjectives({ name: "mean" }, [row], { seed: 1 }).replicates[0]!;
    expect(sampleSd(mean) / (sampleSd(row) / Math.sqrt(n))).toBeCloseTo(1, 1);
    // Normal costs: var(mean + k sd) = s² (1 + k²/2) / n.
    const risky = bootstrapObjectives({ name: "mean-plus-sd", k: 2 }, [row], { seed: 1 }).replicates[0]!;
    expect(sampleSd(risky) / (3 * Math.sqrt(3 / n))).toBeCloseTo(1, 1);
  });

  it("draws whole blocks: repeating every episode ten times in its block changes nothing", () => {
    const once = normals(40, 2);
    const tenfold = Float64Array.from({ length: 400 }, (_, i) => once[Math.floor(i / 10)]!);
    const blocks = Int32Array.from({ length: 400 }, (_, i) => 1000 + Math.floor(i / 10));
    const plain = bootstrapObjectives({ name: "mean" }, [once], { seed: 3, resamples: 100 });
    const blocked = bootstrapObjectives({ name: "mean" }, [tenfold], { seed: 3, resamples: 100, blocks });
    expect(blocked.effectiveEpisodes).toBe(40);
    for (let b = 0; b < 100; b++) expect(blocked.replicates[0]![b]).toBeCloseTo(plain.replicates[0]![b]!, 12);
  });

  it("covers the true objective in 12 independent windows about as often as it says", () => {
    // Stated false-alarm rate: with coverage 95%, 400 trials leave [0.915, 0.98] with probability below 0.3%.
    let covered = 0;
    for (let trial = 0; trial < 400; trial++) {
      const { replicates } = bootstrapObjectives({ name: "mean" }, [normals(12, 1000 + trial)], {
        seed: trial,
        resamples: 400,
      });
      const [low, high] = percentileInterval(replicates[0]!);
      if (low <= 0 && 0 <= high) covered++;
    }
    expect(covered / 400).toBeGreaterThan(0.915);
    expect(covered / 400).toBeLessThan(0.98);
  });

  it("survives entropic resamples that miss the one ruinous episode", () => {
    const row = Float64Array.from({ length: 30 }, (_, i) => (i === 0 ? 5000 : i / 30));
    const { replicates } = bootstrapObjectives({ name: "entropic", riskAversion: 1 }, [row], { seed: 1 });
    expect(replicates[0]!.every(Number.isFinite)).toBe(true);
    expect(Math.min(...replicates[0]!)).toBeLessThan(10);
  });

  it("refuses costs that are not finite, rows of unequal length and a single block", () => {
    const rows = [Float64Array.of(1, 2, 3), Float64Array.of(1, Number.NaN, 3)];
    expect(() => bootstrapObjectives({ name: "mean" }, rows, { seed: 1 })).toThrow("row 1, episode 1");
    expect(() => bootstrapObjectives({ name: "mean" }, [rows[0]!, new Float64Array(2)], { seed: 1 })).toThrow("length");
    expect(() => bootstrapObjectives({ name: "mean" }, [rows[0]!], { seed: 1, blocks: [4, 4, 4] })).toThrow(
      "at least two independent",
    );
  });
});
