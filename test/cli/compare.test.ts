import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { differences } from "../../src/cli/flatten.ts";
import { ATTRIBUTION_PARTS, type EvaluationResult } from "../../src/core/contracts/evaluation.ts";
import { greekgym, program, start, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "tiny.yaml"), TINY);
writeFileSync(join(folder, "judged.yaml"), TINY.replace("kind: demo", "kind: experiment"));

async function compare(...args: string[]): Promise<EvaluationResult> {
  const { code, stdout, stderr } = await greekgym(["compare", ...args, "--json"], folder);
  expect(stderr).not.toContain("unexpected");
  expect(code).toBe(0);
  return JSON.parse(stdout) as EvaluationResult;
}

describe("compare --json", () => {
  let result: EvaluationResult;
  beforeAll(async () => {
    result = await compare("tiny.yaml", "--workers", "1");
  });

  it("has every field of the contract in docs/design.md §8, and nothing but JSON on stdout", () => {
    expect(Object.keys(result)).toEqual(
      expect.arrayContaining([
        ...["scenario", "objective", "episodes", "splits", "split", "contenders", "best", "paired", "verdict"],
        "testTouches",
      ]),
    );
    expect(result.objective).toMatchObject({ name: "mean-plus-sd", unit: "bps of notional", direction: "minimise" });
    expect(Object.keys(result.splits)).toEqual(["train", "select", "test"]);
    expect(result.contenders.map((c) => c.id).sort()).toEqual(["delta", "delta-band", "never"]);
    for (const c of result.contenders) {
      expect(Object.keys(c)).toEqual(
        expect.arrayContaining([
          ...["id", "kind", "tuned", "params", "budget", "objective", "mean", "sd", "cvar95", "maxDrawdown"],
          ...["turnover", "fees", "gas", "slippage", "rebalances", "outsideBounds", "liquidations"],
        ]),
      );
      expect(Object.keys(c.budget)).toEqual(["steps", "trials", "coreSeconds"]);
    }
    expect(Object.keys(result.best)).toEqual(["baseline", "overall"]);
    for (const p of result.paired)
      expect(Object.keys(p).sort()).toEqual([
        "a",
        "b",
        "ci95",
        "difference",
        "probabilityOfImprovement",
        "simultaneousCi95",
      ]);
    expect(result.verdict).toMatchObject({ value: "inconclusive", delta: 0.02, against: result.best.baseline });
    expect(result.testTouches).toBe(0);
  });

  it("orders contenders by objective, lower first, and attributes each mean cost in full", () => {
    const objectives = result.contenders.map((c) => c.objective);
    expect(objectives).toEqual([...objectives].sort((a, b) => a - b));
    for (const c of result.contenders) {
      const profit = ATTRIBUTION_PARTS.reduce((sum, part) => sum + c.attribution[part], 0);
      expect(profit).toBeCloseTo(-c.mean, 6);
    }
  });

  it("is the same for any number of workers, core-seconds apart", async () => {
    const two = await compare("tiny.yaml", "--workers", "2");
    expect(differences(result, two, ["coreSeconds"])).toEqual([]);
  });

  it("plays other episodes for another seed, and as many as asked for", async () => {
    const other = await compare("tiny.yaml", "--contenders", "delta", "--seed", "2", "--episodes", "32");
    expect(other.episodes).toBe(32);
    expect(other.contenders[0]!.mean).not.toBe(result.contenders.find((c) => c.id === "delta")!.mean);
  });
});

describe("the test split of an experiment", () => {
  it("is left alone by compare and evaluate, and each look of compare --final is logged", async () => {
    const log = join(folder, "test-touches.jsonl");
    expect((await compare("judged.yaml", "--contenders", "delta")).split).toBe("select");
    const { stdout } = await greekgym(
      ["evaluate", "delta", "--scenario", "judged.yaml", "--episodes", "8", "--json"],
      folder,
    );
    expect(JSON.parse(stdout)).toMatchObject({ split: "select", episodes: 8, contenders: [{ id: "delta" }] });
    expect(existsSync(log)).toBe(false);
    const first = await compare("judged.yaml", "--contenders", "delta", "--final");
    expect([first.split, first.testTouches]).toEqual(["test", 1]);
    expect((await compare("judged.yaml", "--contenders", "delta", "--final")).testTouches).toBe(2);
    const text = readFileSync(log, "utf8");
    expect(text.trim().split("\n")).toHaveLength(2);

    writeFileSync(log, text.replace('"episodes":64', '"episodes":63'));
    const { code, stderr } = await greekgym(["compare", "judged.yaml", "--contenders", "delta"], folder);
    expect(stderr).toContain("test-touches: ");
    expect(stderr).toContain("line 1");
    expect(code).toBe(1);
    writeFileSync(log, text);
  });
});

describe("tune and evaluate", () => {
  it("tune prints baseline, params, objective and budget; evaluate plays those very parameters", async () => {
    const tuned = JSON.parse(
      (await greekgym(["tune", "delta-band", "--scenario", "tiny.yaml", "--json"], folder)).stdout,
    ) as {
      baseline: string;
      params: Record<string, number>;
      objective: number;
      budget: { trials: number };
    };
    expect(tuned.baseline).toBe("delta-band");
    expect(tuned.budget.trials).toBe(8);
    const evaluate = async (contender: string) => {
      const args = ["evaluate", contender, "--scenario", "tiny.yaml", "--json"];
      return JSON.parse((await greekgym(args, folder)).stdout) as EvaluationResult;
    };
    const params = Object.entries(tuned.params).map(([name, value]) => `${name}=${value}`);
    const asGiven = (await evaluate(`delta-band(${params.join(";")})`)).contenders[0]!;
    const asTuned = (await evaluate("delta-band")).contenders[0]!;
    expect([asGiven.tuned, asTuned.tuned]).toEqual([false, true]);
    expect(asGiven.objective).toBe(asTuned.objective);
  });

  it("a rule with parameters leaves nothing to tune", async () => {
    const { code, stderr } = await greekgym(["tune", "delta-band(halfWidth=0.1)", "--scenario", "tiny.yaml"], folder);
    expect(stderr).toContain("leaves nothing to tune");
    expect(code).toBe(2);
  });
});

describe("Ctrl-C", () => {
  it.each(["1", "2"])("ends a comparison with 130 and no result, with %s workers", async (workers) => {
    const long = [
      "--set",
      "tune.trials=40",
      "--set",
      "tune.episodes=20000",
      "--contenders",
      "delta-band,never,interval",
    ];
    const running = start(
      process.execPath,
      [program, "compare", "tiny.yaml", ...long, "--workers", workers, "--json"],
      folder,
    );
    await running.told("tuning rules: 0 of 3");
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).toContain("interrupted: Stopped before the end");
    expect(stdout).toBe("");
    expect(code).toBe(130);
  });
});
