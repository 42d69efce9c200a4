import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fences } from "./pages.ts";

/** Everything that a reader is told to run, run with a tiny budget, from the built program. */
const program = resolve("dist/src/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "greekgym-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EXAMPLES: Readonly<Record<string, { args: string[]; says: RegExp }>> = {
  "check-environment.ts": { args: [], says: /^0 findings$/m },
  "other-learner.ts": { args: [], says: /^320 episodes ended/m },
  "own-rule.ts": { args: ["32", "6"], says: /^(better|equivalent|worse|inconclusive): .*patient/m },
  "shadow.ts": { args: [], says: /^recorded one session$/m },
  "train-ppo.ts": { args: ["512"], says: /^done after 512 steps$/m },
  "width-of-the-band.ts": { args: [], says: /^half-width 0\.1: \d+\.\d bps of notional/m },
};

describe("examples", () => {
  it("are all run by this test", () => {
    expect(readdirSync("examples").sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it.each(Object.entries(EXAMPLES))("%s runs and says what it found", (file, { args, says }) => {
    const example = join("examples", file);
    expect(execFileSync(process.execPath, ["--import", "tsx", example, ...args], { encoding: "utf8" })).toMatch(says);
  });
});

const FEW = "compare.contenders=[delta-band,composite]";
const TUNE = [
  "tune.episodes=16",
  "tune.trials=4",
  "compare.episodes=32",
  "compare.resamples=100",
  "train.workers=1",
  "scenario.maturityDays=1",
];
const TRAIN = [
  "train.steps=1024",
  "train.envs=16",
  "train.selectEpisodes=16",
  "agent.ppo.rolloutSteps=32",
  "compare.contenders=[delta-band,composite]",
];
const TINY: Readonly<Record<string, readonly string[]>> = {
  compare: [...TUNE, FEW],
  config: ["train.steps=1024"],
  evaluate: ["scenario.maturityDays=1"],
  record: ["scenario.maturityDays=1"],
  train: [...TUNE, ...TRAIN],
};

/** Words of a command line; double quotes group. */
const words = (line: string) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

function newestRun(where: string): string {
  const runs = readdirSync(join(where, "runs"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const age = (id: string) => statSync(join(where, "runs", id)).mtimeMs;
  return runs.map((r) => r.name).sort((a, b) => age(b) - age(a))[0]!;
}

describe("tutorials and how-tos", () => {
  it.each([
    "docs/tutorials/first-run.md",
    "docs/tutorials/own-experiment.md",
    "docs/how-to/compare-contenders.md",
    "docs/how-to/check-a-market.md",
    "docs/how-to/train-for-a-target.md",
    "docs/how-to/export-a-policy.md",
    "docs/how-to/bring-a-tensorflow-model.md",
  ])("every command of %s works, in its order", (page) => {
    const where = mkdtempSync(join(folder, "page-"));
    const blocks = fences(page);
    const config = blocks.find((f) => f.language === "yaml");
    if (config !== undefined) writeFileSync(join(where, "my-first.yaml"), config.text);
    const lines = blocks.filter((f) => f.language === "sh").flatMap((f) => f.text.split("\n"));
    let ran = 0;
    for (const line of lines.filter((l) => l.startsWith("npx greekgym "))) {
      const own = line.replace("npx greekgym ", "").replace(/ > \S+$/, "");
      const given = words(own.replace(/--episodes \d+/, "--episodes 32"));
      const args = given.map((w) => (w.includes("<id>") ? w.replaceAll("<id>", newestRun(where)) : w));
      const tiny = (TINY[args[0]!] ?? []).flatMap((setting) => ["--set", setting]);
      if (args[0] === "config") tiny.push("--no-probe");
      const out = execFileSync(process.execPath, [program, ...args, ...tiny], {
        cwd: where,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
      expect(out.length, line).toBeGreaterThan(0);
      ran++;
    }
    expect(ran).toBeGreaterThan(2);
  });
});
