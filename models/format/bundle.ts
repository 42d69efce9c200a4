import type { EncoderSpec } from "../../src/core/contracts/encoder.ts";
import type { BandFormula } from "../../src/core/contracts/formulas.ts";
import type { HeadSpec } from "../../src/core/contracts/heads.ts";
import type { Policy, PolicyContext } from "../../src/core/contracts/policy.ts";
import { ContractError, CorruptFileError } from "../../src/core/errors.ts";
import { canonicalJson, sha256Hex } from "../../src/core/hash.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/core/safetensors.ts";
import { architectureOf, type PolicyNetwork, weightSlices } from "./architecture.ts";
import { describeRows } from "./envelope.ts";
import { type Golden, goldenText, parseGolden } from "./golden.ts";
import { makeGolden } from "./golden-rows.ts";
import { onnxModel } from "./onnx/policy-graph.ts";
import {
  type BundleAccount,
  type BundleDeployment,
  type BundleEvaluation,
  type BundleProvenance,
  evaluationStatement,
  POLICY_FORMAT,
  POLICY_VERSION,
  type PolicyJson,
  parsePolicyJson,
} from "./policy-json.ts";
import { TFJS_MODEL, TFJS_SHARD } from "./tfjs/files.ts";
import { tfjsModel } from "./tfjs/layers-model.ts";

/** A bundle in memory: file names → bytes. */
export type BundleFiles = Readonly<Record<string, Uint8Array>>;

export const BUNDLE_FORMAT = "greekgym-bundle";
/** Version 1 holds nothing but what greekgym itself reads; since version 2 there may be copies of the policy for other programs. */
export const BUNDLE_VERSION = 2;
const MANIFEST = "manifest.json";
const POLICY = "policy.json";
const WEIGHTS = "weights.safetensors";
const GOLDEN = "golden.json";
const REQUIRED = [GOLDEN, POLICY, WEIGHTS] as const;
const ONNX = "model.onnx";
/** The one folder inside a bundle. */
export const TFJS_FOLDER = "tfjs";

/** Whether a bundle can hold a file of this name. */
export function belongsToBundle(name: string): boolean {
  return name === MANIFEST || (REQUIRED as readonly string[]).includes(name) || isCopy(name);
}

/** Copies of the policy for other programs: greekgym checks their hashes and reads none of them. */
function isCopy(name: string): boolean {
  const [folder, file] = name.split("/");
  return (
    name === ONNX ||
    (folder === TFJS_FOLDER &&
      file !== undefined &&
      name === `${TFJS_FOLDER}/${file}` &&
      (file === TFJS_MODEL || TFJS_SHARD.test(file)))
  );
}

export type { PolicyNetwork };

/** The formula of a rule's band at these parameters; undefined where the rule has none. */
export type BandFormulas = (
  baseline: string,
  params: Readonly<Record<string, number>>,
  context: PolicyContext,
) => BandFormula | undefined;

/** Everything that a bundle is made from. */
export interface BundleInput {
  /** The contender's id, e.g. `ppo`. */
  readonly id: string;
  readonly account: BundleAccount | DeepReadonly<BundleAccount>;
  readonly context: PolicyContext;
  readonly snapshot: PolicyNetwork;
  readonly encoder: EncoderSpec;
  readonly head: HeadSpec;
  /** The rule that takes over outside the envelope; default: the band head's own reference. Required for the other heads. */
  readonly reference?: { readonly baseline: string; readonly params: Readonly<Record<string, number>> };
  /** Looks up the band of the head's reference rule as a formula; without one a policy with a `band` head has no ONNX model. */
  readonly bandFormula?: BandFormulas;
  /** Where the policy was trained to run. */
  readonly deploy?: BundleDeployment;
  readonly provenance: BundleProvenance;
  readonly evaluation: BundleEvaluation | null;
  /** Raw features [N*F] that the policy met on episodes it was not trained on (a run's own bundle: on select): envelope, drift reference and golden rows come from them. */
  readonly rows: Float64Array;
  /** The policy itself, as it was evaluated. */
  readonly policy: Policy;
  readonly knownFailures?: readonly string[];
  readonly returnAfterDecisions?: number;
}

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** The distribution behind a head where nothing else is said. */
export function defaultDistribution(head: HeadSpec): "gaussian" | "categorical" {
  return head.head === "menu" ? "categorical" : "gaussian";
}

