import { describe, expect, it } from "vitest";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { JobRunner, serialPool } from "../../src/evaluate/jobs.ts";
import { playTables } from "../../src/evaluate/play-contenders.ts";
import { Arena, SLICE } from "../../src/evaluate/rollout.ts";
import { NO_DATA, smallExperiment } from "./report-data/small.ts";

const experiment = smallExperiment();
const clock = { monotonicSeconds: () => 0, wallMilliseconds: () => 0 };
const where = { split: "select" as const, seed: 3 };
const from = 7;
// Whole slices, and a part of one.
const episodes = SLICE + 300;
const params = { halfWidth: 0.1, initialHedge: 0.5 };

describe("playing slice by slice", () => {
  const arena = new Arena(experiment, where.split, where.seed, NO_DATA);
  const policy = createBaseline("delta-band", params, arena.env.context);
  const whole = arena.play(policy, from, episodes);

  it("gives each player the table of all episodes at once", async () => {
    const pool = serialPool(new JobRunner({ experiment, series: {} }, clock), async () => undefined);
    const told: number[] = [];
    const [never, band] = await playTables(
      pool,
      [
        { id: "never", params: {}, ...where },
        { id: "delta-band", params, ...where },
      ],
      from,
      episodes,
      (done) => told.push(done),
    );
    expect(band).toEqual(whole);
    expect(never).toEqual(arena.play(createBaseline("never", {}, arena.env.context), from, episodes));
    expect(told).toEqual([0, 0, 1, 1, 2]);
  });

  it("gives the same table to who plays once, and keeps nothing that would change the next", () => {
    expect(arena.playOnce(policy, from, episodes)).toEqual(whole);
    expect(arena.play(policy, from, 300).costs).toEqual(whole.costs.slice(0, 300));
  });
});
