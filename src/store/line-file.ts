import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { ContractError } from "../core/errors.ts";
import { syncFolder } from "./atomic.ts";
import { guardFile, isMissing } from "./file-errors.ts";

const NEWLINE = 0x0a;

/** The length of the part that ends in whole lines: a crash in the middle of a write leaves a torn last line, or NULs on some file systems. */
function wholeLength(bytes: Uint8Array): number {
  let end = bytes.lastIndexOf(NEWLINE) + 1;
  while (end > 0) {
    const start = bytes.lastIndexOf(NEWLINE, end - 2) + 1;
    if (!bytes.subarray(start, end).includes(0)) break;
    end = start;
  }
  return end;
}

/** The whole lines of a file, without their ends; a torn last line is left out. An absent file has none. */
export function readLines(path: string): string[] {
  return guardFile(path, "read the file", () => {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    const text = new TextDecoder().decode(bytes.subarray(0, wholeLength(bytes)));
    return text === "" ? [] : text.slice(0, -1).split("\n");
  });
}

/** A file of lines that only grows, one process at a time. Opening it cuts off a line that a crash has torn. */
export class LineFile {
  readonly path: string;
  /** Bytes of a torn last line that opening cut off. */
  readonly repairedBytes: number;
  #handle: number | undefined;
  #length: number;

  /** Opens or creates the file. Throws a GreekgymError (code `storage`) where it cannot be written. */
  constructor(path: string) {
    this.path = path;
    const { handle, length, torn } = guardFile(path, "open the file", () => {
      const handle = openSync(path, "a+");
      try {
        const bytes = readFileSync(handle);
        const length = wholeLength(bytes);
        if (length < bytes.length) ftruncateSync(handle, length);
        if (bytes.length === 0) syncFolder(dirname(path));
        return { handle, length, torn: bytes.length - length };
      } catch (error) {
        closeSync(handle);
        throw error;
      }
    });
    this.#handle = handle;
    this.#length = length;
    this.repairedBytes = torn;
  }

  #open(): number {
    if (this.#handle === undefined)
      throw new ContractError("The file is closed.", { which: this.path, fix: "Open it again before writing." });
    return this.#handle;
  }

  /** Appends one line; the end of the line is added. A failed write leaves the file as it was. */
  appendLine(line: string): void {
    const handle = this.#open();
    if (line.includes("\n"))
      throw new ContractError("A line holds a line break.", {
        which: this.path,
        value: line,
        fix: "Append lines one by one.",
      });
    const bytes = Buffer.from(`${line}\n`);
    guardFile(this.path, "append to the file", () => {
      try {
        let at = 0;
        while (at < bytes.length) at += writeSync(handle, bytes, at);
        this.#length += bytes.length;
      } catch (error) {
        ftruncateSync(handle, this.#length);
        throw error;
      }
    });
  }

  /** Cuts the file before the first line for which `keep` is false; returns the number of lines that went. */
  truncateWhere(keep: (line: string) => boolean): number {
    const handle = this.#open();
    const lines = readLines(this.path);
    const first = lines.findIndex((line) => !keep(line));
    if (first < 0) return 0;
    const length = lines.slice(0, first).reduce((n, line) => n + Buffer.byteLength(line) + 1, 0);
    guardFile(this.path, "cut the file", () => ftruncateSync(handle, length));
    this.#length = length;
    return lines.length - first;
  }

  /** Puts what was appended on the disk itself. */
  sync(): void {
    const handle = this.#open();
    guardFile(this.path, "write the file", () => fsyncSync(handle));
  }

  /** Bytes of whole lines. */
  get length(): number {
    return this.#handle === undefined ? this.#length : fstatSync(this.#handle).size;
  }

  close(): void {
    if (this.#handle === undefined) return;
    const handle = this.#handle;
    this.#handle = undefined;
    guardFile(this.path, "close the file", () => closeSync(handle));
  }
}