/** Makes the files of a bundle. The same input gives the same bytes. Throws a ContractError for parts that do not fit one another. */
export function buildBundle(input: BundleInput): BundleFiles {
  const { context, snapshot, encoder, head } = input;
  const reference = input.reference ?? (head.head === "band" ? head.reference : undefined);
  if (reference === undefined)
    throw new ContractError("A bundle needs a rule to fall back on.", {
      which: "reference",
      fix: "Pass the best tuned baseline as `reference`.",
    });
  const { features, driftReference, count } = describeRows(context.schema, input.rows);
  const { schema: _, slots: __, ...ownContext } = context;
  const description: PolicyJson = {
    format: POLICY_FORMAT,
    version: POLICY_VERSION,
    id: input.id,
    features: context.schema.features.map(({ name, unit }) => ({ name, unit })),
    encoder: encoder as PolicyJson["encoder"],
    account: input.account as BundleAccount,
    context: ownContext,
    head: head as PolicyJson["head"],
    ...(input.deploy === undefined ? {} : { deploy: input.deploy }),
    recurrentState: "none",
    architecture: architectureOf(snapshot, snapshot.distribution ?? defaultDistribution(head)),
    provenance: input.provenance,
    evaluation: input.evaluation,
    statement: evaluationStatement(input.evaluation),
    envelope: {
      rows: count,
      features,
      knownFailures: [...(input.knownFailures ?? [])],
      fallback: {
        baseline: reference.baseline,
        params: { ...reference.params },
        returnAfterDecisions: input.returnAfterDecisions ?? 12,
      },
    },
    driftReference,
  };
  const text = pretty(description);
  // What cannot be read again must not be written.
  const policy = parsePolicyJson(text, POLICY);
  const golden = makeGolden({ context, encoder, policy: input.policy, rows: input.rows });
  const encode = new TextEncoder();
  const { values } = snapshot;
  const formula =
    head.head === "band" ? input.bandFormula?.(head.reference.baseline, head.reference.params, context) : undefined;
  // Of layers there is no ONNX graph.
  const graph = policy.architecture.kind === "mlp" && (head.head !== "band" || formula !== undefined);
  return sealBundle({
    ...(graph ? { [ONNX]: onnxModel({ policy, values, formula }) } : {}),
    ...Object.fromEntries(
      Object.entries(tfjsModel(policy, values)).map(([name, bytes]) => [`${TFJS_FOLDER}/${name}`, bytes]),
    ),
    [POLICY]: encode.encode(text),
    [WEIGHTS]: encodeSafetensors(weightTensors(snapshot.values, policy.architecture)),
    [GOLDEN]: encode.encode(
      goldenText(
        golden,
        description.features.map((f) => f.name),
      ),
    ),
  });
}

/** Adds the manifest, with size and SHA-256 of each file, to the files of a bundle. */
export function sealBundle(files: BundleFiles): BundleFiles {
  const sealed = Object.fromEntries(sealedNames(files).map((name) => [name, files[name]!]));
  return { ...sealed, [MANIFEST]: new TextEncoder().encode(manifestText(sealed)) };
}

/** What a manifest lists: everything but itself. */
function sealedNames(files: BundleFiles): string[] {
  return Object.keys(files)
    .filter((name) => name !== MANIFEST)
    .sort();
}

/** The hash by which a bundle is known: SHA-256 of its manifest, and so of all its files. */
export function bundleHash(files: BundleFiles): string {
  return sha256Hex(files[MANIFEST]!);
}

export interface OpenedBundle {
  readonly policy: PolicyJson;
  readonly values: Float32Array;
  readonly golden: Golden;
  readonly hash: string;
}

/**
 * Checks the files of a bundle against one another and reads them. `which` names the bundle in errors.
 * Throws a CorruptFileError for a missing, extra, truncated or changed file, an unknown version, or contents that do not fit.
 */
export function openBundle(files: BundleFiles, which: string): OpenedBundle {
  checkManifest(files, which);
  const policy = parsePolicyJson(textOf(files, POLICY, which), `${which}/${POLICY}`);
  const names = policy.features.map((f) => f.name);
  const slots = policy.account.slots.length;
  const golden = parseGolden(textOf(files, GOLDEN, which), names, slots, `${which}/${GOLDEN}`);
  const values = readWeights(files[WEIGHTS]!, policy.architecture, `${which}/${WEIGHTS}`);
  return { policy, values, golden, hash: bundleHash(files) };
}

function textOf(files: BundleFiles, name: string, which: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(files[name]!);
  } catch {
    throw new CorruptFileError("A file of the bundle is not UTF-8 text.", {
      which: `${which}/${name}`,
      fix: "Export the policy again.",
    });
  }
}

function pretty(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}

function manifestText(files: BundleFiles): string {
  const names = sealedNames(files);
  const table = Object.fromEntries(
    names.map((name) => [name, { bytes: files[name]!.length, sha256: sha256Hex(files[name]!) }]),
  );
  return pretty({ format: BUNDLE_FORMAT, version: names.some(isCopy) ? BUNDLE_VERSION : 1, files: table });
}

interface Manifest {
  readonly format?: unknown;
  readonly version?: unknown;
  readonly files?: Readonly<Record<string, { readonly bytes?: unknown; readonly sha256?: unknown }>>;
}

