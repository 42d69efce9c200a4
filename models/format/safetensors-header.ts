import { CorruptFileError } from "../../src/core/errors.ts";

/** The header of a safetensors file, parsed and checked. */

/** Longest header that the format allows, bytes. */
export const HEADER_LIMIT = 100_000_000;

const ELEMENT_BYTES = { F32: 4, F64: 8, I32: 4, U32: 4, U8: 1 } as const;

export interface Entry {
  readonly name: string;
  readonly dtype: keyof typeof ELEMENT_BYTES;
  readonly shape: readonly number[];
  /** Byte range after the header. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their data. */
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Parses a header and checks it against `dataLength`, the bytes that follow it. Throws a CorruptFileError naming what is wrong. */
export function checkedHeader(bytes: Uint8Array, dataLength: number, file: string): Header {
  const refuse = (what: string, where: string, value?: unknown): never => {
    throw new CorruptFileError(what, { which: `${file}: ${where}`, value, fix: "Write or fetch the file again." });
  };
  const json = parse(bytes, refuse);
  const entries: Entry[] = [];
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (!isRecord(value)) return refuse("A header entry is not an object.", name, value);
    if (name === "__metadata__") {
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== "string") return refuse("A metadata value is not text.", `__metadata__.${key}`, text);
        Object.defineProperty(metadata, key, { value: text, enumerable: true });
      }
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = value;
    if (typeof dtype !== "string" || !Object.hasOwn(ELEMENT_BYTES, dtype))
      return refuse("A tensor's element type is unknown (known: F32, F64, I32, U32, U8).", name, dtype);
    if (!Array.isArray(shape) || !shape.every(isCount)) return refuse("A tensor's shape is malformed.", name, shape);
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
      return refuse("A tensor's data_offsets are malformed.", name, offsets);
    const [begin, end] = offsets as [number, number];
    const type = dtype as Entry["dtype"];
    if (end - begin !== shape.reduce((a: number, b: number) => a * b, 1) * ELEMENT_BYTES[type])
      return refuse("A tensor's data_offsets do not fit its shape and type.", name, { dtype, shape, offsets });
    entries.push({ name, dtype: type, shape: shape as number[], begin, end });
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) return refuse("Tensors overlap or leave a hole.", name, { begin, expected: at });
    at = end;
  }
  if (at !== dataLength)
    return refuse(at > dataLength ? "The file is truncated." : "The file has bytes left over.", "data", {
      expected: at,
      found: dataLength,
    });
  return { entries, metadata };
}

function parse(bytes: Uint8Array, refuse: (what: string, where: string) => never): Record<string, unknown> {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch {
    return refuse("The header is not JSON in UTF-8.", "header");
  }
  // The format wants `{` first: no white space, no array.
  if (!text.startsWith("{") || !isRecord(json)) return refuse("The header is not a JSON object.", "header");
  return json;
}
