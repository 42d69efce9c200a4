import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { DataError, didYouMean } from "../core/errors.ts";

/** A CSV file as text fields. Row i stands on line i + 2 of the file. */
export interface CsvTable {
  /** The path as given, for errors. */
  readonly path: string;
  /** File name without folders. */
  readonly source: string;
  /** SHA-256 of the file's bytes as they lie on the disk. */
  readonly hash: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface CsvOptions {
  /** The exact header; other, missing or reordered columns are then an error. */
  readonly header?: readonly string[];
}

/** The place of a field: file, line and column name. */
export function place(table: Pick<CsvTable, "path">, row: number, column: string): string {
  return `${table.path}:${row + 2} (${column})`;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
    const what =
      code === "ENOENT"
        ? "A data file is missing."
        : code === "EISDIR"
          ? "A data file is a folder."
          : "A data file cannot be read.";
    throw new DataError(what, {
      which: path,
      fix: "Point --data <dir> or GREEKGYM_DATA at the folder of recorded data, or correct the path in the config.",
      cause,
    });
  }
}

/**
 * The bytes of a file as they lie on the disk, and unpacked where its name ends in `.gz`.
 * Throws a DataError for a missing, unreadable or torn file.
 */
export function readUnpacked(path: string): { bytes: Uint8Array; plain: Uint8Array } {
  const bytes = readBytes(path);
  if (!path.endsWith(".gz")) return { bytes, plain: bytes };
  try {
    return { bytes, plain: gunzipSync(bytes) };
  } catch (cause) {
    throw new DataError("A data file is not a whole gzip file.", {
      which: path,
      fix: "Fetch an intact copy of it.",
      cause,
    });
  }
}

function decode(path: string, plain: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (cause) {
    throw new DataError("A data file is not UTF-8 text.", { which: path, fix: "Save it as UTF-8 CSV.", cause });
  }
}

/** Splits a line whose every field is quoted; undefined where it is not of that form. */
function splitQuoted(line: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') return undefined;
    let field = "";
    for (at++; ; at++) {
      if (at >= line.length) return undefined;
      if (line[at] !== '"') field += line[at];
      else if (line[at + 1] === '"') field += line[at++];
      else break;
    }
    fields.push(field);
    at++;
    if (at === line.length) return fields;
    if (line[at++] !== ",") return undefined;
  }
}

/**
 * Reads a CSV file, plain or gzip (`.gz`), with a header line. Either no field is quoted (and none holds a comma), or every field is.
 * Throws a DataError naming file and line, value and fix: missing or torn file, empty file, a row of another width, stray quotes,
 * repeated or foreign columns.
 */
export function readCsv(path: string, options: CsvOptions = {}): CsvTable {
  const { bytes, plain } = readUnpacked(path);
  const text = decode(path, plain);
  const lines = (text.startsWith("\ufeff") ? text.slice(1) : text).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const first = lines[0];
  if (first === undefined || first.trim() === "")
    throw new DataError("A data file is empty.", { which: path, fix: "Fetch an intact copy of it." });
  const quoted = first.startsWith('"');
  const split = (line: string, index: number): string[] => {
    const fields = quoted ? splitQuoted(line) : line.includes('"') ? undefined : line.split(",");
    if (fields === undefined)
      throw new DataError("A row's quotes do not fit.", {
        which: `${path}:${index + 1}`,
        value: line,
        fix: quoted ? "Quote every field of the file, or none." : "Write the file without quotes.",
      });
    return fields;
  };
  const header = split(first, 0);
  const repeated = header.find((name, i) => header.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new DataError("A column stands twice in the header.", {
      which: `${path}:1`,
      value: repeated,
      fix: "Remove one.",
    });
  if (options.header !== undefined && options.header.join() !== header.join())
    throw new DataError("The file's columns are not those of this data set.", {
      which: `${path}:1`,
      value: header.join(),
      fix: `Use the file with the columns ${options.header.join()}.`,
    });
  if (lines.length === 1)
    throw new DataError("A data file has a header and no rows.", { which: path, fix: "Fetch an intact copy of it." });
  const rows = lines.slice(1).map((line, i) => {
    const fields = split(line, i + 1);
    if (fields.length !== header.length)
      throw new DataError(`A row has ${fields.length} fields, the header ${header.length}.`, {
        which: `${path}:${i + 2}`,
        value: line,
        fix: "Correct or remove the row; a short last row means that the file was cut.",
      });
    return fields;
  });
  return { path, source: basename(path), hash: createHash("sha256").update(bytes).digest("hex"), header, rows };
}

/** The index of a column. Throws a DataError with the known columns where the file has none of that name. */
export function columnIndex(table: CsvTable, column: string): number {
  const index = table.header.indexOf(column);
  if (index < 0)
    throw new DataError(`The file has no column "${column}".`, {
      which: `${table.path}:1`,
      value: table.header.join(),
      fix: "Name one of the file's columns in the config.",
      hints: didYouMean(column, table.header),
    });
  return index;
}

export interface NumberRule {
  /** Values must be above 0 (prices), at least 0 (fees), or any finite number. */
  readonly sign?: "positive" | "non-negative" | "any";
  /** Multiplies what the file says, to reach the unit wanted. */
  readonly scale?: number;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A column of numbers, one a row. Throws a DataError for an empty field, text, NaN, infinities, and values that the rule forbids. */
export function numberColumn(table: CsvTable, column: string, rule: NumberRule = {}): Float64Array {
  const index = columnIndex(table, column);
  const { sign = "any", scale = 1 } = rule;
  return Float64Array.from(table.rows, (row, i) => {
    const text = row[index]!.trim();
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    const wrong = !Number.isFinite(value)
      ? "is not a finite number"
      : sign === "positive" && value <= 0
        ? "is not above 0"
        : sign === "non-negative" && value < 0
          ? "is negative"
          : undefined;
    if (wrong !== undefined)
      throw new DataError(`A value ${wrong}.`, {
        which: place(table, i, column),
        value: row[index]!,
        fix: "Correct the value or remove the row.",
      });
    return value * scale;
  });
}
