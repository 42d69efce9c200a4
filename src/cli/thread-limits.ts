import type { ResourceLimits } from "node:worker_threads";

/**
 * Of every thread that we start. What a thread computes with is in arrays that live long; the short-lived rest is little, and V8 would let it
 * spread over 48 MB a thread before it collects. package.json's `start` says the same for the main thread, in Node's other measure: a semi-space
 * is a third of the young generation. (The program's first line cannot: not every `env` passes options on, and no call sets it at run time.)
 */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 6 };
