import { createHash } from "node:crypto";
import { ContractError, CorruptFileError } from "../core/errors.ts";
import { canonicalJson } from "../core/hash.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor, tensorType } from "../core/safetensors.ts";
import type { StateArray, StateTree, StateValue } from "../core/state.ts";

/**
 * A state tree as one safetensors file: each typed array is a tensor named by its path (`agent/optimiser/m`), everything else is
 * canonical JSON in the metadata. One tree gives one sequence of bytes; reading gives the tree back bit for bit.
 */

/** JSON cannot say these; they are written as `{"$number": name}`. */
const SPECIAL: readonly (readonly [name: string, value: number])[] = [
  ["-0", -0],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];

function specialName(value: number): string | undefined {
  return SPECIAL.find(([, special]) => Object.is(special, value))?.[0];
}

/** Path segments are joined by "/", so it and "~" are escaped inside them (RFC 6901). */
function escapeSegment(segment: string): string {
  return segment.replaceAll("~", "~0").replaceAll("/", "~1");
}

function isTree(value: object): value is StateTree {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function toPlain(value: StateValue, path: string, tensors: Map<string, Tensor>): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    return wellFormed(value, path);
  }
  if (typeof value === "number") {
    const name = specialName(value);
    return name === undefined ? value : { $number: name };
  }
  if (typeof value !== "object") throw unsaveable(path, typeof value);
  if (Array.isArray(value)) return value.map((item, i) => toPlain(item, `${path}/${i}`, tensors));
  if (tensorType(value) !== undefined) {
    const data = value as StateArray;
    const name = path.slice(1);
    tensors.set(name, { shape: [data.length], data });
    return { $tensor: name };
  }
  if (!isTree(value)) throw unsaveable(path, Object.prototype.toString.call(value));
  // Own keys that begin with "$" get a second one, so that they cannot be taken for marks.
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      wellFormed(key.startsWith("$") ? `$${key}` : key, path),
      toPlain(inner, `${path}/${escapeSegment(key)}`, tensors),
    ]),
  );
}

/** UTF-8 has no half surrogate pairs: they would come back as other characters. */
function wellFormed(text: string, path: string): string {
  if (/\p{Surrogate}/u.test(text)) throw unsaveable(path, "text with half a surrogate pair");
  return text;
}

function unsaveable(path: string, what: string): ContractError {
  return new ContractError("A state holds something that cannot be saved.", {
    which: path.slice(1),
    value: what,
    fix: "Save numbers, text, booleans, null, lists, trees, Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array.",
  });
}

function fromPlain(
  value: unknown,
  tensors: ReadonlyMap<string, Tensor>,
  bad: (what: string) => CorruptFileError,
): StateValue {
  if (value === null || typeof value === "boolean" || typeof value === "string" || typeof value === "number")
    return value;
  if (Array.isArray(value)) return value.map((item) => fromPlain(item, tensors, bad));
  const entries = Object.entries(value as Record<string, unknown>);
  const [key, inner] = entries[0] ?? [];
  if (entries.length === 1 && key === "$number") {
    const special = SPECIAL.find(([name]) => name === inner);
    if (special === undefined) throw bad(`it holds the unknown number ${String(inner)}`);
    return special[1];
  }
  if (entries.length === 1 && key === "$tensor") {
    const tensor = tensors.get(String(inner));
    if (tensor === undefined) throw bad(`the tensor "${String(inner)}" is missing`);
    return tensor.data;
  }
  return Object.fromEntries(
    entries.map(([k, v]) => [k.startsWith("$$") ? k.slice(1) : k, fromPlain(v, tensors, bad)] as const),
  );
}

const FORMAT = "greekgym-state";
const VERSION = "1";
/** The system's own SHA-256: many times faster than the portable one on megabytes. */
function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const NO_HASH = "0".repeat(64);

export interface StateFile {
  /** What the state is of, e.g. `checkpoint`; a file of another kind is refused. */
  readonly kind: string;
  readonly step: number;
  readonly state: StateTree;
}

/** The place of the hash in the bytes. Quotes inside metadata text are escaped, so this pattern stands nowhere else. */
function hashOffset(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('"sha256":"') + 10;
}

/** The bytes of a state file, with a SHA-256 over all of them (the hash itself read as 64 zeros). */
export function encodeState(file: StateFile): Uint8Array {
  const tensors = new Map<string, Tensor>();
  const plain = toPlain(file.state, "", tensors);
  const metadata = {
    format: FORMAT,
    kind: file.kind,
    sha256: NO_HASH,
    state: canonicalJson(plain),
    step: String(file.step),
    version: VERSION,
  };
  const bytes = encodeSafetensors(tensors, metadata);
  bytes.set(new TextEncoder().encode(sha256(bytes)), hashOffset(bytes));
  return bytes;
}

/** Reads a state file. Throws a CorruptFileError naming the file, what is wrong and the fix: truncated, tampered with, foreign, of another version. */
export function decodeState(bytes: Uint8Array, kind: string, which: string): StateFile {
  const bad = (what: string) =>
    new CorruptFileError(`This is not a whole ${kind}: ${what}.`, {
      which,
      fix: `Use an earlier ${kind} or an intact copy of the file.`,
    });
  const { tensors, metadata } = decodeSafetensors(bytes, which);
  if (metadata.format !== FORMAT) throw bad("another program wrote it");
  if (metadata.version !== VERSION)
    throw bad(`its format version is ${metadata.version}, this program reads ${VERSION}`);
  if (metadata.kind !== kind) throw bad(`it is a ${metadata.kind}`);
  const hash = metadata.sha256 ?? "";
  const offset = hashOffset(bytes);
  const zeroed = bytes.slice();
  zeroed.set(new TextEncoder().encode(NO_HASH), offset);
  if (hash.length !== 64 || sha256(zeroed) !== hash) throw bad("its contents do not fit its SHA-256");
  let plain: unknown;
  try {
    plain = JSON.parse(metadata.state ?? "");
  } catch {
    throw bad("its state is not JSON");
  }
  const state = fromPlain(plain, tensors, bad);
  const step = Number(metadata.step);
  if (typeof state !== "object" || state === null || Array.isArray(state) || !Number.isSafeInteger(step))
    throw bad("its state is not a tree");
  return { kind, step, state: state as StateTree };
}
