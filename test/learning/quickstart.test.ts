import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EvaluationResult } from "../../src/core/contracts/evaluation.ts";
import { verdictValue } from "../../src/evaluate/verdict.ts";

const main = resolve("dist/src/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "greekgym-quickstart-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Finished {
  readonly evaluation: EvaluationResult;
  readonly steps: number;
  readonly stepsPerSecond: number;
}

function train(seed: number): Finished {
  const rules = "compare.contenders=[delta-band,gas-aware,composite]";
  const args = [main, "train", "experiments/quickstart.yaml", "--seed", String(seed), "--out", folder, "--json"];
  const text = execFileSync(process.execPath, [...args, "--set", rules], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(text) as Finished;
}

/** The rule that the learned policy is held against, on the scenario's own test episodes. */
const against = (f: Finished, rule: string) => f.evaluation.paired.find((p) => p.a === "ppo" && p.b === rule)!;

describe("the quickstart, on training seeds 1 to 5", () => {
  const runs = [1, 2, 3, 4, 5].map((seed) => ({ seed, finished: train(seed) }));
  for (const { seed, finished } of runs) {
    const delta = against(finished, "delta-band");
    const composite = against(finished, "composite");
    process.stderr.write(
      `seed ${seed}: minus delta-band ${delta.difference.toFixed(2)} [${delta.ci95.map((x) => x.toFixed(2))}], ` +
        `minus composite ${composite.difference.toFixed(2)} [${composite.ci95.map((x) => x.toFixed(2))}], ` +
        `${finished.evaluation.verdict.value}, training ${(finished.steps / finished.stepsPerSecond).toFixed(0)} s\n`,
    );
  }

  it("beats the tuned fixed delta band by its paired interval on at least four", () => {
    const wins = runs.filter(({ finished }) => against(finished, "delta-band").ci95[1] < 0);
    expect(wins.length).toBeGreaterThanOrEqual(4);
  });

  it("is better than the composite band or equivalent to it within δ, by its paired interval, on at least four", () => {
    const fine = runs.filter(({ finished }) => {
      const { ci95 } = against(finished, "composite");
      const composite = finished.evaluation.contenders.find((c) => c.id === "composite")!;
      return ["better", "equivalent"].includes(verdictValue(ci95, 0.02 * composite.objective));
    });
    expect(fine.length).toBeGreaterThanOrEqual(4);
  });

  it("is what training found, not the rule that it started from, on at least four", () => {
    const unchanged = (f: Finished) => f.evaluation.verdict.sentence.includes("Training improved nothing");
    expect(runs.filter(({ finished }) => !unchanged(finished)).length).toBeGreaterThanOrEqual(4);
  });
});
