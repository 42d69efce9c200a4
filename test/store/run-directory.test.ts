import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { ConfigError, ContractError, CorruptFileError, GreekgymError } from "../../src/core/errors.ts";
import { canonicalHash } from "../../src/core/hash.ts";
import { decideState, readManifest, STALE_HEARTBEAT_SECONDS } from "../../src/store/manifest.ts";
import { readMetrics } from "../../src/store/metrics-log.ts";
import { readProvenance } from "../../src/store/provenance.ts";
import { createRun, type NewRun, openRun, type RunDirectory, runId } from "../../src/store/run-directory.ts";

let root: string;
const opened: RunDirectory[] = [];
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), "greekgym-run-")), "runs");
});
afterEach(() => {
  for (const run of opened.splice(0)) run.close();
  rmSync(join(root, ".."), { recursive: true, force: true });
});

const provenance = {
  gitSha: "0".repeat(40),
  gitDirty: false,
  lockfileHash: "1".repeat(64),
  engine: "kernel",
  node: "v20.0.0",
  cpu: "a processor",
  cores: 2,
  platform: "linux-x64",
};
const config = { scenario: { name: "gas spikes" }, train: { steps: 100 } };
const newRun = (): NewRun => ({
  root,
  scenario: "Gas spikes!",
  algorithm: "ppo",
  seed: 7,
  config,
  resolvedConfig: "train:\n  steps: 100\n",
  provenance,
});

async function create(clock = new ManualClock(0, 1000)): Promise<RunDirectory> {
  const run = await createRun(newRun(), clock);
  opened.push(run);
  return run;
}
async function open(dir: string, clock = new ManualClock(0, 1000)): Promise<RunDirectory> {
  const run = await openRun(dir, clock);
  opened.push(run);
  return run;
}

describe("a run's id", () => {
  it("is made of scenario, algorithm, seed and the config's hash, and grows by the attempt", async () => {
    const expected = `gas-spikes-ppo-s7-${canonicalHash(config).slice(0, 8)}`;
    expect(runId(newRun())).toBe(expected);
    const runs = await Promise.all([create(), create(), create()]);
    expect(runs.map((run) => run.id).sort()).toEqual([expected, `${expected}-2`, `${expected}-3`]);
    expect(runs.map((run) => run.manifest.attempt).sort()).toEqual([1, 2, 3]);
  });

  it("does not depend on the order of the config's keys, and does on its values", () => {
    const reordered = { train: { steps: 100 }, scenario: { name: "gas spikes" } };
    expect(runId({ ...newRun(), config: reordered })).toBe(runId(newRun()));
    expect(runId({ ...newRun(), config: { ...config, x: 1 } })).not.toBe(runId(newRun()));
    expect(() => runId({ ...newRun(), seed: 0.5 })).toThrow(ContractError);
  });
});

describe("the manifest", () => {
  it("holds config, hash, provenance and status, and follows the run", async () => {
    const clock = new ManualClock(0, 5000);
    const run = await create(clock);
    expect(readManifest(run.dir)).toMatchObject({
      id: run.id,
      config,
      configHash: canonicalHash(config),
      provenance,
      seed: 7,
      createdAt: 5000,
      status: { state: "queued", process: null },
    });
    expect(readFileSync(run.paths.config, "utf8")).toBe("train:\n  steps: 100\n");
    run.start();
    clock.advance(1);
    run.heartbeat(3);
    expect(readManifest(run.dir).status).toMatchObject({ state: "running", step: 0, heartbeatAt: 5000 });
    clock.advance(5);
    run.heartbeat(9);
    expect(readManifest(run.dir).status).toMatchObject({ step: 9, heartbeatAt: 11000, process: { pid: process.pid } });
    run.finish("done", 100, { summary: { objective: 1.5, verdict: "better" } });
    const end = readManifest(run.dir);
    expect(end.status).toMatchObject({ state: "done", step: 100, endedAt: 11000 });
    expect(end.summary).toEqual({ objective: 1.5, verdict: "better" });
  });

  it("tells a run crashed when its process is dead or its heartbeat stale, and only then", () => {
    const status = {
      state: "running" as const,
      process: { pid: 2 ** 22 + 1, host: hostname(), started: "" },
      heartbeatAt: 0,
      endedAt: null,
      step: 0,
      resumes: 0,
      error: null,
    };
    expect(decideState(status, 0)).toBe("crashed");
    const elsewhere = { ...status, process: { ...status.process, host: "another machine" } };
    expect(decideState(elsewhere, STALE_HEARTBEAT_SECONDS * 1000)).toBe("running");
    expect(decideState(elsewhere, STALE_HEARTBEAT_SECONDS * 1000 + 1)).toBe("crashed");
    for (const state of ["queued", "done", "failed", "interrupted"] as const)
      expect(decideState({ ...status, state }, 1e12)).toBe(state);
  });

  it("is refused by name when it is malformed", async () => {
    const run = await create();
    writeFileSync(run.paths.manifest, '{"formatVersion": 2}');
    expect(() => readManifest(run.dir)).toThrow(CorruptFileError);
    writeFileSync(run.paths.manifest, "{");
    expect(() => readManifest(run.dir)).toThrow(/not JSON/);
    await expect(openRun(join(root, "absent"), new ManualClock())).rejects.toThrow(ConfigError);
  });
});

