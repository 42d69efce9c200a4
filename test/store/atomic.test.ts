import { existsSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFileAtomic } from "../../src/store/atomic.ts";

describe("writeFileAtomic on what is not a file", () => {
  it("refuses a folder and leaves it", () => {
    const folder = mkdtempSync(join(tmpdir(), "greekgym-atomic-"));
    expect(() => writeFileAtomic(folder, "x")).toThrow(/not a regular file/);
    expect(existsSync(folder)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it.runIf(existsSync("/dev/null"))("refuses a device, which a rename would displace", () => {
    expect(() => writeFileAtomic("/dev/null", "x")).toThrow(/not a regular file/);
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
