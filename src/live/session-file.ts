import { readFileSync } from "node:fs";
import { writeFileAtomic } from "../store/atomic.ts";
import { guardFile } from "../store/file-errors.ts";
import { parseSession, type ReadOptions, type Session } from "./session.ts";

/** Writes the lines of a session: the whole file or nothing. */
export function writeSession(path: string, lines: readonly string[]): void {
  writeFileAtomic(path, `${lines.join("\n")}\n`);
}

/** Reads a session file; see parseSession for what is refused. */
export function readSession(path: string, options: ReadOptions = {}): Session {
  const bytes = guardFile(path, "read the session", () => readFileSync(path));
  // Not fatal: bytes that are not UTF-8 become another character, which the hash of their line finds and names.
  return parseSession(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), path, options);
}
