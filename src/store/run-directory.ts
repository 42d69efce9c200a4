import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { ConfigError, ContractError } from "../core/errors.ts";
import { canonicalHash } from "../core/hash.ts";
import type { Log } from "../core/log.ts";
import type { MetricName } from "../core/metrics.ts";
import type { StateTree } from "../core/state.ts";
import { removeTemporaries, syncFolder, writeFileAtomic } from "./atomic.ts";
import {
  type Checkpoint,
  latestGoodCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  writeCheckpoint,
} from "./checkpoint.ts";
import { fileError, guardFile, isTaken } from "./file-errors.ts";
import { acquireLock, type Lock } from "./lock.ts";
import { type Manifest, manifestPath, readManifest, writeManifest } from "./manifest.ts";
import { MetricsLog } from "./metrics-log.ts";
import { thisProcess } from "./process-identity.ts";
import type { Provenance } from "./provenance.ts";
import { TensorBoardWriter } from "./tensorboard.ts";

/** Seconds between two heartbeats in the manifest; a call in between costs nothing. */
const HEARTBEAT_SECONDS = 5;

/** Where the parts of a run lie. */
export function runPaths(dir: string) {
  return {
    manifest: manifestPath(dir),
    config: join(dir, "config.resolved.yaml"),
    metrics: join(dir, "metrics.jsonl"),
    timing: join(dir, "timing.jsonl"),
    tensorboard: join(dir, "tb"),
    checkpoints: join(dir, "checkpoints"),
    policy: join(dir, "policy"),
    evaluation: join(dir, "evaluation.json"),
    report: join(dir, "report.html"),
  } as const;
}

export interface NewRun {
  /** The folder of all runs, e.g. `runs`; it is made where it is missing. */
  readonly root: string;
  readonly scenario: string;
  readonly algorithm: string;
  readonly seed: number;
  readonly seeds?: Readonly<Record<string, number>>;
  /** The resolved config as data; its hash is part of the id. */
  readonly config: unknown;
  /** The same as YAML text. */
  readonly resolvedConfig: string;
  readonly parents?: readonly string[];
  readonly provenance: Provenance;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** `<scenario>-<algorithm>-s<seed>-<8 hex of the config's hash>`: the same work has the same name, on any day and machine. */
export function runId(run: Pick<NewRun, "scenario" | "algorithm" | "seed" | "config">): string {
  if (!Number.isSafeInteger(run.seed) || run.seed < 0)
    throw new ContractError("A run's seed must be a whole number.", {
      which: "seed",
      value: run.seed,
      fix: "Use 0 or more.",
    });
  return `${slug(run.scenario)}-${slug(run.algorithm)}-s${run.seed}-${canonicalHash(run.config).slice(0, 8)}`;
}

/** Makes the folder of the next free attempt; mkdir is atomic, so two processes never get the same one. */
function claimFolder(root: string, base: string): { id: string; attempt: number; dir: string } {
  guardFile(root, "make the folder of runs", () => mkdirSync(root, { recursive: true }));
  for (let attempt = 1; ; attempt++) {
    const id = attempt === 1 ? base : `${base}-${attempt}`;
    const dir = join(root, id);
    try {
      mkdirSync(dir);
      return { id, attempt, dir };
    } catch (error) {
      if (!isTaken(error)) throw fileError(error, dir, "make the run's folder");
    }
  }
}

/** A run that this process owns: nothing else writes to its folder until {@link close}. */
export class RunDirectory {
  readonly id: string;
  readonly dir: string;
  readonly paths: ReturnType<typeof runPaths>;
  readonly #clock: Clock;
  readonly #lock: Lock;
  #manifest: Manifest;
  #metrics: MetricsLog | undefined;
  #tensorboard: TensorBoardWriter | undefined;
  #lastBeat: number;
  #closed = false;

  /** @internal Use {@link createRun} or {@link openRun}. */
  constructor(dir: string, manifest: Manifest, lock: Lock, clock: Clock) {
    this.id = manifest.id;
    this.dir = dir;
    this.paths = runPaths(dir);
    this.#manifest = manifest;
    this.#lock = lock;
    this.#clock = clock;
    this.#lastBeat = clock.monotonicSeconds();
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  #update(status: Partial<Manifest["status"]>, durable: boolean, summary?: Manifest["summary"]): void {
    this.#lock.assertHeld();
    const heartbeatAt = this.#clock.wallMilliseconds();
    this.#manifest = {
      ...this.#manifest,
      status: { ...this.#manifest.status, heartbeatAt, ...status },
      summary: summary === undefined ? this.#manifest.summary : { ...this.#manifest.summary, ...summary },
    };
    writeManifest(this.dir, this.#manifest, durable);
    this.#lastBeat = this.#clock.monotonicSeconds();
  }

  /** Marks the run as running in this process. `fromStep`: 0, or the step of the checkpoint it continues from (see {@link rewindTo}). */
  start(fromStep = 0): void {
    const resumed = this.#manifest.status.process !== null;
    this.#update(
      {
        state: "running",
        process: thisProcess(),
        endedAt: null,
        error: null,
        step: fromStep,
        resumes: this.#manifest.status.resumes + (resumed ? 1 : 0),
      },
      true,
    );
  }

  /**
   * Goes back to a checkpoint's step (0: the start) before a resume: later metrics and later checkpoints are removed, TensorBoard
   * gets a new event file, so that the finished run equals one that was never interrupted.
   */
  rewindTo(step: number): void {
    this.#lock.assertHeld();
    this.#openMetrics().rewindTo(step);
    this.#tensorboard?.close();
    this.#tensorboard = new TensorBoardWriter(this.paths.tensorboard, this.#clock, step);
    for (const file of listCheckpoints(this.paths.checkpoints))
      if (file.step > step) guardFile(file.path, "remove a later checkpoint", () => rmSync(file.path, { force: true }));
  }

