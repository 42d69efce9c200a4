import { describe, expect, it } from "vitest";
import { ContractError, CorruptFileError } from "../../src/core/errors.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor, tensorType } from "../../src/core/safetensors.ts";

const EXAMPLE: ReadonlyMap<string, Tensor> = new Map<string, Tensor>([
  ["weights", { shape: [2, 3], data: new Float32Array([1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 6]) }],
  ["10", { shape: [2], data: new Float64Array([Math.PI, Number.NEGATIVE_INFINITY]) }],
  ["counts", { shape: [3], data: new Int32Array([-2147483648, 0, 2147483647]) }],
  ["words", { shape: [1], data: new Uint32Array([4294967295]) }],
  ["mask", { shape: [5], data: new Uint8Array([1, 0, 1, 0, 255]) }],
  ["empty", { shape: [0, 4], data: new Float32Array(0) }],
  ["scalar", { shape: [], data: new Float64Array([7]) }],
]);

function withHeader(json: string, body: number): Uint8Array {
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + text.length + body);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

describe("safetensors", () => {
  it("gives back every array bit for bit, with shapes and metadata", () => {
    const back = decodeSafetensors(encodeSafetensors(EXAMPLE, { b: "2", a: "ü" }));
    expect(back.metadata).toEqual({ a: "ü", b: "2" });
    expect([...back.tensors.keys()].sort()).toEqual([...EXAMPLE.keys()].sort());
    for (const [name, tensor] of EXAMPLE) {
      const copy = back.tensors.get(name)!;
      expect(copy.shape).toEqual(tensor.shape);
      expect(tensorType(copy.data)).toBe(tensorType(tensor.data));
      expect(new Uint8Array(copy.data.buffer, copy.data.byteOffset, copy.data.byteLength)).toEqual(
        new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength),
      );
    }
  });

  it("writes the same bytes whatever the order of the names", () => {
    const reversed = new Map([...EXAMPLE].reverse());
    expect(encodeSafetensors(reversed, { a: "1", b: "2" })).toEqual(encodeSafetensors(EXAMPLE, { b: "2", a: "1" }));
  });

  it("lays the file out as the specification says", () => {
    const bytes = encodeSafetensors(new Map([["x", { shape: [2], data: new Float32Array([1, 2]) }]]));
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerLength % 8).toBe(0);
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
    expect(header.trimEnd()).toBe('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
    // 1.0f and 2.0f, little-endian.
    expect([...bytes.subarray(8 + headerLength)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
  });

  it("writes a view's own elements, not its whole buffer", () => {
    const data = new Float64Array([1, 2, 3, 4]).subarray(1, 3);
    const back = decodeSafetensors(encodeSafetensors(new Map([["x", { shape: [2], data }]])));
    expect([...back.tensors.get("x")!.data]).toEqual([2, 3]);
  });

  it("reads a file that lies at an odd offset of a larger buffer", () => {
    const bytes = encodeSafetensors(EXAMPLE);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors.get("10")!.data[0]).toBe(Math.PI);
  });

  it("refuses a file cut at any byte", () => {
    const bytes = encodeSafetensors(EXAMPLE, { a: "1" });
    for (let n = 0; n < bytes.length; n++)
      expect(() => decodeSafetensors(bytes.subarray(0, n), "x"), `cut at ${n}`).toThrow(CorruptFileError);
  });

  it.each([
    ["an unknown type", '{"x":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}', 2, /unknown type/],
    ["a hole", '{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2, /hole or an overlap/],
    ["bytes left over", '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 2, /take 1 bytes but it holds 2/],
    ["a size that does not fit", '{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4, /does not fit its shape/],
    ["metadata that is not text", '{"__metadata__":{"a":1}}', 0, /not text/],
    ["a header that is a list", "[]", 0, /not an object/],
    ["text that is no JSON", "hello!!!", 0, /not JSON/],
  ])("refuses %s", (_, json, body, message) => {
    expect(() => decodeSafetensors(withHeader(json, body), "weights.safetensors")).toThrow(message);
  });

  it("refuses to write a shape that does not fit", () => {
    expect(() => encodeSafetensors(new Map([["x", { shape: [3], data: new Float32Array(2) }]]))).toThrow(ContractError);
  });
});
