import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EvaluationResult } from "../../src/core/contracts/evaluation.ts";

const main = resolve("dist/src/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "greekgym-placebo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLACEBO = "experiments/validation/placebo.yaml";
const DELTA = 0.02;

/** What the optimum's state and costs need; no flow, no realised volatility, no returns, no trend of the fee. */
const STATE_AND_COSTS = [
  "delta",
  "book_delta",
  "gamma_percent",
  "years_left",
  "time_left",
  "gas_cost_bps",
  "cost_rate_bps",
  "is_first",
  "slot0_position",
  "leg0_log_moneyness",
  "leg0_years",
];

function greekgym(...args: string[]): string {
  return execFileSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

interface Finished {
  readonly dir: string;
  readonly policy: string;
  readonly evaluation: EvaluationResult;
}

function train(algorithm: string, features: "all" | readonly string[]): Finished {
  const set = [
    `agent.algorithm=${algorithm}`,
    `agent.features=${features === "all" ? features : `[${features.join(",")}]`}`,
    // One and the same rule to start from: what it was told must come from the network's inputs.
    "agent.reference=delta-band",
    "compare.contenders=[delta-band,dp-optimum]",
    "tune.trials=60",
    "compare.episodes=64000",
    ...(algorithm === "deep-hedging" ? ["train.steps=1500000"] : []),
  ];
  const out = join(folder, `${algorithm}-${features === "all" ? "all" : "few"}`);
  return JSON.parse(
    greekgym("train", PLACEBO, "--out", out, "--json", ...set.flatMap((s) => ["--set", s])),
  ) as Finished;
}

describe("Where there is nothing to know", () => {
  it("nobody, tuned or learned, beats the dynamic-programming optimum by its interval", () => {
    const { gaps } = JSON.parse(greekgym("compare", PLACEBO, "--json")) as EvaluationResult;
    const left = gaps!.filter((g) => g.oracle === "dp-optimum");
    expect(left.length).toBeGreaterThanOrEqual(8);
    for (const gap of left) expect(gap.ci95[1], gap.contender).toBeGreaterThan(0);
  });

  for (const algorithm of ["deep-hedging", "ppo"])
    it(`information adds nothing to what ${algorithm} learns, within δ by a paired interval`, () => {
      const informed = train(algorithm, "all");
      const plain = train(algorithm, STATE_AND_COSTS);
      const names = `${informed.policy},${plain.policy}`;
      const { contenders, paired } = JSON.parse(
        greekgym("compare", PLACEBO, "--contenders", names, "--episodes", "64000", "--json"),
      ) as EvaluationResult;
      // Two learned policies and no rule: one row, the better of the two minus the other.
      const [row] = paired;
      const isTurned = row!.a === basename(plain.dir);
      const difference = isTurned ? -row!.difference : row!.difference;
      const [low, high] = isTurned ? [-row!.ci95[1], -row!.ci95[0]] : row!.ci95;
      const { objective } = contenders.find((c) => c.id === basename(plain.dir))!;
      process.stderr.write(
        `${algorithm}: all features minus state and costs ${difference.toFixed(2)} ` +
          `[${low.toFixed(2)}, ${high.toFixed(2)}] of ${objective.toFixed(1)}\n`,
      );
      // Lower by less than δ. What inputs without meaning cost a learner (the upper end) is not the question.
      expect(low).toBeGreaterThan(-DELTA * objective);
      for (const { evaluation } of [informed, plain])
        expect(evaluation.gaps!.find((g) => g.contender === algorithm)!.ci95[1]).toBeGreaterThan(0);
      // A learner that learns nothing would pass for the wrong reason.
      if (algorithm === "deep-hedging")
        for (const { evaluation } of [informed, plain]) expect(evaluation.verdict.value).toBe("better");
    });
});