  #openMetrics(): MetricsLog {
    this.#metrics ??= new MetricsLog(this.dir);
    return this.#metrics;
  }

  /** Tells that the run lives, at most every 5 s; call it as often as is convenient. */
  heartbeat(step: number): void {
    if (this.#clock.monotonicSeconds() - this.#lastBeat >= HEARTBEAT_SECONDS) this.#update({ step }, false);
  }

  /** Appends metrics to metrics.jsonl (wall-clock figures to timing.jsonl) and to TensorBoard. */
  metrics(step: number, values: Readonly<Partial<Record<MetricName, number>>>): void {
    this.#lock.assertHeld();
    this.#openMetrics().append(step, values);
    this.#tensorboard ??= new TensorBoardWriter(this.paths.tensorboard, this.#clock);
    this.#tensorboard.scalars(step, values);
    this.heartbeat(step);
  }

  /** Saves a checkpoint, then removes all but the last `keepLast` and the best ones. Returns its path. */
  saveCheckpoint(step: number, state: StateTree, options: { best?: boolean; keepLast?: number } = {}): string {
    this.#lock.assertHeld();
    // Metrics up to the checkpoint must be on the disk before it, or a resume would find a gap.
    this.#openMetrics().sync();
    const path = writeCheckpoint(this.paths.checkpoints, step, state, options.best ?? false);
    pruneCheckpoints(this.paths.checkpoints, options.keepLast ?? 3);
    this.#update({ step }, false);
    return path;
  }

  latestCheckpoint(log: Log): Checkpoint | undefined {
    return latestGoodCheckpoint(this.paths.checkpoints, log);
  }

  /** Writes one of the run's documents atomically. */
  writeDocument(name: "evaluation.json" | "report.html" | "report.md" | "report.json", text: string): string {
    this.#lock.assertHeld();
    const path = join(this.dir, name);
    writeFileAtomic(path, text);
    return path;
  }

  /** Ends the run; `summary` holds a few figures for lists. The folder stays locked until {@link close}. */
  finish(
    state: "done" | "failed" | "interrupted",
    step: number,
    end: { error?: string; summary?: Manifest["summary"] } = {},
  ): void {
    this.#metrics?.sync();
    this.#update({ state, step, endedAt: this.#clock.wallMilliseconds(), error: end.error ?? null }, true, end.summary);
  }

  /** Closes the files and gives the lock back. A run still marked as running then counts as crashed once this process ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#metrics?.close();
      this.#tensorboard?.close();
    } finally {
      this.#lock.release();
    }
  }
}

function lockRun(dir: string, id: string): Promise<Lock> {
  return acquireLock(join(dir, "run"), `the run ${id}`);
}

/** Makes the folder of a new run, queued and locked by this process. The next attempt number is taken where the same work was run before. */
export async function createRun(run: NewRun, clock: Clock): Promise<RunDirectory> {
  const { id, attempt, dir } = claimFolder(run.root, runId(run));
  const lock = await lockRun(dir, id);
  try {
    const paths = runPaths(dir);
    const now = clock.wallMilliseconds();
    const manifest: Manifest = {
      formatVersion: 1,
      id,
      attempt,
      scenario: run.scenario,
      algorithm: run.algorithm,
      seed: run.seed,
      seeds: { ...run.seeds },
      configHash: canonicalHash(run.config),
      config: run.config as Manifest["config"],
      parents: [...(run.parents ?? [])],
      provenance: run.provenance,
      createdAt: now,
      status: { state: "queued", process: null, heartbeatAt: now, endedAt: null, step: 0, resumes: 0, error: null },
      summary: {},
    };
    guardFile(dir, "make the run's folders", () => {
      for (const folder of [paths.checkpoints, paths.tensorboard, paths.policy]) mkdirSync(folder);
    });
    writeFileAtomic(paths.config, run.resolvedConfig);
    // Last: a folder with a manifest is a whole run.
    writeManifest(dir, manifest, true);
    syncFolder(run.root);
    return new RunDirectory(dir, manifest, lock, clock);
  } catch (error) {
    lock.release();
    throw fileError(error, dir, "make the run's folder");
  }
}

/**
 * Opens an existing run for writing (to resume it) and locks it. Throws a ConfigError where `dir` is no run, a GreekgymError (code
 * `locked`) while another process works on it, a CorruptFileError for a malformed manifest.
 */
export async function openRun(dir: string, clock: Clock): Promise<RunDirectory> {
  if (!existsSync(dir) || !statSync(dir).isDirectory() || !existsSync(manifestPath(dir)))
    throw new ConfigError("This folder is not a run.", {
      which: dir,
      fix: "Name a folder that holds a manifest.json; `greekgym runs ls` lists the runs.",
    });
  const id = readManifest(dir).id;
  const lock = await lockRun(dir, id);
  try {
    const paths = runPaths(dir);
    // A copied run may lack its empty folders.
    guardFile(dir, "make the run's folders", () => {
      for (const folder of [paths.checkpoints, paths.tensorboard, paths.policy]) mkdirSync(folder, { recursive: true });
    });
    for (const folder of [dir, paths.checkpoints]) removeTemporaries(folder);
    return new RunDirectory(dir, readManifest(dir), lock, clock);
  } catch (error) {
    lock.release();
    throw error;
  }
}
