import { embeddedWasm } from "../../src/core/embedded-wasm.ts";
import { marketSha256, marketWasm } from "./market.wasm.ts";

interface WasmNamespace {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** The functions of env/kernel/assembly. Pointers are byte offsets into `memory`, which never grows. */
export interface MarketKernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** See env/market/flow-trades.ts. */
  flowTrades(word: number, salt: number, key: number, stream: number): number;
  flowIn(): number;
  flowOut(): number;
  flowSeconds(): number;
  flowVolume(): number;
  flowSign(): number;
  flowInformed(): number;
  /** See env/options/normal-tails.ts. */
  normalTails(n: number): void;
  tailsIn(): number;
  tailsDensity(): number;
  tailsOut(): number;
  /** See env/options/book-kernel.ts. */
  optionBook(options: number, spot: number, rate: number, dividendYield: number, secondsPerYear: number): number;
  bookStrike(): number;
  bookSeconds(): number;
  bookVolatility(): number;
  bookSign(): number;
  bookQuantity(): number;
  bookLog(): number;
  bookGreeks(): number;
  bookTotals(): number;
}

let kernel: MarketKernel | undefined;
let tried = false;

/**
 * The one instance of the environments' kernel: it keeps nothing from call to call, and calls never overlap. Undefined where WebAssembly with SIMD
 * does not start; the plain TypeScript beside each function gives the same bits. Throws a CorruptFileError for a damaged module.
 */
export function marketKernel(): MarketKernel | undefined {
  if (tried) return kernel;
  const bytes = embeddedWasm("env/kernel/market.wasm.ts", marketWasm, marketSha256);
  tried = true;
  try {
    // biome-ignore lint/style/noRestrictedGlobals: the compiler's ES library does not declare WebAssembly itself.
    const wasm = (globalThis as unknown as { WebAssembly: WasmNamespace }).WebAssembly;
    kernel = new wasm.Instance(new wasm.Module(bytes)).exports as unknown as MarketKernel;
  } catch {
    kernel = undefined;
  }
  return kernel;
}
