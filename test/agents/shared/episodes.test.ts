import { describe, expect, it } from "vitest";
import { EpisodeStatistics } from "../../../agents/shared/episodes.ts";
import { CorruptFileError } from "../../../src/core/errors.ts";

describe("episode statistics", () => {
  it("say nothing before an episode has ended, then the means of the ended ones", () => {
    const statistics = new EpisodeStatistics(2);
    statistics.add(0, 1, false);
    statistics.add(1, 5, false);
    expect(statistics.means()).toBeUndefined();
    statistics.add(0, 2, true);
    expect(statistics.means()).toEqual({ return: 3, length: 2 });
    statistics.add(1, 4, true);
    expect(statistics.means()).toEqual({ return: 6, length: 2 });
    expect(statistics.ended).toBe(2);
  });

  it("forget all but the last 100 episodes", () => {
    const statistics = new EpisodeStatistics(1);
    for (let i = 0; i < 50; i++) statistics.add(0, 1000, true);
    for (let i = 0; i < 100; i++) statistics.add(0, i, true);
    expect(statistics.means()?.return).toBe(49.5);
  });

  it("continue from a saved state, running episodes included", () => {
    const a = new EpisodeStatistics(1);
    a.add(0, 1, true);
    a.add(0, 7, false);
    const saved = a.saveState();
    const b = new EpisodeStatistics(1);
    b.loadState(saved);
    for (const s of [a, b]) s.add(0, 3, true);
    expect(b.saveState()).toEqual(a.saveState());
    expect(b.means()?.return).toBe(5.5);
  });

  it("refuse a state of another number of environments and stay as they are", () => {
    const a = new EpisodeStatistics(1);
    a.add(0, 1, true);
    const before = a.saveState();
    expect(() => a.loadState(new EpisodeStatistics(2).saveState())).toThrow(CorruptFileError);
    expect(a.saveState()).toEqual(before);
  });
});
