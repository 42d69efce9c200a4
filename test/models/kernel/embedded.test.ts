import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.doUnmock("../../../models/kernel/dense.wasm.ts");
  vi.resetModules();
});

const next = (letter: string) => String.fromCharCode(letter.charCodeAt(0) + 1);

describe("the embedded kernel", () => {
  it.each([
    ["is cut off", (text: string) => text.slice(0, text.length / 2)],
    ["has a letter changed", (text: string) => text.slice(0, 5000) + text.slice(5000).replace(/[A-Y]/, (c) => next(c))],
    ["is no base64", () => "not base64!"],
  ])("stops with a clear error, naming its file, where it %s", async (_, damage) => {
    const { denseWasm, denseSha256 } = await import("../../../models/kernel/dense.wasm.ts");
    expect(damage(denseWasm)).not.toBe(denseWasm);
    vi.resetModules();
    vi.doMock("../../../models/kernel/dense.wasm.ts", () => ({ denseWasm: damage(denseWasm), denseSha256 }));
    const { kernelEngine } = await import("../../../models/kernel/engine.ts");
    expect(() => kernelEngine().mlp([1, 1], "tanh")).toThrow(
      /^An embedded WebAssembly module is damaged\.\n {2}where: models\/kernel\/dense\.wasm\.ts\n/,
    );
  });
});
