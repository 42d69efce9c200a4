import { ContractError, CorruptFileError } from "./errors.ts";
import type { StateArray } from "./state.ts";

/**
 * The safetensors file format (Hugging Face, safetensors format specification 1.0): 8 bytes little-endian header length, a JSON
 * header, then the tensors' bytes without holes. Browser-safe; the same input gives the same bytes.
 */
export type TensorType = "F64" | "F32" | "I32" | "U32" | "U8";

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major; its length is the product of `shape`. The class of the array decides the type in the file. */
  readonly data: StateArray;
}

export interface TensorFile {
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const MAKERS = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U8: Uint8Array,
} as const;

/** The specification's own limit on the header: a longer one is not read. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = "__metadata__";

function requireLittleEndian(): void {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
    throw new ContractError("safetensors files need a little-endian machine.", { fix: "Run on x86-64 or ARM64." });
}

/** The name of an array's type in the file, or undefined where the format cannot hold it. */
export function tensorType(data: unknown): TensorType | undefined {
  // Buffer is a Uint8Array with other methods; what is read back is a plain Uint8Array.
  for (const [type, maker] of Object.entries(MAKERS)) if (data instanceof maker) return type as TensorType;
  return undefined;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, 1);
}

/** Code-unit order: unlike localeCompare it is the same on every machine. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Entry {
  readonly name: string;
  readonly type: TensorType;
  readonly tensor: Tensor;
}

function widestFirst(a: Entry, b: Entry): number {
  return MAKERS[b.type].BYTES_PER_ELEMENT - MAKERS[a.type].BYTES_PER_ELEMENT || order(a.name, b.name);
}

/**
 * Returns the bytes of a safetensors file. Tensors are sorted by element size (widest first, so that each is aligned) and then by
 * name; the header is padded with spaces to a multiple of 8 bytes. Throws a ContractError for a shape that does not fit its data.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  requireLittleEndian();
  const entries = [...tensors].map(([name, tensor]) => {
    const type = tensorType(tensor.data);
    if (type === undefined || name === METADATA)
      throw new ContractError("A tensor cannot be written.", {
        which: name,
        fix: `Use a Float64Array, Float32Array, Int32Array, Uint32Array or Uint8Array, and any name but "${METADATA}".`,
      });
    if (elements(tensor.shape) !== tensor.data.length)
      throw new ContractError("A tensor's shape does not fit its data.", {
        which: name,
        value: tensor.shape,
        fix: `Give a shape of ${tensor.data.length} elements.`,
      });
    return { name, type, tensor };
  });
  entries.sort(widestFirst);

  const header: [string, unknown][] = [];
  const keys = Object.keys(metadata).sort(order);
  if (keys.length > 0) header.push([METADATA, Object.fromEntries(keys.map((k) => [k, metadata[k]]))]);
  let offset = 0;
  for (const { name, type, tensor } of entries) {
    const end = offset + tensor.data.byteLength;
    header.push([name, { dtype: type, shape: tensor.shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  // Joined by hand: an object would put names that look like integers first.
  const json = `{${header.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const { tensor } of entries) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads a safetensors file; the arrays are copies. `which` names the file in errors.
 * Throws a CorruptFileError for a truncated, foreign or inconsistent file (holes, overlaps, wrong sizes, unknown types).
 */
export function decodeSafetensors(bytes: Uint8Array, which = "a safetensors file"): TensorFile {
  requireLittleEndian();
  const bad = (what: string, value?: unknown) =>
    new CorruptFileError(`This is not a whole safetensors file: ${what}.`, {
      which,
      ...(value === undefined ? {} : { value }),
      fix: "Use an intact copy of the file, or write it again.",
    });
  if (bytes.length < 8) throw bad("it is shorter than 8 bytes", bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES) throw bad("its header length is impossible", headerLength);
  if (8 + headerLength > bytes.length) throw bad("it ends inside its header", bytes.length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + headerLength)));
  } catch {
    throw bad("its header is not JSON");
  }
  if (!isRecord(header)) throw bad("its header is not an object");

  const metadata: [string, string][] = [];
  const spans: { name: string; type: TensorType; shape: number[]; start: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (!isRecord(entry)) throw bad(`the entry "${name}" is not an object`, entry);
    if (name === METADATA) {
      for (const [k, v] of Object.entries(entry)) {
        if (typeof v !== "string") throw bad(`the metadata "${k}" is not text`, v);
        metadata.push([k, v]);
      }
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry;
    if (typeof dtype !== "string" || !Object.hasOwn(MAKERS, dtype)) throw bad(`"${name}" has an unknown type`, dtype);
    if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
      throw bad(`"${name}" has a malformed shape`, shape);
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every((d) => Number.isSafeInteger(d) && d >= 0))
      throw bad(`"${name}" has malformed offsets`, offsets);
    const type = dtype as TensorType;
    const [start, end] = offsets as [number, number];
    if (end - start !== elements(shape) * MAKERS[type].BYTES_PER_ELEMENT)
      throw bad(`the size of "${name}" does not fit its shape`, shape);
    spans.push({ name, type, shape, start, end });
  }
  spans.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  for (const span of spans) {
    if (span.start !== at) throw bad(`there is a hole or an overlap before "${span.name}"`, span.start);
    at = span.end;
  }
  const body = bytes.length - 8 - headerLength;
  if (body !== at) throw bad(`its tensors take ${at} bytes but it holds ${body}`, body);

  const tensors = new Map<string, Tensor>();
  for (const { name, type, shape, start, end } of spans) {
    const copy = bytes.slice(8 + headerLength + start, 8 + headerLength + end);
    const data = new MAKERS[type](copy.buffer, copy.byteOffset, elements(shape));
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata: Object.fromEntries(metadata) };
}
