import { trainingEngine } from "../models/kernel/engine.ts";
import { KernelTeam } from "../models/kernel/team.ts";
import { spawnThread, threadsToUse } from "../src/cli/training-threads.ts";
import type { Engine } from "../src/core/contracts/network.ts";
import { startThreads } from "../src/train/parallel/threads.ts";

/** Our engine as users run it, by the number of threads that compute. */
export interface OurEngine {
  readonly label: string;
  readonly engine: Engine;
  close(): void;
}

/** The default of `train.shards` (src/evaluate/experiment.ts). */
const DEFAULT_SHARDS = 4;

/** What `train: { workers: 1, shards: 1 }` gives: a team of one, gradients in one sum. */
export function oneCore(): OurEngine {
  const { team } = startThreads(1, spawnThread());
  return { label: "greekgym, one core", engine: trainingEngine(1, team), close: () => team.close() };
}

/** Two workers on one memory, gradients in four shards: what `train.workers: 2` gives, and a little more work than one core's one shard. */
function twoWorkers(): OurEngine[] {
  if (threadsToUse(2) < 2) return [];
  const { team } = startThreads(2, spawnThread());
  return [{ label: "greekgym, two workers", engine: trainingEngine(DEFAULT_SHARDS, team), close: () => team.close() }];
}

/** All ways in which learning is measured. Threads need the build: under a development runner there is one core alone. */
export function ourEngines(): OurEngine[] {
  return [oneCore(), ...twoWorkers()];
}

/**
 * What `train.relaxedSimd: true` gives on one core, where the runtime has fused multiply-adds: Node 22 or newer, and Node 20 started with
 * `--experimental-wasm-relaxed-simd`. None elsewhere.
 */
export function relaxedEngines(): OurEngine[] {
  const alone = () => {
    throw new RangeError("a team of one starts no thread");
  };
  try {
    const team = new KernelTeam(1, alone, "relaxed");
    return [{ label: "greekgym, relaxed SIMD, one core", engine: trainingEngine(1, team), close: () => team.close() }];
  } catch {
    return [];
  }
}
