import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ContractError, CorruptFileError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { StateTree } from "../core/state.ts";
import { syncFolder, writeFileAtomic } from "./atomic.ts";
import { guardFile, isMissing } from "./file-errors.ts";
import { decodeState, encodeState } from "./state-file.ts";

export interface Checkpoint {
  readonly path: string;
  readonly step: number;
  readonly state: StateTree;
}

const KIND = "checkpoint";
const NAME = /^checkpoint-(\d{12})(-best)?\.safetensors$/;

/** The file name of a step's checkpoint: 12 digits, so that names sort as steps do. A best one is marked, and kept for good. */
export function checkpointName(step: number, best = false): string {
  if (!Number.isSafeInteger(step) || step < 0 || step >= 1e12)
    throw new ContractError("A checkpoint's step is out of range.", {
      which: "step",
      value: step,
      fix: "Use a whole number from 0 to 999999999999.",
    });
  return `checkpoint-${String(step).padStart(12, "0")}${best ? "-best" : ""}.safetensors`;
}

/** Writes the state atomically to `<folder>/checkpoint-<step>.safetensors` and returns the path. The same state gives the same bytes. */
export function writeCheckpoint(folder: string, step: number, state: StateTree, best = false): string {
  const path = join(folder, checkpointName(step, best));
  writeFileAtomic(path, encodeState({ kind: KIND, step, state }));
  return path;
}

/** Reads one checkpoint. Throws a CorruptFileError where the file is truncated, tampered with or not a checkpoint. */
export function readCheckpoint(path: string): Checkpoint {
  const bytes = guardFile(path, "read the checkpoint", () => readFileSync(path));
  const { step, state } = decodeState(bytes, KIND, path);
  return { path, step, state };
}

export interface CheckpointFile {
  readonly path: string;
  readonly step: number;
  readonly best: boolean;
}

/** The checkpoint files of a folder by rising step, unread; an absent folder has none. */
export function listCheckpoints(folder: string): CheckpointFile[] {
  const names = guardFile(folder, "list the checkpoints", () => {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  });
  return names
    .flatMap((name) => {
      const parts = NAME.exec(name);
      return parts === null ? [] : [{ path: join(folder, name), step: Number(parts[1]), best: parts[2] !== undefined }];
    })
    .sort((a, b) => a.step - b.step || Number(a.best) - Number(b.best));
}

/** The newest checkpoint that checks out; corrupt newer ones are left where they are and said in a warning. Undefined where there is none. */
export function latestGoodCheckpoint(folder: string, log: Log): Checkpoint | undefined {
  for (const file of listCheckpoints(folder).reverse())
    try {
      return readCheckpoint(file.path);
    } catch (error) {
      if (!(error instanceof CorruptFileError)) throw error;
      log.warn(`${error.message}\n  The checkpoint before it is used instead.`);
    }
  return undefined;
}

/** Removes all but the last `keepLast` ordinary checkpoints (at least 1) and every best one; returns the paths that went. */
export function pruneCheckpoints(folder: string, keepLast: number): string[] {
  if (!Number.isInteger(keepLast) || keepLast < 1)
    throw new ContractError("At least one checkpoint must be kept.", {
      which: "keepLast",
      value: keepLast,
      fix: "Use 1 or more.",
    });
  const ordinary = listCheckpoints(folder).filter((file) => !file.best);
  const gone = ordinary.slice(0, Math.max(0, ordinary.length - keepLast)).map((file) => file.path);
  guardFile(folder, "remove old checkpoints", () => {
    for (const path of gone) rmSync(path, { force: true });
    if (gone.length > 0) syncFolder(folder);
  });
  return gone;
}
