/** The few members of the WebAssembly interface that the kernel needs; the compiler's ES library does not declare them. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

interface WasmNamespace {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports?: object) => { readonly exports: Readonly<Record<string, unknown>> };
  Memory: new (options: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
}

// biome-ignore lint/style/noRestrictedGlobals: the compiler's ES library does not declare WebAssembly itself.
export const wasm = (globalThis as unknown as { WebAssembly: WasmNamespace }).WebAssembly;
