import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GreekgymError } from "../../src/core/errors.ts";
import { acquireLock, withBriefLock } from "../../src/store/lock.ts";
import { isAlive, thisProcess } from "../../src/store/process-identity.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greekgym-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function failure(run: Promise<unknown>): Promise<GreekgymError> {
  const error: unknown = await run.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(GreekgymError);
  return error as GreekgymError;
}

describe("process identity", () => {
  it("tells this process alive, and one with the same number but another start dead", () => {
    expect(isAlive(thisProcess())).toBe(true);
    if (thisProcess().started !== "") expect(isAlive({ ...thisProcess(), started: "other boot/1" })).toBe(false);
    expect(isAlive({ pid: 2 ** 22 + 1, host: hostname(), started: "" })).toBe(false);
    expect(isAlive({ ...thisProcess(), host: "another machine" })).toBeUndefined();
  });
});

describe("acquireLock", () => {
  it("refuses a second holder, names the first, and can be taken after its release", async () => {
    const path = join(folder, "run");
    const lock = await acquireLock(path, "the run x");
    const error = await failure(acquireLock(path, "the run x"));
    expect(error.message).toBe(
      [
        "Another process works on the run x.",
        `  where: ${path}`,
        `  value: "process ${process.pid} on ${hostname()}"`,
        "  fix:   Wait for it to end, or stop it.",
      ].join("\n"),
    );
    lock.assertHeld();
    lock.release();
    lock.release();
    expect(() => lock.assertHeld()).toThrow(/no longer holds/);
    expect(existsSync(`${path}.lock`)).toBe(false);
    (await acquireLock(path, "the run x")).release();
  });

  it("lets only one of many askers in", async () => {
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => acquireLock(join(folder, "run"), "x")));
    expect(asked.filter((a) => a.status === "fulfilled")).toHaveLength(1);
  });

  it("refuses while another process holds the lock, and takes it over at once when that is killed", async () => {
    const path = join(folder, "run");
    const child = spawn(
      process.execPath,
      [
        "--import",
        "tsx",
        "--input-type=module",
        "-e",
        `import { acquireLock } from "./src/store/lock.ts";
         await acquireLock(process.argv[1], "the run x");
         process.stdout.write("held");
         setInterval(() => {}, 1000);`,
        path,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(child.stdout!, "data");
    expect((await failure(acquireLock(path, "the run x"))).value).toBe(`process ${child.pid} on ${hostname()}`);
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    expect(existsSync(`${path}.lock`)).toBe(true);
    const lock = await acquireLock(path, "the run x");
    lock.assertHeld();
    lock.release();
  });

  it("leaves the fresh lock of another machine alone", async () => {
    const path = join(folder, "run");
    const lock = await acquireLock(path, "x");
    writeFileSync(`${path}.holder.json`, JSON.stringify({ pid: 1, host: "another machine", started: "" }));
    expect((await failure(acquireLock(path, "x"))).value).toBe("process 1 on another machine");
    lock.release();
  });

  it("says what is wrong when the folder is missing", async () => {
    expect((await failure(acquireLock(join(folder, "no", "run"), "x"))).code).toBe("storage");
  });
});

describe("withBriefLock", () => {
  it("runs pieces of work one after the other, and gives the lock back after a failure", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    const path = join(folder, "catalog");
    await Promise.all([withBriefLock(path, work), withBriefLock(path, work), withBriefLock(path, work)]);
    expect(most).toBe(1);
    await expect(withBriefLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withBriefLock(path, () => 7)).toBe(7);
  });
});
