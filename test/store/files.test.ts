import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContractError, GreekgymError } from "../../src/core/errors.ts";
import { writeFileAtomic } from "../../src/store/atomic.ts";
import { fileError } from "../../src/store/file-errors.ts";
import { LineFile, readLines } from "../../src/store/line-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greekgym-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failure(run: () => unknown): GreekgymError {
  try {
    run();
  } catch (error) {
    if (error instanceof GreekgymError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe("writeFileAtomic", () => {
  it("writes text and the elements of a view, and leaves nothing else in the folder", () => {
    const path = join(folder, "a.txt");
    writeFileAtomic(path, "one");
    writeFileAtomic(path, "zwei ü");
    expect(readFileSync(path, "utf8")).toBe("zwei ü");
    writeFileAtomic(path, new Uint8Array([1, 2, 3, 4]).subarray(1, 3), { durable: false });
    expect([...readFileSync(path)]).toEqual([2, 3]);
    expect(readdirSync(folder)).toEqual(["a.txt"]);
  });

  it("keeps the old file when the new one cannot be put in its place", () => {
    mkdirSync(join(folder, "taken"));
    const error = failure(() => writeFileAtomic(join(folder, "taken"), "x"));
    expect(error.which).toBe(join(folder, "taken"));
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  it("names the file and the fix when the folder is missing", () => {
    const path = join(folder, "no", "a.txt");
    const error = failure(() => writeFileAtomic(path, "x"));
    expect(error.code).toBe("storage");
    expect(error.message).toBe(
      `There is no such file or folder: cannot write the file.\n  where: ${path}\n  fix:   Check the path.`,
    );
  });
});

describe("fileError", () => {
  it.each([
    ["ENOSPC", "The disk is full", "Free some space"],
    ["EDQUOT", "quota", "Free some space"],
    ["EACCES", "Permission is denied", "--out"],
    ["EROFS", "read-only", "--out"],
    ["EWHATEVER", "The file system refused", "Check the file"],
  ])("explains %s with the file and a fix", (code, what, fix) => {
    const error = fileError(Object.assign(new Error("system text"), { code }), "/x/y", "write the file");
    expect(error.short).toContain(what);
    expect(error.which).toBe("/x/y");
    expect(error.fix).toContain(fix);
  });

  it("lets our own errors pass", () => {
    const own = new ContractError("mine");
    expect(fileError(own, "/x", "write")).toBe(own);
  });
});

describe("LineFile", () => {
  it("appends whole lines that readLines gives back", () => {
    const path = join(folder, "a.jsonl");
    const file = new LineFile(path);
    expect(readLines(path)).toEqual([]);
    file.appendLine("eins ü");
    file.appendLine("");
    file.appendLine("drei");
    file.sync();
    file.close();
    expect(readLines(path)).toEqual(["eins ü", "", "drei"]);
    expect(file.length).toBe(Buffer.byteLength("eins ü\n\ndrei\n"));
  });

  it("cuts off a torn last line at open, wherever the crash tore it", () => {
    const path = join(folder, "a.jsonl");
    const whole = '{"step":1}\n{"step":2}\n';
    const last = '{"step":3}\n';
    for (let n = 0; n <= last.length; n++) {
      writeFileSync(path, whole + last.slice(0, n));
      const file = new LineFile(path);
      expect(file.repairedBytes).toBe(n === last.length ? 0 : n);
      file.appendLine('{"step":4}');
      file.close();
      expect(readLines(path)).toEqual([
        '{"step":1}',
        '{"step":2}',
        ...(n === last.length ? ['{"step":3}'] : []),
        '{"step":4}',
      ]);
    }
  });

  it("cuts off the zeros that a power cut leaves", () => {
    const path = join(folder, "a.jsonl");
    writeFileSync(path, "one\n");
    appendFileSync(path, "tw\0\0\0\n\0\0\0\n\0");
    expect(readLines(path)).toEqual(["one"]);
    new LineFile(path).close();
    expect(readFileSync(path, "utf8")).toBe("one\n");
  });

  it("cuts at the first line that is not kept, and goes on from there", () => {
    const path = join(folder, "a.jsonl");
    const file = new LineFile(path);
    for (const line of ["1", "2", "ü3", "1"]) file.appendLine(line);
    expect(file.truncateWhere((line) => Number(line) <= 2)).toBe(2);
    file.appendLine("4");
    file.close();
    expect(readLines(path)).toEqual(["1", "2", "4"]);
  });

  it("refuses a line break inside a line, and writing after close", () => {
    const file = new LineFile(join(folder, "a.jsonl"));
    expect(() => file.appendLine("a\nb")).toThrow(ContractError);
    file.close();
    expect(() => file.appendLine("a")).toThrow(/closed/);
  });

  it("says what is wrong when a folder stands there", () => {
    mkdirSync(join(folder, "a.jsonl"));
    expect(failure(() => new LineFile(join(folder, "a.jsonl"))).short).toContain("A folder stands");
  });

  it.skipIf(process.platform === "win32")("takes a half-written line back when the file cannot grow", () => {
    const script = `
      import { LineFile, readLines } from "./src/store/line-file.ts";
      const file = new LineFile(process.argv[1]);
      let told = "";
      try { for (let i = 0; i < 100; i++) file.appendLine("x".repeat(100)); } catch (error) { told = error.short; }
      process.stdout.write(JSON.stringify({ told, length: file.length, lines: readLines(process.argv[1]).length }));`;
    // The limit of one block stands in for a full disk: the system writes a part of the line, then refuses.
    const out = execFileSync(
      "sh",
      [
        "-c",
        'trap "" XFSZ; ulimit -f 1; exec node --import tsx --input-type=module -e "$0" "$1"',
        script,
        join(folder, "a.jsonl"),
      ],
      { encoding: "utf8", env: { ...process.env, TSX_DISABLE_CACHE: "1" } },
    );
    const { told, length, lines } = JSON.parse(out) as { told: string; length: number; lines: number };
    expect(told).toContain("outgrow a limit");
    expect(lines).toBeGreaterThan(0);
    expect(length).toBe(lines * 101);
  });
});
