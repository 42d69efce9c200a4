import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { Random } from "../../src/core/random.ts";
import { listCheckpoints, readCheckpoint } from "../../src/store/checkpoint.ts";
import { greekgym, program, start, TINY } from "../cli/greekgym.ts";

/** Three rules to tune, 64 updates on 64 environments with a checkpoint every second, an evaluation, a report. */
const EXPERIMENT = TINY.replace("envs: 8", "envs: 64").replace("steps: 2048", "steps: 32768");

/** Of all kills, one in eight comes before training, at a random time after the start; the others when so much of the metrics is written. */
const EARLY = 8;

/** All files of a run that must not depend on interruptions, as hashes. */
function fingerprint(dir: string): Record<string, string> {
  const checkpoints = readdirSync(join(dir, "checkpoints")).map((name) => `checkpoints/${name}`);
  const files = [...checkpoints, "policy/weights.safetensors", "policy/golden.json", "metrics.jsonl"];
  const hash = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(dir, name)))
      .digest("hex");
  return Object.fromEntries(files.map((name) => [name, hash(name)]));
}

/**
 * Trains once with one worker undisturbed, and once with two workers, ended by `kills` times kill -9 at random moments (of a seed) and resumed each
 * time. After each kill all checkpoints must be whole, and the metrics the beginning of the undisturbed run's; in the end all bytes must be equal.
 * @param folder a temporary one
 */
export async function trainUnderKills(folder: string, kills: number, seed: number): Promise<void> {
  writeFileSync(join(folder, "tiny.yaml"), EXPERIMENT);
  const train = (root: string, workers: number) => ["train", "tiny.yaml", "--out", root, "--workers", String(workers)];
  const runIn = (root: string) => {
    const names = existsSync(join(folder, root)) ? readdirSync(join(folder, root)) : [];
    return names.filter((n) => n.startsWith("tiny-")).map((n) => join(folder, root, n))[0];
  };
  expect((await greekgym(train("whole", 1), folder)).code).toBe(0);
  const whole = runIn("whole")!;
  const metrics = readFileSync(join(whole, "metrics.jsonl"));
  const lines = metrics.toString().trimEnd().split("\n");

  const random = new Random(seed, "kills");
  const early = Math.floor(kills / EARLY);
  // Past the last byte the kill meets the evaluation, the bundle or the report.
  const targets = Array.from({ length: kills - early }, () => 1.05 * random.uniform() * metrics.length).sort(
    (a, b) => a - b,
  );
  const size = () => {
    const path = join(runIn("killed") ?? "", "metrics.jsonl");
    return existsSync(path) ? statSync(path).size : 0;
  };
  /** Starts or resumes the run and kills it at the moment that `due` waits for; says whether it was still alive. */
  const killed = async (due: (ended: () => boolean) => Promise<void>) => {
    const dir = runIn("killed");
    const begun = dir !== undefined && existsSync(join(dir, "config.resolved.yaml"));
    const running = start(process.execPath, [program, ...(begun ? ["resume", dir] : train("killed", 2))], folder);
    let over = false;
    void running.ended.then(() => {
      over = true;
    });
    await due(() => over);
    running.child.kill("SIGKILL");
    const { signal, code, stderr } = await running.ended;
    if (signal !== "SIGKILL") expect(code, stderr).toBe(0);
    return signal === "SIGKILL";
  };

  let newest = 0;
  let hits = 0;
  /** What must hold after each kill. */
  const expectNothingLost = () => {
    const dir = runIn("killed");
    if (dir === undefined) return;
    const steps = existsSync(join(dir, "checkpoints")) ? listCheckpoints(join(dir, "checkpoints")) : [];
    for (const { path } of steps) expect(readCheckpoint(path).step).toBeGreaterThanOrEqual(0);
    const last = Math.max(0, ...steps.map(({ step }) => step));
    expect(last).toBeGreaterThanOrEqual(newest);
    newest = last;
    const written = size() === 0 ? Buffer.alloc(0) : readFileSync(join(dir, "metrics.jsonl"));
    expect(metrics.subarray(0, written.length).equals(written)).toBe(true);
    // All lines up to the newest checkpoint are there, to the end.
    const needed = lines.filter((line) => (JSON.parse(line) as { step: number }).step <= last);
    expect(written.length).toBeGreaterThanOrEqual(needed.reduce((sum, line) => sum + line.length + 1, 0));
  };
  for (let k = 0; k < early; k++) {
    if (await killed(() => sleep(1500 * random.uniform()))) hits++;
    expectNothingLost();
  }
  for (const target of targets) {
    const jitter = 40 * random.uniform();
    const due = async (ended: () => boolean) => {
      while (size() < Math.min(target, metrics.length) && !ended()) await sleep(2);
      await sleep(target < metrics.length ? jitter : 20 * jitter);
    };
    if (await killed(due)) hits++;
    expectNothingLost();
  }
  const last = runIn("killed")!;
  const finished = await greekgym(["resume", last], folder);
  expect(finished.stderr).not.toContain("unexpected");
  expect(finished.code).toBe(0);
  expect(hits).toBeGreaterThanOrEqual(kills - 1);
  expect(fingerprint(last)).toEqual(fingerprint(whole));
  expect(readdirSync(last).sort()).toEqual(readdirSync(whole).sort());
}