/** A small stand-in for a trainer: one metric and a checkpoint every second step; stops after `until`. */
function work(run: RunDirectory, from: number, until: number): void {
  for (let step = from + 1; step <= until; step++) {
    run.metrics(step, { "train/loss": 1 / step, "time/fps": step * 3.7 + from, "train/std": Number.NaN });
    if (step % 2 === 0) run.saveCheckpoint(step, { step, weights: new Float32Array([step]) }, { best: step === 2 });
  }
}

describe("a resumed run", () => {
  it("ends with the same metrics and checkpoints as an uninterrupted one", async () => {
    const whole = await create();
    whole.start();
    work(whole, 0, 10);
    whole.finish("done", 10);

    const first = await create();
    first.start();
    work(first, 0, 7);
    first.close();
    // The crash: a torn line of metrics and a torn checkpoint.
    appendFileSync(first.paths.metrics, '{"step":8,"train/lo');
    writeFileSync(join(first.paths.checkpoints, "checkpoint-000000000008.safetensors"), "torn");

    // A write that was killed leaves its temporary file.
    for (const name of ["manifest.json.part.123", "checkpoints/checkpoint-000000000008.safetensors.part.99"])
      writeFileSync(join(first.dir, name), "half");

    const again = await open(first.dir);
    expect(readdirSync(first.dir).filter((name) => /\d$/.test(name))).toEqual([]);
    const warnings: string[] = [];
    const checkpoint = again.latestCheckpoint({ info() {}, warn: (text) => void warnings.push(text) })!;
    expect(checkpoint.step).toBe(6);
    expect(warnings.join()).toContain("checkpoint-000000000008");
    again.rewindTo(checkpoint.step);
    again.start(checkpoint.step);
    expect(readMetrics(again.paths.metrics).at(-1)!.step).toBe(6);
    work(again, 6, 10);
    again.finish("done", 10);

    expect(readFileSync(again.paths.metrics, "utf8")).toBe(readFileSync(whole.paths.metrics, "utf8"));
    const names = readdirSync(whole.paths.checkpoints).sort();
    expect(readdirSync(again.paths.checkpoints).sort()).toEqual(names);
    expect(names).toHaveLength(4);
    for (const name of names)
      expect(readFileSync(join(again.paths.checkpoints, name))).toEqual(
        readFileSync(join(whole.paths.checkpoints, name)),
      );
    expect(again.manifest.status.resumes).toBe(1);
    expect(readdirSync(again.paths.tensorboard)).toHaveLength(2);
  });

  it("starts over where no checkpoint is good", async () => {
    const run = await create();
    run.start();
    work(run, 0, 3);
    truncateSync(join(run.paths.checkpoints, "checkpoint-000000000002-best.safetensors"), 10);
    expect(run.latestCheckpoint({ info() {}, warn() {} })).toBeUndefined();
    run.rewindTo(0);
    expect(readMetrics(run.paths.metrics)).toEqual([]);
    expect(readdirSync(run.paths.checkpoints)).toEqual([]);
  });
});

describe("metrics.jsonl", () => {
  it("holds sorted names and null for what is not finite; the wall clock goes to timing.jsonl", async () => {
    const run = await create();
    run.metrics(4, { "train/std": Number.NaN, "train/loss": 0.25, "time/fps": 99 });
    run.metrics(5, { "time/fps": 98 });
    expect(readFileSync(run.paths.metrics, "utf8")).toBe('{"step":4,"train/loss":0.25,"train/std":null}\n');
    expect(readMetrics(run.paths.timing)).toEqual([
      { step: 4, values: { "time/fps": 99 } },
      { step: 5, values: { "time/fps": 98 } },
    ]);
    expect(() => run.metrics(6, { "train/lsos": 1 } as never)).toThrow(/No metric is called "train\/lsos"/);
  });

  it("names file and line of a malformed row", async () => {
    const run = await create();
    writeFileSync(run.paths.metrics, '{"step":1}\nnonsense\n');
    expect(() => readMetrics(run.paths.metrics)).toThrow(`${run.paths.metrics}:2`);
  });
});

describe("two processes on one run", () => {
  it("the second is refused until the first closes", async () => {
    const run = await create();
    const error: unknown = await openRun(run.dir, new ManualClock()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(GreekgymError);
    expect((error as GreekgymError).code).toBe("locked");
    run.close();
    expect(() => run.saveCheckpoint(1, {})).toThrow(/no longer holds/);
    expect((await open(run.dir)).id).toBe(run.id);
  });
});

describe("documents and provenance", () => {
  it("writes documents atomically into the run", async () => {
    const run = await create();
    expect(readFileSync(run.writeDocument("evaluation.json", "{}"), "utf8")).toBe("{}");
    expect(existsSync(run.paths.evaluation)).toBe(true);
  });

  it("reads the lockfile's hash and the machine; no git history is no error", () => {
    const empty = readProvenance(join(root, ".."), "kernel");
    expect(empty).toMatchObject({ gitSha: null, gitDirty: null, lockfileHash: null, engine: "kernel" });
    const own = readProvenance(".", "kernel");
    expect(own.lockfileHash).toMatch(/^[0-9a-f]{64}$/);
    expect(own.node).toBe(process.version);
    expect(own.cores).toBeGreaterThan(0);
  });
});
