import type { PeerProgram } from "./peer-process.ts";

/** The rivals' programs. Threads are set here or in the scripts: one, unless a name says otherwise. */
export const TORCH: PeerProgram = { name: "torch", kind: "python", script: "python/torch_rival.py" };
/**
 * As many processes of the same program: at 4,096 rows eager steps ran at 287,000 to 366,000 samples/s in ten of them, on one quiet host (2026-11-23), each at
 * much the same speed for all of its life.
 */
export const TORCH_EAGER: readonly PeerProgram[] = [1, 2, 3].map((i) => ({ ...TORCH, name: `torch, process ${i}` }));
/** A process of its own: what compiling leaves in the heap changes the speed of eager steps after it. */
export const TORCH_COMPILED: PeerProgram = { ...TORCH, name: "torch.compile" };
/**
 * glibc's allocator told to keep what is freed. As it comes it hands the arrays of 4,096 rows back to the system at each step and gets them anew, zeroed,
 * page by page, about a thousand page faults a step: half of torch's speed there (found 2026-11-23).
 */
export const TORCH_KEEPING: PeerProgram = {
  ...TORCH,
  name: "torch, memory kept",
  env: { MALLOC_MMAP_THRESHOLD_: "33554432", MALLOC_TRIM_THRESHOLD_: "268435456" },
};
export const SB3: PeerProgram = { name: "stable-baselines3", kind: "python", script: "python/sb3_rival.py" };
export const GYMNASIUM: PeerProgram = { name: "gymnasium", kind: "python", script: "python/gymnasium_rival.py" };
export const JAX_ONE_CORE: PeerProgram = {
  name: "jax, one core",
  kind: "python",
  script: "python/jax_rival.py",
  env: { CORES: "1" },
};
export const JAX_ALL_CORES: PeerProgram = { name: "jax, all cores", kind: "python", script: "python/jax_rival.py" };
export const TFJS_WASM: PeerProgram = {
  name: "tfjs wasm",
  kind: "node",
  script: "node/tfjs-rival.mjs",
  args: ["wasm"],
};
export const TFJS_NATIVE: PeerProgram = {
  name: "tfjs-node native",
  kind: "tfjs-node",
  script: "node/tfjs-rival.mjs",
  args: ["tensorflow"],
};

/** onnxruntime on a graph from raw features to intents, and the accounts that it meets. */
export function onnxRuntime(
  kind: "node" | "python",
  graph: string,
  files: { readonly model: string; readonly rows: string },
): PeerProgram {
  return {
    name: `onnxruntime (${kind}, ${graph})`,
    kind,
    script: kind === "node" ? "node/onnxruntime-rival.mjs" : "python/onnxruntime_rival.py",
    env: { GREEKGYM_ONNX: files.model, GREEKGYM_ROWS: files.rows },
  };
}
