import { ContractError } from "../../src/core/errors.ts";
import { type KernelFunctions, ownKernel } from "./functions.ts";
import type { WasmMemory } from "./webassembly.ts";

const PAGE = 65_536;
const LIMIT = 65_536 * PAGE;

/**
 * One instance of the kernel and its memory, in which arrays are laid end to end. A network outside training has an arena of its own: the
 * garbage collector then frees a network with its memory, as it does any object. The networks of a training engine share one.
 */
export class Arena {
  readonly kernel: KernelFunctions;
  readonly #memory: WasmMemory;
  /** Where numbers of rows are put for the kernel to read. */
  #rows = { offset: 0, capacity: 0 };
  readonly #given: { from: number; to: number }[] = [];
  /** The memory's buffers, one after each growth. A shared memory's older ones stay valid. */
  readonly #buffers = new WeakSet<object>();
  /** The memory's buffer now: asking the memory for it costs more than a small batch's copy. */
  #buffer: ArrayBuffer | SharedArrayBuffer;
  #top: number;

  constructor(instance: { kernel: KernelFunctions; memory: WasmMemory } = ownKernel()) {
    this.kernel = instance.kernel;
    this.#memory = instance.memory;
    // From a cache line of their own on: threads read the kernel's constants, which lie before.
    this.#top = Math.ceil(this.kernel.heapBase() / 64) * 64;
    this.#buffer = this.#memory.buffer;
    this.#buffers.add(this.#buffer);
  }

  /** The buffer now. Growth replaces it and, unless it is shared, detaches every older view. */
  get buffer(): ArrayBuffer | SharedArrayBuffer {
    return this.#buffer;
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
        if (top > LIMIT) throw new RangeError("more than 32-bit pointers reach");
        this.#memory.grow(pages);
      } catch (cause) {
        throw new ContractError("The kernel engine has no memory left for this network and batch.", {
          which: "bytes",
          value: top,
          fix: "Use smaller batches or layers: an engine's memory ends at 4 GiB, or where the machine has no more.",
          cause,
        });
      }
    if (pages > 0) {
      this.#buffer = this.#memory.buffer;
      this.#buffers.add(this.#buffer);
    }
    this.#top = top;
    return offset;
  }

  /** A view that is valid until the next `allocate`, and for good where the memory is shared. */
  view(offset: number, length: number): Float32Array {
    return new Float32Array(this.buffer, offset, length);
  }

  /** Words (i32) at a byte offset, as `view`. */
  words(offset: number, length: number): Int32Array {
    return new Int32Array(this.buffer, offset, length);
  }

  /** An array whose content networks of this arena may read where it is. */
  give(length: number): Float32Array {
    const from = this.allocate(length);
    this.#given.push({ from, to: from + 4 * length });
    return this.view(from, length);
  }

  /** The byte offset of a view of an array that `give` returned; undefined for any other. */
  offsetOf(x: Float32Array): number | undefined {
    if (!this.#buffers.has(x.buffer)) return undefined;
    const { byteOffset } = x;
    const end = byteOffset + x.byteLength;
    return this.#given.some(({ from, to }) => byteOffset >= from && end <= to) ? byteOffset : undefined;
  }

  /**
   * Copies rows of `width` numbers from one array that `give` returned to the front of another.
   * @returns false where one of them is another's: nothing is copied then.
   */
  gather(from: Float32Array, width: number, rows: Uint32Array, to: Float32Array): boolean {
    const [source, target] = [this.offsetOf(from), this.offsetOf(to)];
    if (source === undefined || target === undefined) return false;
    if (rows.length > this.#rows.capacity) this.#rows = { offset: this.allocate(rows.length), capacity: rows.length };
    const { offset } = this.#rows;
    this.words(offset, rows.length).set(rows);
    this.kernel.gather(source, width, offset, rows.length, target);
    return true;
  }

  /** Whether a view lies anywhere in this memory. */
  contains(x: Float32Array): boolean {
    return this.#buffers.has(x.buffer);
  }
}

/** A view of `length` numbers that is made anew after growth has detached it. */
function renewed<V extends { readonly length: number }>(length: number, make: () => V): () => V {
  let view = make();
  return () => {
    if (view.length !== length) view = make();
    return view;
  };
}

/** Words in an arena, by which the kernel finds what a call is about. */
export class ArenaWords {
  readonly offset: number;
  readonly #words: () => Int32Array;
  readonly #singles: () => Float32Array;
  readonly #doubles: () => Float64Array;

  /** @param length in words, whole pairs where float64 numbers are among them. */
  constructor(arena: Arena, length: number) {
    const offset = arena.allocate(length);
    this.offset = offset;
    this.#words = renewed(length, () => arena.words(offset, length));
    this.#singles = renewed(length, () => arena.view(offset, length));
    this.#doubles = renewed(length >> 1, () => new Float64Array(arena.buffer, offset, length >> 1));
  }

  /** As integers. */
  get view(): Int32Array {
    return this.#words();
  }

  /** As float32 numbers. */
  get singles(): Float32Array {
    return this.#singles();
  }

  /** As float64 numbers, of two words each. */
  get doubles(): Float64Array {
    return this.#doubles();
  }
}

/** An array in an arena. */
export class ArenaArray {
  readonly offset: number;
  readonly #view: () => Float32Array;

  constructor(arena: Arena, length: number) {
    const offset = arena.allocate(length);
    this.offset = offset;
    this.#view = renewed(length, () => arena.view(offset, length));
  }

  get view(): Float32Array {
    return this.#view();
  }
}
