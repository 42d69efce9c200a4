import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadExperiment } from "../../src/cli/experiment-file.ts";
import { NEW_EXPERIMENT } from "../../src/cli/new-experiment.ts";
import { recordTouch, touchCount, touchesPath } from "../../src/cli/touches.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { parseTestTouches } from "../../src/evaluate/test-touches.ts";
import { acquireLock } from "../../src/store/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "greekgym-touches-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const experiment = join(folder, "experiment.yaml");
writeFileSync(experiment, NEW_EXPERIMENT);

const touch = (seed: number) => ({ scenario: "s", scenarioHash: "h", episodes: 10, seed, contenders: ["never"] });

describe("a look at the test split", () => {
  it("is never lost where several are recorded at once, and the chain holds", async () => {
    const counts = await Promise.all(Array.from({ length: 8 }, (_, seed) => recordTouch(experiment, touch(seed))));
    expect(counts.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const touches = parseTestTouches(readFileSync(touchesPath(experiment), "utf8"));
    expect(new Set(touches.map((t) => t.seed)).size).toBe(8);
    expect(touchCount(experiment, "h")).toBe(8);
    expect(touchCount(experiment, "other")).toBe(0);
  });

  it("waits while another process holds the log", async () => {
    const lock = await acquireLock(touchesPath(experiment), "the log");
    let done = false;
    const recording = recordTouch(experiment, touch(9)).then((count) => {
      done = true;
      return count;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(done).toBe(false);
    lock.release();
    expect(await recording).toBe(9);
  });
});

describe("an experiment's kind", () => {
  it.each(["kind=validation", "kind = validation", "kind=experiment"])("cannot be overridden: --set %s", (setting) => {
    expect(() => loadExperiment(experiment, ["compare.episodes=20", setting])).toThrow(ConfigError);
    expect(() => loadExperiment(experiment, [setting])).toThrow("it decides which split may be looked at");
  });

  it("is not mistaken for the kind of a part", () => {
    expect(() => loadExperiment(experiment, ["scenario.kind=x"])).not.toThrow("which split may be looked at");
  });
});
