import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../core/errors.ts";
import { listCheckpoints, readCheckpoint } from "../store/checkpoint.ts";
import { guardFile } from "../store/file-errors.ts";
import { runPaths } from "../store/run-directory.ts";
import { type Difference, differences } from "./flatten.ts";

export interface RunCheck {
  readonly what: "metrics" | "final checkpoint" | "evaluation" | "policy weights";
  readonly equal: boolean;
  /** Where they first part; absent where they are equal. */
  readonly first?: { readonly path: string; readonly a: unknown; readonly b: unknown };
}

/** Figures of the clock, and of how often others have looked at test: no part of a result. */
const IGNORED = ["coreSeconds", "testTouches"];

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function read(path: string): Buffer {
  if (!existsSync(path))
    throw new ConfigError("A run lacks a part that a finished one has.", {
      which: path,
      fix: "Finish it first: greekgym resume <run>.",
    });
  return guardFile(path, "read a run's file", () => readFileSync(path));
}

function check(what: RunCheck["what"], found: readonly Difference[]): RunCheck {
  const first = found[0];
  return first === undefined ? { what, equal: true } : { what, equal: false, first };
}

function metricLines(dir: string): Record<string, unknown> {
  const lines = read(runPaths(dir).metrics).toString("utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line, i) => [`line ${i + 1}`, JSON.parse(line) as unknown]));
}

function lastCheckpoint(dir: string): string {
  return listCheckpoints(runPaths(dir).checkpoints).at(-1)?.path ?? join(runPaths(dir).checkpoints, "(none)");
}

/** Compares two finished runs of one config and seed. Training's first divergence is named by line and metric. */
export function compareRuns(a: string, b: string): { equal: boolean; checks: RunCheck[] } {
  const evaluation = (dir: string) => JSON.parse(read(runPaths(dir).evaluation).toString("utf8")) as unknown;
  const weights = (dir: string) => ({ sha256: sha256(read(join(runPaths(dir).policy, "weights.safetensors"))) });
  const [lastA, lastB] = [lastCheckpoint(a), lastCheckpoint(b)];
  const sameBytes = sha256(read(lastA)) === sha256(read(lastB));
  const checks = [
    check("metrics", differences(metricLines(a), metricLines(b))),
    check("final checkpoint", sameBytes ? [] : stateDifferences(lastA, lastB)),
    check("evaluation", differences(evaluation(a), evaluation(b), IGNORED)),
    check("policy weights", differences(weights(a), weights(b))),
  ];
  return { equal: checks.every((c) => c.equal), checks };
}

function stateDifferences(a: string, b: string): Difference[] {
  const [first, second] = [readCheckpoint(a), readCheckpoint(b)];
  const found = differences({ step: first.step, state: first.state }, { step: second.step, state: second.state });
  return found.length > 0 ? found : [{ path: "bytes", a: sha256(read(a)), b: sha256(read(b)) }];
}
