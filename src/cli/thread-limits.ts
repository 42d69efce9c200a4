import type { ResourceLimits } from "node:worker_threads";

/**
 * Of every thread that we start. What a thread computes with is in arrays that live long; the short-lived rest is little, and V8 would let it
 * spread over 48 MB a thread before it collects. The first line of main.ts and package.json's `start` say the same for the main thread, in
 * Node's other measure: a semi-space is a third of the young generation.
 */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 6 };
