import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Catalog } from "../store/catalog.ts";
import { manifestPath } from "../store/manifest.ts";
import { consoleLog, systemClock } from "./ports.ts";

/** The catalog of the runs in a folder. */
export function openCatalog(out: string): Catalog {
  return new Catalog(resolve(out), systemClock, consoleLog);
}

/** The folder of a run: named by its path, by its id below `out`, or by the beginning of its id. Throws a ConfigError with the nearest known id. */
export async function findRunFolder(text: string, out: string): Promise<string> {
  for (const folder of [text, join(out, text)])
    if (text !== "" && existsSync(manifestPath(resolve(folder)))) return resolve(folder);
  const catalog = openCatalog(out);
  return catalog.directory((await catalog.find(text)).id);
}
