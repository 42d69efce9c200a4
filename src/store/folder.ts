import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigError, CorruptFileError } from "../core/errors.ts";
import { syncFolder } from "./atomic.ts";
import { guardFile } from "./file-errors.ts";

/** What a folder is to hold: file names → bytes; `/` parts a name from the folder inside that it lies in. */
export type FolderFiles = Readonly<Record<string, Uint8Array>>;

const partial = (dir: string) => `${resolve(dir)}.partial`;
const previous = (dir: string) => `${resolve(dir)}.previous`;

/**
 * Writes a folder: all of it or nothing. The files go to a sibling folder `<dir>.partial`, onto the disk, and the folder is renamed.
 * An existing one stands aside as `<dir>.previous` during the rename; a crash between the two renames is mended by the next read or write.
 * Throws a ConfigError where `dir` holds a file that is not replaced and does not belong to `what`, a GreekgymError (code `storage`) where the
 * disk refuses.
 */
export function writeFolder(dir: string, files: FolderFiles, what: string, belongs: (name: string) => boolean): void {
  const path = resolve(dir);
  recoverFolder(dir, what);
  if (existsSync(path)) {
    const there = foldersAndFiles(dir, "").flatMap((name) =>
      name.endsWith("/") ? foldersAndFiles(dir, name) : [name],
    );
    const foreign = there.find((name) => files[name] === undefined && !belongs(name));
    if (foreign !== undefined)
      throw new ConfigError(`The folder holds more than ${what}.`, {
        which: dir,
        value: foreign,
        fix: `Choose a folder that is empty, absent, or holds ${what}.`,
      });
  }
  guardFile(dir, `write ${what}`, () => {
    rmSync(partial(dir), { recursive: true, force: true });
    mkdirSync(partial(dir), { recursive: true });
    const inner = new Set(Object.keys(files).flatMap((name) => (name.includes("/") ? [dirname(name)] : [])));
    for (const folder of inner) mkdirSync(join(partial(dir), folder), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeDurably(join(partial(dir), name), bytes);
    for (const folder of inner) syncFolder(join(partial(dir), folder));
    syncFolder(partial(dir));
    // With a folder in place, what stands aside is the leftover of a write that was cut off at its very end.
    if (existsSync(path)) {
      rmSync(previous(dir), { recursive: true, force: true });
      renameSync(path, previous(dir));
    }
    renameSync(partial(dir), path);
    syncFolder(dirname(path));
    rmSync(previous(dir), { recursive: true, force: true });
  });
}

/**
 * Reads the files of a folder and of the folders `inner` inside it. Throws a CorruptFileError for anything else there: another folder, a link,
 * an inner folder that is empty.
 */
export function readFolder(dir: string, what: string, inner: readonly string[]): Record<string, Uint8Array> {
  const names = foldersAndFiles(dir, "").flatMap((name) => {
    if (!name.endsWith("/")) return [name];
    const within = inner.includes(name.slice(0, -1)) ? foldersAndFiles(dir, name) : [];
    const odd = within.length === 0 ? name : within.find((n) => n.endsWith("/"));
    if (odd !== undefined)
      throw new CorruptFileError(`Something in the folder is not a file of ${what}.`, {
        which: join(dir, odd),
        fix: "Remove it: such a folder holds nothing but its own files.",
      });
    return within;
  });
  return Object.fromEntries(
    names.map((name) => [
      name,
      guardFile(join(dir, name), "read the file", () => new Uint8Array(readFileSync(join(dir, name)))),
    ]),
  );
}

/** Finishes or undoes a write that a crash cut off between its two renames. */
export function recoverFolder(dir: string, what: string): void {
  if (existsSync(resolve(dir)) || !existsSync(previous(dir))) return;
  guardFile(dir, `restore ${what}`, () => renameSync(previous(dir), resolve(dir)));
}

/** Names in `dir/within`, sorted, those of anything but files with a slash at the end. */
function foldersAndFiles(dir: string, within: string): string[] {
  return guardFile(dir, "read the folder", () =>
    readdirSync(join(dir, within), { withFileTypes: true })
      .map((entry) => `${within}${entry.name}${entry.isFile() ? "" : "/"}`)
      .sort(),
  );
}

function writeDurably(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, "w");
  try {
    let at = 0;
    while (at < bytes.length) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
