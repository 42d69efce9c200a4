import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import writeFile from "write-file-atomic";
import { guardFile } from "./file-errors.ts";

/** Makes a rename or a new name in the folder survive a power cut. */
export function syncFolder(folder: string): void {
  // Windows cannot open folders; its file systems journal the name with the file.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export interface WriteOptions {
  /** False skips both fsyncs, for files that may lose their last version in a power cut (heartbeats). The rename is atomic all the same. */
  readonly durable?: boolean;
}

/**
 * Writes a whole file or nothing: temporary file beside it, fsync, rename, fsync of the folder. Readers see the old or the new bytes.
 * Throws a GreekgymError (code `storage`) naming the file and the fix for a full disk, missing rights, a read-only disk.
 */
export function writeFileAtomic(path: string, data: Uint8Array | string, options: WriteOptions = {}): void {
  const durable = options.durable ?? true;
  guardFile(path, "write the file", () => {
    const bytes = typeof data === "string" ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    writeFile.sync(path, bytes, { fsync: durable });
    if (durable) syncFolder(dirname(path));
  });
}

/** The names that write-file-atomic gives its temporary files: the target's name and a number. */
const TEMPORARY = /\.[a-z]+\.\d+$/;

/** Removes what writes that were killed left behind. Only for folders that this process alone writes to. */
export function removeTemporaries(folder: string): void {
  guardFile(folder, "remove temporary files", () => {
    for (const name of readdirSync(folder)) if (TEMPORARY.test(name)) rmSync(join(folder, name), { force: true });
  });
}
