import {
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError, GreekgymError } from "../core/errors.ts";
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

/** Numbers the temporary files of this process: two writes at once never share one. */
let count = 0;

/** Follows links, so that a linked file is replaced where it lies; refuses devices and folders, which a rename would displace. */
function target(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return path;
  const real = found.isSymbolicLink() ? realpathSync(path) : path;
  if (!lstatSync(real).isFile())
    throw new ConfigError("The target is not a regular file.", {
      which: path,
      fix: "Name a file, or a name that is free.",
    });
  return real;
}

/**
 * Writes a whole file or nothing: temporary file beside it, every byte, fsync, rename, fsync of the folder. Readers see the old or the new bytes.
 * By hand rather than by write-file-atomic, which takes a short write on a full disk for a whole one and renames it (seen in 7.0.1).
 * Throws a GreekgymError (code `storage`) naming the file and the fix for a full disk, missing rights, a read-only disk.
 */
export function writeFileAtomic(path: string, data: Uint8Array | string, options: WriteOptions = {}): void {
  const durable = options.durable ?? true;
  guardFile(path, "write the file", () => {
    const real = target(path);
    const temporary = `${real}.part.${process.pid}${count++}`;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    try {
      const handle = openSync(temporary, "wx");
      try {
        // Writes on until all is written, or throws.
        writeFileSync(handle, bytes);
        if (fstatSync(handle).size !== bytes.byteLength)
          throw new GreekgymError("storage", "The disk took only part of a file.", {
            which: path,
            fix: "Free some space and try again; the old version is untouched.",
          });
        if (durable) fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(temporary, real);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    if (durable) syncFolder(dirname(real));
  });
}

/** The names of temporary files: the target's name, `part` and a number. */
const TEMPORARY = /\.part\.\d+$/;

/** Removes what writes that were killed left behind. Only for folders that this process alone writes to. */
export function removeTemporaries(folder: string): void {
  guardFile(folder, "remove temporary files", () => {
    for (const name of readdirSync(folder)) if (TEMPORARY.test(name)) rmSync(join(folder, name), { force: true });
  });
}
