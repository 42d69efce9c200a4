import { describe, expect, it } from "vitest";
import { Bench } from "../../bench/bench.ts";
import { SUITES } from "../../bench/suites.ts";

// Ours alone, with the least of everything: that each line of a suite runs. Speed is never judged here.
describe("each benchmark suite in its tiny form", () => {
  // The memory suite needs built programs of its own; `npm run bench -- memory --tiny` runs it.
  it.each(["kernels", "train", "env", "inference"] as const)("%s gives positive figures", async (name) => {
    const told: string[] = [];
    const bench = new Bench(name, { size: "tiny", rivals: false, tell: (text) => told.push(text) });
    await SUITES[name](bench);
    bench.close();
    expect(bench.results.length).toBeGreaterThan(0);
    for (const r of bench.results.filter((row) => row.measurement !== "cost of full logging and checkpoints")) {
      expect(r.min, r.name).toBeGreaterThan(0);
      expect(r.min <= r.median && r.median <= r.max, r.name).toBe(true);
    }
    expect(new Set(bench.results.map((r) => r.name)).size).toBe(bench.results.length);
    expect(bench.leftOut.size).toBe(0);
    expect(told.every((text) => text.startsWith(`${name}: `))).toBe(true);
  });
});
