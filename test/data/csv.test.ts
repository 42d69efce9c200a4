import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { sha256Hex } from "../../src/core/hash.ts";
import { numberColumn, readCsv } from "../../src/data/csv.ts";
import { parseTime, timeColumn } from "../../src/data/times.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greekgym-csv-"));
  path = join(folder, "prices.csv");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failure(run: () => unknown): DataError {
  try {
    run();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  return expect.unreachable();
}
const write = (text: string | Uint8Array) => writeFileSync(path, text);

describe("readCsv", () => {
  it("reads header and rows, with any line end and with or without a last one", () => {
    for (const text of ["time,price\n1,2\n3,4\n", "time,price\r\n1,2\r\n3,4", "\ufefftime,price\n1,2\n3,4\n"]) {
      write(text);
      const table = readCsv(path);
      expect(table.header).toEqual(["time", "price"]);
      expect(table.rows).toEqual([
        ["1", "2"],
        ["3", "4"],
      ]);
    }
  });

  it("reads gzip, names the file without folders, and hashes the bytes on the disk", () => {
    const bytes = gzipSync("time,price\n1,2\n");
    path = join(folder, "p.csv.gz");
    write(bytes);
    const table = readCsv(path);
    expect(table.rows).toEqual([["1", "2"]]);
    expect(table.source).toBe("p.csv.gz");
    expect(table.hash).toBe(sha256Hex(bytes));
  });

  it("reads commas and quotes inside fields where every field is quoted", () => {
    write('"Date(UTC)","Value (Wei)"\n"7/30/2015","1,000"\n"a""b",""\n');
    expect(readCsv(path).rows).toEqual([
      ["7/30/2015", "1,000"],
      ['a"b', ""],
    ]);
  });

  it.each([
    ["a short row", "time,price\n1,2\n3\n", ":3", "A row has 1 fields, the header 2."],
    ["a long row", "time,price\n1,2,3\n", ":2", "A row has 3 fields, the header 2."],
    ["an empty line in the middle", "time,price\n1,2\n\n3,4\n", ":3", "A row has 1 fields, the header 2."],
    ["a quoted field among plain ones", 'time,price\n1,"2"\n', ":2", "A row's quotes do not fit."],
    ["a plain field among quoted ones", '"time","price"\n"1",2\n', ":2", "A row's quotes do not fit."],
    ["a quote that does not close", '"time","price"\n"1","2\n', ":2", "A row's quotes do not fit."],
    ["a repeated column", "time,time\n1,2\n", ":1", "A column stands twice in the header."],
    ["an empty file", "", "", "A data file is empty."],
    ["a header alone", "time,price\n", "", "A data file has a header and no rows."],
  ])("refuses %s with its line", (_, text, line, message) => {
    write(text);
    const error = failure(() => readCsv(path));
    expect(error.short).toBe(message);
    expect(error.which).toBe(`${path}${line}`);
    expect(error.fix).toBeDefined();
  });

  it("refuses a torn gzip file, text that is not UTF-8, a folder and a missing file by name", () => {
    const gz = join(folder, "a.csv.gz");
    writeFileSync(gz, gzipSync("time,price\n1,2\n".repeat(50)).subarray(0, 30));
    expect(failure(() => readCsv(gz)).message).toContain("not a whole gzip file");
    write(new Uint8Array([0x61, 0xff, 0x0a]));
    expect(failure(() => readCsv(path)).message).toContain("not UTF-8");
    expect(failure(() => readCsv(folder)).message).toContain("is a folder");
    const missing = failure(() => readCsv(join(folder, "no.csv")));
    expect(missing.which).toBe(join(folder, "no.csv"));
    expect(missing.fix).toMatch(/--data <dir> or GREEKGYM_DATA/);
  });

  it("refuses foreign columns where the header is known", () => {
    write("time,prize\n1,2\n");
    const error = failure(() => readCsv(path, { header: ["time", "price"] }));
    expect(error.value).toBe("time,prize");
    expect(error.fix).toContain("time,price");
  });
});

describe("numberColumn", () => {
  it("reads plain, signed and exponent numbers, and scales them", () => {
    write("x\n1\n-2.5\n+.5\n3e-2\n 4. \n");
    expect([...numberColumn(readCsv(path), "x", { scale: 2 })]).toEqual([2, -5, 1, 0.06, 8]);
  });

  it.each([
    ["NaN", "any", "A value is not a finite number."],
    ["", "any", "A value is not a finite number."],
    ["Infinity", "any", "A value is not a finite number."],
    ["1e999", "any", "A value is not a finite number."],
    ["0x10", "any", "A value is not a finite number."],
    ["12abc", "any", "A value is not a finite number."],
    ["0", "positive", "A value is not above 0."],
    ["-1", "positive", "A value is not above 0."],
    ["-1", "non-negative", "A value is negative."],
  ] as const)("refuses %j (%s) with line, column and value", (text, sign, message) => {
    write(`t,price\n1,5\n2,${text}\n`);
    const error = failure(() => numberColumn(readCsv(path), "price", { sign }));
    expect(error.message).toBe(
      [
        message,
        `  where: ${path}:3 (price)`,
        `  value: ${JSON.stringify(text)}`,
        "  fix:   Correct the value or remove the row.",
      ].join("\n"),
    );
  });

  it("suggests the nearest column for an unknown one", () => {
    write("time,close\n1,5\n");
    const error = failure(() => numberColumn(readCsv(path), "clsoe"));
    expect(error.short).toBe('The file has no column "clsoe".');
    expect(error.hints).toContain('Did you mean "close"?');
  });
});

describe("times", () => {
  it.each([
    ["1663221600", 1663221600],
    ["1663221600.5", 1663221600.5],
    ["1723161299123", 1723161299.123],
    ["1970-01-02", 86400],
    ["2021-12-31 23:01:00.000000", 1640991660],
    ["2024-02-29T00:00:00Z", 1709164800],
    ["2000-01-01 00:00:00.25+00:00", 946684800.25],
  ])("%s is %d seconds since 1970", (text, seconds) => {
    expect(parseTime(text)).toBe(seconds);
  });

  it.each([
    "",
    "now",
    "2023-02-29",
    "2023-13-01",
    "2023-01-01 24:00:00",
    "2023-01-01 00:60:00",
    "2023-01-01T00:00:00+02:00",
    "-5",
  ])("%j is refused", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it.each([
    ["a repeated time", "1\n2\n2\n", ":4 (t)", "A time stands twice."],
    ["a backward time", "1\n3\n2\n", ":4 (t)", "A time goes backward."],
    ["a malformed time", "1\nsoon\n", ":3 (t)", "A time is malformed."],
  ])("refuses %s with its line", (_, rows, where, message) => {
    write(`t\n${rows}`);
    const error = failure(() => timeColumn(readCsv(path), "t"));
    expect(error.short).toBe(message);
    expect(error.which).toBe(`${path}${where}`);
  });
});
