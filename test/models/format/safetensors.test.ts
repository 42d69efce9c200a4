import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../../models/format/safetensors.ts";
import { ContractError, CorruptFileError } from "../../../src/core/errors.ts";

const makers = [Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array];

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.integer())
  .map(([kind, shape, salt]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const data = new makers[kind]!(length);
    // Arbitrary bits, so that NaN payloads, infinities and -0 occur.
    const bytes = new Uint8Array(data.buffer);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(salt + i, 0x9e3779b1) >>> 24;
    return { shape, data };
  });

// "binary" strings hold any code point but no lone surrogate.
const text = fc.string({ unit: "binary", maxLength: 8 });
const name = text.filter((s) => s !== "__metadata__");

/** A file made by hand from a header text and its data. */
function file(header: string, dataLength: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe("safetensors", () => {
  it("has the bytes that the format describes", () => {
    const bytes = encodeSafetensors(new Map([["a", { shape: [2], data: new Float32Array([1, -2]) }]]), { k: "v" });
    const header = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(header.length).toBe(79);
    const expected = new Uint8Array(8 + 80 + 8);
    expected[0] = 80;
    expected.set(new TextEncoder().encode(`${header} `), 8);
    expected.set([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], 88);
    expect(bytes).toEqual(expected);
  });

  it("gives back what was put in, bit for bit, and the same bytes for any order", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([n]) => n, maxLength: 6 }),
        fc.dictionary(text, text, { maxKeys: 4 }),
        (entries, metadata) => {
          const bytes = encodeSafetensors(new Map(entries), metadata);
          const decoded = decodeSafetensors(bytes);
          expect(encodeSafetensors(new Map([...entries].reverse()), metadata)).toEqual(bytes);
          expect(decoded.tensors.size).toBe(entries.length);
          expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(metadata).sort());
          for (const [key, { shape, data }] of entries) {
            const found = decoded.tensors.get(key)!;
            expect(found.shape).toEqual(shape);
            expect(found.data.constructor).toBe(data.constructor);
            expect(new Uint8Array(found.data.buffer)).toEqual(new Uint8Array(data.buffer));
          }
        },
      ),
      { seed: 2, numRuns: 200 },
    );
  });

  it("starts the data of each tensor at a multiple of its element size", () => {
    const bytes = encodeSafetensors(
      new Map<string, Tensor>([
        ["a", { shape: [3], data: new Uint8Array([1, 2, 3]) }],
        ["b", { shape: [1], data: new Float64Array([Math.PI]) }],
      ]),
    );
    expect([...decodeSafetensors(bytes).tensors.keys()]).toEqual(["b", "a"]);
    expect(bytes.length % 8).toBe(3);
  });

  it("refuses every truncation and any byte too many", () => {
    const bytes = encodeSafetensors(new Map([["weight", { shape: [2, 3], data: new Float32Array(6) }]]), { a: "b" });
    for (let n = 0; n < bytes.length; n++)
      expect(() => decodeSafetensors(bytes.subarray(0, n)), `${n} bytes`).toThrow(CorruptFileError);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => decodeSafetensors(longer)).toThrow(/bytes left over/);
  });

  it("never fails but with a CorruptFileError, whatever byte is changed", () => {
    const bytes = encodeSafetensors(new Map([["w", { shape: [2], data: new Float32Array([1, 2]) }]]));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = bytes.slice();
        changed[at]! ^= flip;
        try {
          decodeSafetensors(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptFileError);
        }
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  const f32 = (shape: string, offsets: string) => `{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`;
  it.each([
    ["an array for a header", "[]", 0, /not a JSON object/],
    ["white space before the header", " {}", 0, /not a JSON object/],
    ["broken JSON", '{"a":', 0, /not JSON/],
    ["an entry that is no object", '{"a":3}', 0, /not an object/],
    ["metadata that is no text", '{"__metadata__":{"a":1}}', 0, /not text/],
    ["an unknown element type", '{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}', 2, /element type/],
    ["a negative shape", `{"a":${f32("[-1]", "[0,4]")}}`, 4, /shape is malformed/],
    ["three offsets", `{"a":${f32("[1]", "[0,4,8]")}}`, 4, /data_offsets are malformed/],
    ["offsets that do not fit the shape", `{"a":${f32("[2]", "[0,4]")}}`, 4, /do not fit/],
    ["a hole", `{"a":${f32("[1]", "[4,8]")}}`, 8, /hole/],
    ["an overlap", `{"a":${f32("[1]", "[0,4]")},"b":${f32("[1]", "[0,4]")}}`, 4, /overlap/],
    ["missing data", `{"a":${f32("[1]", "[0,4]")}}`, 3, /truncated/],
  ])("refuses %s", (_what, header, dataLength, message) => {
    expect(() => decodeSafetensors(file(header, dataLength))).toThrow(message);
    expect(() => decodeSafetensors(file(header, dataLength))).toThrow(CorruptFileError);
  });

  it("refuses to write a shape that does not fit and the reserved name", () => {
    const data = new Float32Array(3);
    expect(() => encodeSafetensors(new Map([["a", { shape: [2], data }]]))).toThrow(ContractError);
    expect(() => encodeSafetensors(new Map([["__metadata__", { shape: [3], data }]]))).toThrow(ContractError);
  });
});
