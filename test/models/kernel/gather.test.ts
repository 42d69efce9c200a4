import { describe, expect, it } from "vitest";
import { trainingEngine } from "../../../models/kernel/engine.ts";
import { KernelTeam } from "../../../models/kernel/team.ts";

const alone = () => {
  throw new Error("A team of one starts no thread.");
};

describe("gathering rows in the engine's memory", () => {
  it("copies the rows asked for, in their order, of any width, and touches nothing beyond", () => {
    const engine = trainingEngine(1, new KernelTeam(1, alone));
    for (const width of [1, 3, 4, 7, 24]) {
      const from = engine.array(50 * width);
      for (let i = 0; i < from.length; i++) from[i] = i + 1;
      const rows = Uint32Array.from([49, 0, 7, 7, 30]);
      const to = engine.array(6 * width).fill(-1);
      expect(engine.gather!(from, width, rows, to)).toBe(true);
      const expected = [...rows].flatMap((row) => [...from.subarray(row * width, (row + 1) * width)]);
      expect([...to]).toEqual([...expected, ...new Array<number>(width).fill(-1)]);
    }
  });

  it("leaves arrays alone that are not the engine's", () => {
    const engine = trainingEngine(1, new KernelTeam(1, alone));
    const other = new Float32Array(8);
    const own = engine.array(8).fill(3);
    expect(engine.gather!(own, 2, Uint32Array.of(1), other)).toBe(false);
    expect(engine.gather!(other, 2, Uint32Array.of(1), own)).toBe(false);
    expect([...other, ...own]).toEqual([...new Array(8).fill(0), ...new Array(8).fill(3)]);
  });
});