function badFile(
  which: string,
  short: string,
  name: string,
  value: unknown,
  fix = "Use an intact copy of the bundle, or export it again.",
): CorruptFileError {
  return new CorruptFileError(short, { which: `${which}/${name}`, value, fix });
}

/** Names of the files that a manifest seals. Throws a CorruptFileError for a manifest that is malformed or of an unknown version. */
export function manifestNames(bytes: Uint8Array, which: string): string[] {
  return Object.keys(readManifest(bytes, which).files ?? {}).filter(belongsToBundle);
}

function readManifest(bytes: Uint8Array, which: string): Manifest {
  let text = "";
  let manifest: Manifest;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    manifest = JSON.parse(text) ?? {};
  } catch {
    throw badFile(which, "The bundle's manifest is not JSON.", MANIFEST, text.slice(0, 40));
  }
  if (manifest.format !== BUNDLE_FORMAT)
    throw badFile(which, "This is not the manifest of a policy bundle.", `${MANIFEST}: format`, manifest.format);
  if (manifest.version !== 1 && manifest.version !== BUNDLE_VERSION)
    throw badFile(
      which,
      "The bundle is of a format version that this program does not know.",
      `${MANIFEST}: version`,
      manifest.version,
      `Use version 1 or ${BUNDLE_VERSION}: export the policy again with this program, or run it with the one that wrote it.`,
    );
  return manifest;
}

function checkManifest(files: BundleFiles, which: string): void {
  const missing = (name: string) => badFile(which, "A file of the bundle is missing.", name, "absent");
  for (const name of [MANIFEST, ...REQUIRED]) if (files[name] === undefined) throw missing(name);
  const manifest = readManifest(files[MANIFEST]!, which);
  const listed = new Set(Object.keys(manifest.files ?? {}).filter(belongsToBundle));
  for (const name of listed) if (files[name] === undefined) throw missing(name);
  for (const name of sealedNames(files)) {
    if (!listed.has(name) && !(REQUIRED as readonly string[]).includes(name))
      throw badFile(
        which,
        "A file does not belong to the bundle.",
        name,
        name,
        "Remove it: a bundle holds nothing but its own files.",
      );
    const entry = manifest.files?.[name];
    const bytes = files[name]!;
    if (bytes.length !== entry?.bytes)
      throw badFile(
        which,
        `The file is not of the size that the manifest says (${String(entry?.bytes)} bytes).`,
        name,
        bytes.length,
      );
    const hash = sha256Hex(bytes);
    if (hash !== entry.sha256)
      throw badFile(which, "The file's contents do not fit the manifest's SHA-256.", name, hash);
  }
  // Everything above holds, so only the manifest's own text can still differ.
  if (new TextDecoder().decode(files[MANIFEST]!) !== manifestText(files))
    throw badFile(which, "The manifest was changed.", MANIFEST, sha256Hex(files[MANIFEST]!));
}

function weightTensors(values: Float32Array, architecture: PolicyJson["architecture"]): Map<string, Tensor> {
  const { slices, length } = weightSlices(architecture);
  if (values.length !== length)
    throw new ContractError("The parameters do not fit the network's sizes.", {
      which: "snapshot.values",
      value: values.length,
      fix: `Pass ${length} parameters: ${shapes(slices)}.`,
    });
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new ContractError("A parameter of the network is not a finite number.", {
      which: `snapshot.values[${bad}]`,
      value: values[bad],
      fix: "Export an earlier checkpoint: training has diverged.",
    });
  return new Map(slices.map((s) => [s.name, { shape: s.shape, data: values.slice(s.offset, s.offset + s.length) }]));
}

function shapes(slices: readonly { readonly name: string; readonly shape: readonly number[] }[]): string {
  return slices.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ");
}

function readWeights(bytes: Uint8Array, architecture: PolicyJson["architecture"], which: string): Float32Array {
  const { tensors } = decodeSafetensors(bytes, which);
  const { slices, length } = weightSlices(architecture);
  const values = new Float32Array(length);
  const bad = (name: string, value: unknown) =>
    new CorruptFileError("The weights do not fit the architecture.", {
      which: `${which}: ${name}`,
      value,
      fix: `Export the policy again: this network needs ${shapes(slices)}.`,
    });
  for (const name of tensors.keys()) if (!slices.some((s) => s.name === name)) throw bad(name, "unknown tensor");
  for (const { name, shape, offset } of slices) {
    const tensor = tensors.get(name);
    if (!(tensor?.data instanceof Float32Array)) throw bad(name, tensor === undefined ? "absent" : "not float32");
    if (tensor.shape.join() !== shape.join()) throw bad(name, tensor.shape);
    if (!tensor.data.every(Number.isFinite)) throw bad(name, "a number that is not finite");
    values.set(tensor.data, offset);
  }
  return values;
}
