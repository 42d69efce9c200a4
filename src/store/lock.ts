import { accessSync, constants, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import lockfile from "proper-lockfile";
import { GreekgymError } from "../core/errors.ts";
import { writeFileAtomic } from "./atomic.ts";
import { fileError, guardFile } from "./file-errors.ts";
import { isAlive, type ProcessIdentity, thisProcess } from "./process-identity.ts";

/** A lock of a process on another machine counts as abandoned after this long without a sign of life. */
const STALE_MS = 120_000;
/** The short lock around a change of a small file; its holder needs milliseconds. */
const BRIEF_STALE_MS = 5_000;

export interface Lock {
  /** Throws where the lock was lost (this process was stopped so long that another took it over). */
  assertHeld(): void;
  release(): void;
}

function isHeld(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ELOCKED";
}

/** Runs a short piece of work alone among all processes; waits up to about 10 s for its turn. `path` need not exist, its folder must. */
export async function withBriefLock<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  // Checked first, since the waiting below would repeat a hopeless attempt, too.
  guardFile(dirname(path), "lock a file in the folder", () => accessSync(dirname(path), constants.W_OK));
  let release: () => Promise<void>;
  try {
    release = await lockfile.lock(path, {
      realpath: false,
      stale: BRIEF_STALE_MS,
      update: BRIEF_STALE_MS / 4,
      retries: { retries: 40, factor: 1.2, minTimeout: 20, maxTimeout: 400, randomize: true },
      // The work is synchronous file access: were it ever to outlast the lock, the atomic writes still leave whole files.
      onCompromised() {},
    });
  } catch (error) {
    if (isHeld(error))
      throw new GreekgymError("locked", "Another process keeps this file busy.", {
        which: path,
        fix: "Try again in a moment.",
        cause: error,
      });
    throw fileError(error, `${path}.lock`, "lock the file");
  }
  try {
    return await work();
  } finally {
    // A lock that was taken over is not ours to release.
    await release().catch(() => undefined);
  }
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof holder !== "object" || holder === null) return undefined;
    const { pid, host, started } = holder as Record<string, unknown>;
    return typeof pid === "number" && typeof host === "string" && typeof started === "string"
      ? { pid, host, started }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock on `path` (the folder `<path>.lock` and, beside it, `<path>.holder.json`) for as long as this process works.
 * Throws a GreekgymError (code `locked`) naming the holder while that lives. The lock of a dead process is taken over at once,
 * that of another machine after two minutes of silence.
 */
export async function acquireLock(path: string, what: string): Promise<Lock> {
  const holderPath = `${path}.holder.json`;
  const refuse = (holder: ProcessIdentity | undefined, cause?: unknown) =>
    new GreekgymError("locked", `Another process works on ${what}.`, {
      which: path,
      ...(holder === undefined ? {} : { value: `process ${holder.pid} on ${holder.host}` }),
      fix: "Wait for it to end, or stop it.",
      cause,
    });
  let lost: Error | undefined;
  // Finding a dead holder, removing its lock and making ours must be one step among all processes.
  await withBriefLock(`${path}.taking`, async () => {
    const holder = readHolder(holderPath);
    const alive = holder === undefined ? undefined : isAlive(holder);
    if (alive === true) throw refuse(holder);
    if (alive === false)
      guardFile(`${path}.lock`, "remove a dead process's lock", () =>
        rmSync(`${path}.lock`, { recursive: true, force: true }),
      );
    const options = { realpath: false, stale: STALE_MS };
    try {
      if (await lockfile.check(path, options)) throw refuse(holder);
      // Before the lock itself: a crash between the two leaves a holder without a lock, which harms nobody.
      writeFileAtomic(holderPath, JSON.stringify(thisProcess()), { durable: false });
      await lockfile.lock(path, {
        ...options,
        update: STALE_MS / 8,
        onCompromised(error) {
          lost = error;
        },
      });
    } catch (error) {
      throw isHeld(error) ? refuse(holder, error) : fileError(error, `${path}.lock`, "lock the folder");
    }
  });
  let released = false;
  return {
    assertHeld() {
      if (lost !== undefined || released)
        throw new GreekgymError("locked", `This process no longer holds ${what}.`, {
          which: path,
          fix: "Resume it in a new process; what another process wrote meanwhile is left alone.",
          cause: lost,
        });
    },
    release() {
      if (released) return;
      released = true;
      if (lost !== undefined) return;
      rmSync(holderPath, { force: true });
      lockfile.unlockSync(path, { realpath: false });
    },
  };
}
