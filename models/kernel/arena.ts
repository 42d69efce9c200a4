import { ContractError } from "../../src/core/errors.ts";
import { denseWasm } from "./dense.wasm.ts";
import { type WasmMemory, wasm } from "./webassembly.ts";

/** The functions of models/kernel/assembly. Pointers are byte offsets into the arena's memory. */
export interface KernelFunctions {
  forward(
    x: number,
    w: number,
    bias: number,
    y: number,
    scratch: number,
    batch: number,
    inputs: number,
    outputs: number,
    activation: number,
  ): void;
  backward(
    x: number,
    w: number,
    y: number,
    dy: number,
    dx: number,
    dw: number,
    db: number,
    scratch: number,
    batch: number,
    inputs: number,
    outputs: number,
    activation: number,
  ): void;
  adam(
    values: number,
    gradients: number,
    first: number,
    second: number,
    n: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    stepSize: number,
    secondScale: number,
    epsilon: number,
  ): void;
  sumSquares(p: number, n: number): number;
  scale(p: number, n: number, factor: number): void;
  /** Bytes below this are the kernel's own. */
  heapBase(): number;
}

const PAGE = 65_536;

let compiled: object | undefined;

/** The module, compiled once. It is a few kilobytes, so that browsers compile it synchronously too. */
function kernelModule(): object {
  compiled ??= new wasm.Module(Uint8Array.from(atob(denseWasm.replaceAll("\n", "")), (c) => c.charCodeAt(0)));
  return compiled;
}

/**
 * One instance of the kernel with a memory of its own, in which arrays are laid end to end. Each network has its own arena:
 * the garbage collector then frees a network with its memory, as it does any object.
 */
export class Arena {
  readonly kernel: KernelFunctions;
  readonly #memory: WasmMemory;
  #top: number;

  constructor() {
    const { exports } = new wasm.Instance(kernelModule());
    this.kernel = exports as unknown as KernelFunctions;
    this.#memory = exports.memory as WasmMemory;
    this.#top = Math.ceil(this.kernel.heapBase() / 16) * 16;
  }

  /** The buffer now. Growth replaces it and detaches every older view. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /**
   * Reserves `length` float32 numbers, all 0, and returns their byte offset. May grow the memory.
   * @throws ContractError where the machine has no more memory or 4 GiB are used up.
   */
  allocate(length: number): number {
    const offset = this.#top;
    // A bias's last vector may be read past its end, so arrays are at least 16 bytes apart.
    const top = offset + Math.ceil((4 * length + 16) / 16) * 16;
    const pages = Math.ceil((top - this.buffer.byteLength) / PAGE);
    if (pages > 0)
      try {
        this.#memory.grow(pages);
      } catch (cause) {
        throw new ContractError("The kernel engine has no memory left for this network and batch.", {
          which: "bytes",
          value: top,
          fix: "Use smaller batches or layers.",
          cause,
        });
      }
    this.#top = top;
    return offset;
  }

  /** A view that is valid until the next `allocate`. */
  view(offset: number, length: number): Float32Array {
    return new Float32Array(this.buffer, offset, length);
  }
}
