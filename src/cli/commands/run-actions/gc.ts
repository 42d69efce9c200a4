import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Argv } from "yargs";
import { GreekgymError } from "../../../core/errors.ts";
import type { CatalogEntry } from "../../../store/catalog.ts";
import { listCheckpoints, pruneCheckpoints } from "../../../store/checkpoint.ts";
import { guardFile } from "../../../store/file-errors.ts";
import { openRun, runPaths } from "../../../store/run-directory.ts";
import { JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson } from "../../output.ts";
import { systemClock } from "../../ports.ts";
import { openCatalog } from "../../run-folder.ts";

export const command = "gc";
export const describe = "Remove unfinished untagged runs, and all but the last checkpoint of finished ones";

export function builder(yargs: Argv) {
  return yargs
    .option("yes", { type: "boolean", default: false, describe: "Do it; without this it is only shown" })
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs gc", "what would go")
    .example("$0 runs gc --yes", "remove it");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

interface Garbage {
  readonly run: string;
  readonly what: "run" | "checkpoints";
  readonly why: string;
  readonly bytes: number;
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size;
}

function garbageOf(entry: CatalogEntry, dir: string): Garbage[] {
  if (entry.state === "done") {
    const old = listCheckpoints(runPaths(dir).checkpoints)
      .filter((file) => !file.best)
      .slice(0, -1);
    const bytes = old.reduce((sum, file) => sum + sizeOf(file.path), 0);
    return old.length === 0
      ? []
      : [{ run: entry.id, what: "checkpoints", why: `${old.length} older ones of a finished run`, bytes }];
  }
  if (entry.state === "running" || entry.tags.length > 0) return [];
  return [{ run: entry.id, what: "run", why: entry.state, bytes: sizeOf(dir) }];
}

export async function handler(args: Args): Promise<void> {
  const catalog = openCatalog(args.out);
  const runs = await catalog.list();
  const found = runs.flatMap((entry) =>
    guardFile(catalog.directory(entry.id), "measure the run", () => garbageOf(entry, catalog.directory(entry.id))),
  );
  const removed: Garbage[] = [];
  if (args.yes) {
    for (const item of found) if (await remove(catalog.directory(item.run), item)) removed.push(item);
    if (removed.some((item) => item.what === "run")) await catalog.reindex();
  }
  const shown = args.yes ? removed : found;
  const bytes = shown.reduce((sum, item) => sum + item.bytes, 0);
  if (args.json) return printJson({ removed: args.yes, items: shown, bytes });
  for (const item of shown)
    process.stdout.write(`${item.run}: ${item.what} (${item.why}), ${(item.bytes / 1e6).toFixed(1)} MB\n`);
  const total = `${(bytes / 1e6).toFixed(1)} MB`;
  process.stderr.write(
    args.yes
      ? `Removed ${total}.\n`
      : `${total} would go; nothing was removed. Say --yes to do it; tag runs to keep them.\n`,
  );
}

/** Removes under the run's own lock, so that a run which has just been resumed stays; false where it was left alone. */
async function remove(dir: string, item: Garbage): Promise<boolean> {
  try {
    const run = await openRun(dir, systemClock);
    try {
      if (item.what === "checkpoints") pruneCheckpoints(run.paths.checkpoints, 1);
    } finally {
      run.close();
    }
    if (item.what === "run") guardFile(dir, "remove the run", () => rmSync(dir, { recursive: true, force: true }));
    return true;
  } catch (error) {
    if (!(error instanceof GreekgymError && error.code === "locked")) throw error;
    process.stderr.write(`warning: ${item.run} is left alone: another process works on it.\n`);
    return false;
  }
}
