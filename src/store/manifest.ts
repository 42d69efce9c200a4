import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CorruptFileError } from "../core/errors.ts";
import { writeFileAtomic } from "./atomic.ts";
import { guardFile } from "./file-errors.ts";
import { isAlive } from "./process-identity.ts";

/** `runs/<id>/manifest.json`: what the run is (frozen at its start) and how it stands. */

export const RUN_STATES = ["queued", "running", "done", "failed", "interrupted", "crashed"] as const;
export type RunState = (typeof RUN_STATES)[number];

const processSchema = z.strictObject({ pid: z.int(), host: z.string(), started: z.string() });

export const manifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  id: z.string().min(1),
  /** 1 for the first run of this config, algorithm and seed, 2 for the next … */
  attempt: z.int().min(1),
  scenario: z.string(),
  algorithm: z.string(),
  seed: z.number(),
  /** Named seeds derived from `seed`, where the trainer tells them. */
  seeds: z.record(z.string(), z.number()),
  configHash: z.string().length(64),
  /** The resolved config, as data. */
  config: z.json(),
  /** Runs, checkpoints or bundles that this run continues from. */
  parents: z.array(z.string()),
  provenance: z.strictObject({
    gitSha: z.string().nullable(),
    gitDirty: z.boolean().nullable(),
    lockfileHash: z.string().nullable(),
    engine: z.string(),
    node: z.string(),
    cpu: z.string(),
    cores: z.number(),
    platform: z.string(),
  }),
  /** Wall-clock milliseconds since 1970: stamps for people, never part of a result. */
  createdAt: z.number(),
  status: z.strictObject({
    /** As last written; `crashed` is never written but decided on reading. */
    state: z.enum(["queued", "running", "done", "failed", "interrupted"]),
    process: processSchema.nullable(),
    heartbeatAt: z.number(),
    endedAt: z.number().nullable(),
    step: z.number(),
    resumes: z.int().min(0),
    /** Why a failed run failed. */
    error: z.string().nullable(),
  }),
  /** A few figures for lists, e.g. objective and verdict; steps never go here. */
  summary: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Without a heartbeat for this long a running run counts as crashed. */
export const STALE_HEARTBEAT_SECONDS = 120;

/** The state a run is really in: a running one whose process is dead, or whose heartbeat is stale, has crashed. */
export function decideState(status: Manifest["status"], nowMilliseconds: number): RunState {
  if (status.state !== "running") return status.state;
  if (status.process !== null && isAlive(status.process) === false) return "crashed";
  return nowMilliseconds - status.heartbeatAt > STALE_HEARTBEAT_SECONDS * 1000 ? "crashed" : "running";
}

export function manifestPath(dir: string): string {
  return join(dir, "manifest.json");
}

/** Reads and checks a manifest. Throws a CorruptFileError where it is malformed, a GreekgymError where it is missing. */
export function readManifest(dir: string): Manifest {
  const path = manifestPath(dir);
  const text = guardFile(path, "read the run's manifest", () => readFileSync(path, "utf8"));
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new CorruptFileError("A run's manifest is not JSON.", {
      which: path,
      fix: "Restore it from a copy, or remove the run's folder.",
      cause,
    });
  }
  const parsed = manifestSchema.safeParse(data);
  if (!parsed.success)
    throw new CorruptFileError("A run's manifest does not fit this version of greekgym.", {
      which: path,
      value: parsed.error.issues[0]?.path.join("."),
      fix: "Open it with the version that wrote it, or restore it from a copy.",
      hints: parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    });
  return parsed.data;
}

/** Writes a manifest atomically; heartbeats need not survive a power cut. */
export function writeManifest(dir: string, manifest: Manifest, durable: boolean): void {
  writeFileAtomic(manifestPath(dir), `${JSON.stringify(manifest, null, 2)}\n`, { durable });
}
