import { ContractError, CorruptFileError } from "../../src/core/errors.ts";
import { checkedHeader, type Entry, HEADER_LIMIT } from "./safetensors-header.ts";

/** The safetensors format (Hugging Face): 8-byte little-endian header length, JSON header, tensors end to end. */

export type TensorData = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The `__metadata__` entry: text to text. */
  readonly metadata: Readonly<Record<string, string>>;
}

const littleEndianHost = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function dtypeOf(data: TensorData): Entry["dtype"] {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Int32Array) return "I32";
  return data instanceof Uint32Array ? "U32" : "U8";
}

const ARRAYS = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U32: Uint32Array, U8: Uint8Array };

/** Bytes of an array in little-endian order, whatever the host's. */
function littleEndian(bytes: Uint8Array, elementSize: number): Uint8Array {
  if (littleEndianHost || elementSize === 1) return bytes;
  const swapped = bytes.slice();
  for (let i = 0; i < swapped.length; i += elementSize) swapped.subarray(i, i + elementSize).reverse();
  return swapped;
}

/**
 * Encodes tensors. The same content gives the same bytes, whatever the order it is passed in: wide elements first (which keeps each
 * tensor aligned to its element), then by name; metadata by key.
 * @throws ContractError for a shape that does not fit its data, or the reserved name `__metadata__`.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
) {
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || byText(nameA, nameB),
  );
  // Built as text: an object would put a tensor named "10" before "9a" and lose one named "__proto__".
  const fields: string[] = [];
  const meta = Object.entries(metadata).sort(([a], [b]) => byText(a, b));
  if (meta.length > 0)
    fields.push(`"__metadata__":{${meta.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`);
  let offset = 0;
  for (const [name, { shape, data }] of ordered) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (name === "__metadata__" || size !== data.length || shape.some((n) => !Number.isInteger(n) || n < 0))
      throw new ContractError("A tensor cannot be written.", {
        which: name,
        value: { shape, length: data.length },
        fix: "Give it a shape whose product is its length, and a name other than __metadata__.",
      });
    const end = offset + data.byteLength;
    const entry = { dtype: dtypeOf(data), shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(json, 8);
  bytes.fill(0x20, 8 + json.length, 8 + headerLength);
  let at = 8 + headerLength;
  for (const [, { data }] of ordered) {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    bytes.set(littleEndian(raw, data.BYTES_PER_ELEMENT), at);
    at += raw.length;
  }
  return bytes;
}

/**
 * Decodes a file, copying the tensors out. Tensors come in the order of their data.
 * @throws CorruptFileError naming what is wrong: truncation, bad JSON, an element type that is not of F32, F64, I32, U32, U8, a shape
 * that does not fit, offsets that overlap or leave a hole, bytes left over.
 */
export function decodeSafetensors(bytes: Uint8Array, file = "safetensors"): TensorFile {
  if (bytes.length < 8)
    throw new CorruptFileError("The file is too short to be safetensors.", { which: file, value: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared > BigInt(Math.min(HEADER_LIMIT, bytes.length - 8)))
    throw new CorruptFileError("The safetensors header is longer than the file or the format's limit.", {
      which: file,
      value: String(declared),
      fix: "The file is truncated or not safetensors: write or fetch it again.",
    });
  const start = 8 + Number(declared);
  const header = checkedHeader(bytes.subarray(8, start), bytes.length - start, file);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of header.entries) {
    const make = ARRAYS[dtype];
    const raw = littleEndian(bytes.slice(start + begin, start + end), make.BYTES_PER_ELEMENT);
    tensors.set(name, { shape, data: new make(raw.buffer as ArrayBuffer) });
  }
  return { tensors, metadata: header.metadata };
}
