import { embeddedWasm } from "../../src/core/embedded-wasm.ts";
import { GreekgymError } from "../../src/core/errors.ts";
import { denseSha256, denseWasm } from "./dense.wasm.ts";
import type { RecurrentFunctions } from "./gru.ts";
import type { HeadFunctions } from "./head-functions.ts";
import type { LayerNormFunctions } from "./layer-norm.ts";
import type { ColumnFunctions } from "./normaliser.ts";
import { relaxedSha256, relaxedWasm } from "./relaxed.wasm.ts";
import { sharedSha256, sharedWasm } from "./shared.wasm.ts";
import { type WasmMemory, wasm } from "./webassembly.ts";

/** The functions of models/kernel/assembly. Pointers are byte offsets into the instance's memory; `network` points at network-words.ts's words. */
export interface KernelFunctions extends HeadFunctions, ColumnFunctions, LayerNormFunctions, RecurrentFunctions {
  forward(network: number): void;
  backward(network: number): void;
  /** Adds the gradients of all shards to the network's. */
  reduce(network: number): void;
  /** `set` points at parameters.ts's words. One step over the numbers [from, to). */
  adamStep(set: number, from: number, to: number): void;
  sumGradientSquares(set: number): void;
  scaleGradients(set: number): void;
  zero(p: number, n: number): void;
  /** Copies n rows of `width` floats, whose numbers (u32) lie at `rows`. */
  gather(from: number, width: number, rows: number, n: number, to: number): void;
  /** Bytes below this are the kernel's own. */
  heapBase(): number;
}

/** What the build for shared memory has besides; `control` points at team.ts's control block. */
export interface TeamFunctions {
  publish(control: number, operation: number, subjects: number): void;
  awaitJob(control: number, seen: number, spins: number): number;
  operation(control: number, generation: number): number;
  generationOf(control: number): number;
  takePieces(control: number, member: number, generation: number): void;
  awaitPieces(control: number, spins: number, milliseconds: number): number;
  countOff(control: number): void;
  awaitMembers(control: number, spins: number, milliseconds: number): number;
}

const modules = new Map<string, object>();

const NEEDED = {
  dense: "Use a runtime with WebAssembly SIMD (Node 20.19 or newer, any browser since 2023), or the reference engine.",
  shared: "Use a runtime with WebAssembly SIMD and threads (Node 20.19 or newer).",
  relaxed: "Use Node 22 or newer, whose WebAssembly has relaxed SIMD, or set train.relaxedSimd to false.",
};

/** A build of the kernel, compiled once. It is a few kilobytes, so that browsers compile it synchronously too. */
function compiled(name: keyof typeof NEEDED, text: string, sha256: string): object {
  let module = modules.get(name);
  if (module === undefined) {
    const bytes = embeddedWasm(`models/kernel/${name}.wasm.ts`, text, sha256);
    try {
      module = new wasm.Module(bytes);
    } catch (cause) {
      throw new GreekgymError("kernel", "This runtime cannot run the kernel's WebAssembly.", {
        which: `models/kernel/${name}.wasm.ts`,
        fix: NEEDED[name],
        cause,
      });
    }
    modules.set(name, module);
  }
  return module;
}

/** A new instance of the kernel with a memory of its own. */
export function ownKernel(): { kernel: KernelFunctions; memory: WasmMemory } {
  const { exports } = new wasm.Instance(compiled("dense", denseWasm, denseSha256));
  return { kernel: exports as unknown as KernelFunctions, memory: exports.memory as WasmMemory };
}

/** Pages up to which a shared memory may grow: all that 32-bit pointers reach, or less where the process may not reserve so much address space. */
const MAXIMA = [65_536, 16_384, 4096];

/** A memory that threads share; it starts small. @throws GreekgymError `kernel` where not even a little address space can be had. */
function sharedMemory(): WasmMemory {
  let cause: unknown;
  for (const maximum of MAXIMA)
    try {
      return new wasm.Memory({ initial: 16, maximum, shared: true });
    } catch (error) {
      cause = error;
    }
  throw new GreekgymError("kernel", "No memory can be had for training threads.", {
    which: "address space",
    value: `${MAXIMA.at(-1)! / 16} MiB`,
    fix: "Raise the limit on address space (ulimit -v), or train on a machine with more memory.",
    cause,
  });
}

/** What tells one build of the kernel from another: members of a team must run their leader's. */
export function buildOf(arithmetic: Arithmetic): string {
  return arithmetic === "exact" ? sharedSha256 : relaxedSha256;
}

/** Whether multiply-adds are rounded twice on every machine, or as the processor likes best (models/kernel/assembly/multiply-add.ts). */
export type Arithmetic = "exact" | "relaxed";

/** Compiles the build with relaxed multiply-adds. @throws GreekgymError `kernel` where the runtime has no relaxed SIMD. */
export function expectRelaxedSimd(): void {
  compiled("relaxed", relaxedWasm, relaxedSha256);
}

/**
 * An instance for one thread on a memory that several share; a new memory where none is given. All that share one must compute alike.
 * @throws GreekgymError `kernel` where the runtime has no relaxed SIMD and it was asked for.
 */
export function sharedKernel(
  memory: WasmMemory = sharedMemory(),
  arithmetic: Arithmetic = "exact",
): {
  kernel: KernelFunctions & TeamFunctions;
  memory: WasmMemory;
} {
  const module =
    arithmetic === "exact"
      ? compiled("shared", sharedWasm, sharedSha256)
      : compiled("relaxed", relaxedWasm, relaxedSha256);
  const { exports } = new wasm.Instance(module, { env: { memory } });
  return { kernel: exports as unknown as KernelFunctions & TeamFunctions, memory };
}
