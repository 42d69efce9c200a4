import { describe, expect, it } from "vitest";
import { embeddedWasm } from "../../src/core/embedded-wasm.ts";
import { CorruptFileError } from "../../src/core/errors.ts";
import { sha256Hex } from "../../src/core/hash.ts";

const EMPTY = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const TEXT = `\n${btoa(String.fromCharCode(...EMPTY)).replace(/(.{5})/g, "$1\n")}\n`;
const HASH = sha256Hex(EMPTY);

describe("An embedded WebAssembly module", () => {
  it("is read back, whatever its line ends", () => {
    expect(embeddedWasm("m.wasm.ts", TEXT, HASH)).toEqual(EMPTY);
  });

  it.each([
    ["is no base64 any more", TEXT.replace("A", "*")],
    ["lost its end", TEXT.slice(0, -5)],
    // Another version number: still text of the right length, and still decoded.
    ["has one letter changed", TEXT.replace("E", "I")],
  ])("is refused by its file's name where the text %s", (_, text) => {
    const read = () => embeddedWasm("models/kernel/m.wasm.ts", text, HASH);
    expect(text).not.toBe(TEXT);
    expect(read).toThrow(CorruptFileError);
    expect(read).toThrow(/embedded WebAssembly module is damaged\.\n {2}where: models\/kernel\/m\.wasm\.ts\n/);
  });
});
