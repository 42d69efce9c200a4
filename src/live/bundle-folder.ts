import { existsSync } from "node:fs";
import { type BundleFiles, belongsToBundle, openBundle, TFJS_FOLDER } from "../../models/format/bundle.ts";
import type { PolicyJson } from "../../models/format/policy-json.ts";
import type { Engine } from "../core/contracts/network.ts";
import { CorruptFileError } from "../core/errors.ts";
import { readFolder, recoverFolder, writeFolder } from "../store/folder.ts";
import { type LoadedPolicy, type PolicyAccount, policyOf } from "./bundled-policy.ts";

const WHAT = "a policy bundle";

/**
 * Writes a bundle's folder: all of it or nothing (see `writeFolder`). Throws a CorruptFileError for files that do not check out, a ConfigError
 * where `dir` holds anything that is not part of a bundle, a GreekgymError (code `storage`) where the disk refuses.
 */
export function writeBundle(dir: string, files: BundleFiles): void {
  openBundle(files, dir);
  writeFolder(dir, files, WHAT, belongsToBundle);
}

/** Reads the files of a bundle's folder, unchecked. Throws a CorruptFileError where the folder is missing or holds a folder of another kind. */
export function readBundle(dir: string): BundleFiles {
  recoverFolder(dir, WHAT);
  if (!existsSync(dir))
    throw new CorruptFileError("There is no policy bundle here.", {
      which: dir,
      fix: "Give the folder of a bundle, e.g. runs/<id>/policy, or export one: greekgym export <run> --to <dir>.",
    });
  return readFolder(dir, WHAT, [TFJS_FOLDER]);
}

/** The kind of network in a bundle's folder, which says what engine it needs; undefined where that cannot be read, which loading explains. */
export function architectureOfBundle(dir: string): PolicyJson["architecture"]["kind"] | undefined {
  try {
    const text = new TextDecoder().decode(readBundle(dir)["policy.json"]);
    return (JSON.parse(text) as PolicyJson).architecture.kind;
  } catch {
    return undefined;
  }
}

/** Loads a bundle's folder: see `policyOf`. */
export function loadPolicy(dir: string, engine: Engine, account?: PolicyAccount): LoadedPolicy {
  return policyOf(readBundle(dir), dir, engine, account);
}
