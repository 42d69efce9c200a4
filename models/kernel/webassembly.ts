/** The few members of the WebAssembly interface that the kernel needs; the compiler's ES library does not declare them. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface WasmNamespace {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

// biome-ignore lint/style/noRestrictedGlobals: the compiler's ES library does not declare WebAssembly itself.
export const wasm = (globalThis as unknown as { WebAssembly: WasmNamespace }).WebAssembly;
