import { GreekgymError } from "../core/errors.ts";

/** What the system's error codes mean to a person: what happened, and the fix. */
const MEANINGS: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  ENOSPC: [
    "The disk is full",
    "Free some space (`greekgym runs gc` removes old checkpoints) and resume; nothing already saved is lost.",
  ],
  EDQUOT: [
    "The disk quota is used up",
    "Free some space or raise the quota, and resume; nothing already saved is lost.",
  ],
  EFBIG: ["The file would outgrow a limit of the system", "Raise the limit (ulimit -f) and resume."],
  EACCES: [
    "Permission is denied",
    "Give this user the right to read and write there, or choose another folder with --out.",
  ],
  EPERM: [
    "The operation is not permitted",
    "Give this user the right to write there, or choose another folder with --out.",
  ],
  EROFS: ["The file system is read-only", "Choose a folder on a writable disk with --out."],
  ENOENT: ["There is no such file or folder", "Check the path."],
  ENOTDIR: ["A part of the path is a file, not a folder", "Move that file away, or choose another folder with --out."],
  EISDIR: ["A folder stands where a file should be", "Move that folder away, or choose another path."],
  EMFILE: ["This process has too many open files", "Raise the limit (ulimit -n) or run fewer workers."],
  EIO: ["The disk reports a read or write error", "Check the disk; use another one with --out."],
};

function code(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

/** True where the error says that the file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return code(error) === "ENOENT";
}

/** True where the error says that the file or folder is there already. */
export function isTaken(error: unknown): boolean {
  return code(error) === "EEXIST";
}

/** A GreekgymError (code `storage`) that names the file, what was being done to it, and the fix. Our own errors pass through. */
export function fileError(error: unknown, path: string, doing: string): GreekgymError {
  if (error instanceof GreekgymError) return error;
  const meaning = MEANINGS[code(error)];
  return new GreekgymError("storage", `${meaning?.[0] ?? "The file system refused"}: cannot ${doing}.`, {
    which: path,
    ...(meaning === undefined ? { value: error instanceof Error ? error.message : String(error) } : {}),
    fix: meaning?.[1] ?? "Check the file and the disk.",
    cause: error,
  });
}

/** Runs a file operation; its failure comes out as {@link fileError}. */
export function guardFile<T>(path: string, doing: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw fileError(error, path, doing);
  }
}
