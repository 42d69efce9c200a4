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
import { type FeatureConfig, schemaOf } from "../../env/features/schema.ts";
import { type BundleFiles, openBundle } from "../../models/format/bundle.ts";
import { checkGolden } from "../../models/format/golden.ts";
import { contextOf, expectAccount, expectFeatures, type PolicyJson } from "../../models/format/policy-json.ts";
import type { HeadSpec } from "../core/contracts/heads.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { Policy, PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError, CorruptFileError } from "../core/errors.ts";
import { makeLearnedPolicy } from "../evaluate/learned-policy.ts";
import { syncFolder } from "../store/atomic.ts";
import { guardFile } from "../store/file-errors.ts";

const partial = (dir: string) => `${resolve(dir)}.partial`;
const previous = (dir: string) => `${resolve(dir)}.previous`;

/**
 * Writes a bundle's folder: all of it or nothing. The files go to a sibling folder `<dir>.partial`, onto the disk, and the folder is renamed.
 * An existing bundle stands aside as `<dir>.previous` during the rename; a crash between the two renames is mended by the next read or write.
 * Throws a ConfigError where `dir` holds anything that is not part of a bundle, a GreekgymError (code `storage`) where the disk refuses.
 */
export function writeBundle(dir: string, files: BundleFiles): void {
  const path = resolve(dir);
  openBundle(files, dir);
  recover(dir);
  if (existsSync(path)) {
    const foreign = listFolder(dir).find((name) => files[name] === undefined);
    if (foreign !== undefined)
      throw new ConfigError("The folder holds more than a policy bundle.", {
        which: dir,
        value: foreign,
        fix: "Choose a folder that is empty, absent, or holds a bundle.",
      });
  }
  guardFile(dir, "write the bundle", () => {
    rmSync(partial(dir), { recursive: true, force: true });
    mkdirSync(partial(dir), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeDurably(join(partial(dir), name), bytes);
    syncFolder(partial(dir));
    // With a bundle in place, what stands aside is the leftover of a write that was cut off at its very end.
    if (existsSync(path)) {
      rmSync(previous(dir), { recursive: true, force: true });
      renameSync(path, previous(dir));
    }
    renameSync(partial(dir), path);
    syncFolder(dirname(path));
    rmSync(previous(dir), { recursive: true, force: true });
  });
}

/** Reads the files of a bundle's folder, unchecked. Throws a CorruptFileError where the folder is missing or holds a folder. */
export function readBundle(dir: string): BundleFiles {
  recover(dir);
  if (!existsSync(dir))
    throw new CorruptFileError("There is no policy bundle here.", {
      which: dir,
      fix: "Give the folder of a bundle, e.g. runs/<id>/policy, or export one: greekgym export <run> --to <dir>.",
    });
  return Object.fromEntries(
    listFolder(dir).map((name) => [
      name,
      guardFile(join(dir, name), "read the bundle", () => new Uint8Array(readFileSync(join(dir, name)))),
    ]),
  );
}

/** The account and decisions that a policy is loaded for. */
export interface PolicyAccount {
  readonly features: FeatureConfig;
  readonly context: PolicyContext;
}

export interface LoadedPolicy {
  /** Decides for `account` where one was given, else for the account of the bundle. */
  readonly policy: Policy;
  readonly policyJson: PolicyJson;
  /** SHA-256 of the bundle's manifest. */
  readonly hash: string;
}

/**
 * Loads a bundle and proves that it fits: files whole, features the runner's own, golden outputs reproduced on this engine, the account of
 * the kind that it was trained for. Throws a CorruptFileError or ConfigError naming file, field, value and fix.
 */
export function loadPolicy(dir: string, engine: Engine, account?: PolicyAccount): LoadedPolicy {
  const { policy: policyJson, values, golden, hash } = openBundle(readBundle(dir), dir);
  const which = join(dir, "policy.json");
  const schema = schemaOf(policyJson.account);
  expectFeatures(policyJson, schema, which);
  if (account !== undefined) {
    expectAccount(policyJson, account.features as PolicyJson["account"], account.context.decisionSeconds, which);
    expectFeatures(policyJson, account.context.schema, which);
  }
  const { sizes, activation, distribution } = policyJson.architecture;
  const build = (context: PolicyContext) =>
    makeLearnedPolicy({
      snapshot: { sizes, activation, distribution, values },
      encoder: policyJson.encoder,
      head: policyJson.head as HeadSpec,
      context,
      engine,
      id: policyJson.id,
    });
  const trained = build(contextOf(policyJson, schema));
  checkGolden(golden, policyJson, trained, engine.name, join(dir, "golden.json"));
  return { policy: account === undefined ? trained : build(account.context), policyJson, hash };
}

/** Finishes or undoes a write that a crash cut off between its two renames. */
function recover(dir: string): void {
  if (existsSync(resolve(dir)) || !existsSync(previous(dir))) return;
  guardFile(dir, "restore the bundle", () => renameSync(previous(dir), resolve(dir)));
}

function listFolder(dir: string): string[] {
  return guardFile(dir, "read the folder", () =>
    readdirSync(dir, { withFileTypes: true })
      .map((entry) => {
        if (!entry.isFile())
          throw new CorruptFileError("Something in the folder is not a file of a bundle.", {
            which: join(dir, entry.name),
            fix: "Remove it: a bundle's folder holds nothing but its own files.",
          });
        return entry.name;
      })
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
