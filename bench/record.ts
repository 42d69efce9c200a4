import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../src/store/atomic.ts";
import type { Machine } from "./machine.ts";
import type { RatioRow, ResultRow } from "./measure.ts";

/** What one suite found on one machine: a file of bench/results. */
export interface SuiteRecord {
  readonly suite: string;
  readonly machine: Machine;
  readonly results: readonly ResultRow[];
  readonly ratios: readonly RatioRow[];
  /** Rivals that did not take part, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
}

const pathOf = (folder: string, suite: string) => join(folder, "bench", "results", `${suite}.json`);

/** Writes bench/results/<suite>.json below `folder`; returns its path. What was not reached (infinite) is null there. */
export function writeRecord(folder: string, record: SuiteRecord): string {
  const path = pathOf(folder, record.suite);
  mkdirSync(join(folder, "bench", "results"), { recursive: true });
  writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
  return path;
}

/** The newest record of a suite, or undefined where there is none. */
export function readRecord(folder: string, suite: string): SuiteRecord | undefined {
  const path = pathOf(folder, suite);
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, "utf8"), (_, value) =>
    value === null ? Number.POSITIVE_INFINITY : value,
  ) as SuiteRecord;
}
