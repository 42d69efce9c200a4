import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { openRun } from "../../src/store/run-directory.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "greekgym-crash-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Counts to 60 in a run of its own: a random stream as its state, metrics every step, a checkpoint every third. */
const WORKER = `
  import { existsSync, readdirSync } from "node:fs";
  import { join } from "node:path";
  import { ManualClock } from "./src/core/clock.ts";
  import { Random } from "./src/core/random.ts";
  import { createRun, openRun } from "./src/store/run-directory.ts";
  const root = process.argv[1];
  const clock = new ManualClock(0, 1e12);
  const old = existsSync(root) ? readdirSync(root)[0] : undefined;
  const provenance = { gitSha: null, gitDirty: null, lockfileHash: null, engine: "none", node: "x", cpu: "x", cores: 1, platform: "x" };
  const run = old === undefined
    ? await createRun({ root, scenario: "count", algorithm: "none", seed: 1, config: {}, resolvedConfig: "", provenance }, clock)
    : await openRun(join(root, old), clock);
  const random = new Random(1, "count");
  const weights = new Float64Array(2000);
  const checkpoint = run.latestCheckpoint({ info() {}, warn() {} });
  if (checkpoint !== undefined) {
    random.loadState(checkpoint.state.random);
    weights.set(checkpoint.state.weights);
  }
  const from = checkpoint?.step ?? 0;
  if (old !== undefined) run.rewindTo(from);
  run.start(from);
  for (let step = from + 1; step <= 60; step++) {
    weights[step] = random.normal();
    run.metrics(step, { "train/loss": weights[step] });
    if (step % 3 === 0) run.saveCheckpoint(step, { random: random.saveState(), weights }, { best: step % 15 === 0 });
    process.stdout.write(step + "\\n");
  }
  run.finish("done", 60);
  run.close();
`;

/** Runs the worker to its end, or kills it (SIGKILL) as soon as it has told of a step. Returns whether it ended by itself. */
async function work(root: string, killAt: number): Promise<boolean> {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", WORKER, root], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout!.on("data", (chunk: Buffer) => {
    told += chunk.toString();
    if (told.split("\n").length > killAt) child.kill("SIGKILL");
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== null) expect(code).toBe(0);
  return code === 0;
}

function contents(root: string): Record<string, string> {
  const dir = join(root, readdirSync(root)[0]!);
  const names = ["metrics.jsonl", ...readdirSync(join(dir, "checkpoints")).map((name) => join("checkpoints", name))];
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(dir, name), "base64")]));
}

describe("a run killed in the middle of its work", () => {
  it("ends, after resumes, with the bytes of a run that was never killed", async () => {
    const whole = join(folder, "whole");
    const killed = join(folder, "killed");
    expect(await work(whole, Number.POSITIVE_INFINITY)).toBe(true);
    await work(killed, 2);
    await work(killed, 25);
    expect(await work(killed, Number.POSITIVE_INFINITY)).toBe(true);
    expect(contents(killed)).toEqual(contents(whole));
    const run = await openRun(join(killed, readdirSync(killed)[0]!), new ManualClock());
    expect(run.manifest.status).toMatchObject({ state: "done", step: 60 });
    expect(run.manifest.status.resumes).toBeGreaterThanOrEqual(1);
    run.close();
  });
});
