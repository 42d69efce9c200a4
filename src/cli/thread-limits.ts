import type { ResourceLimits } from "node:worker_threads";

/**
 * Of every thread that we start. What a thread computes with is in arrays that live long; the short-lived rest is little, and V8 would let it
 * spread over 48 MB a thread before it collects.
 */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 6 };
