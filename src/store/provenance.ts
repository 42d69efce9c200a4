import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

/** Where a run's numbers come from; null where it cannot be known (e.g. an installed package has no git history). */
export interface Provenance {
  readonly gitSha: string | null;
  /** True where tracked or new files differ from that commit. */
  readonly gitDirty: boolean | null;
  readonly lockfileHash: string | null;
  /** What computes the networks, e.g. `kernel-simd` or `tfjs-wasm`. */
  readonly engine: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
}

function git(project: string, ...args: string[]): string | null {
  try {
    return execFileSync("git", ["-C", project, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}

/** Reads the provenance of the program that lies in `project` (the folder of its package.json). */
export function readProvenance(project: string, engine: string): Provenance {
  let lockfileHash: string | null = null;
  try {
    lockfileHash = createHash("sha256")
      .update(readFileSync(join(project, "package-lock.json")))
      .digest("hex");
  } catch {
    // An installed package has no lockfile of its own.
  }
  const gitSha = git(project, "rev-parse", "HEAD");
  const changes = gitSha === null ? null : git(project, "status", "--porcelain");
  const processors = cpus();
  return {
    gitSha,
    gitDirty: changes === null ? null : changes !== "",
    lockfileHash,
    engine,
    node: process.version,
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    platform: `${process.platform}-${process.arch}`,
  };
}
