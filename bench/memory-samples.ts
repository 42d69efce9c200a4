import { quickstart, trainQuickstart } from "./training-speed.ts";

/** Memory in the course of a training, in bytes. */
export interface MemorySamples {
  readonly hours: number[];
  readonly rss: number[];
  /** What is reachable: `heap`, and all that is held outside of it, code of WebAssembly and its memories among that. */
  readonly live: number[];
  readonly heap: number[];
  readonly arrays: number[];
  /** The most that was ever resident, collections or not. */
  readonly maxRss: number;
}

/**
 * `node --expose-gc memory-samples.js folder steps`: trains the quickstart with everything written, scored on select every 25 updates, and prints
 * samples of the memory held.
 */
const [folder, steps] = process.argv.slice(2);
const collect = (globalThis as { gc?: () => void }).gc;
if (folder === undefined || collect === undefined)
  throw new Error("usage: node --expose-gc memory-samples.js folder steps");
const { train, agent } = quickstart(1, 1, 1);
const updates = Math.ceil(Number(steps) / (train.envs * agent.ppo.rolloutSteps));
const every = Math.max(1, Math.floor(updates / 1000));
// Made before the first sample: lists that grow would count as memory that training holds.
const room = () => new Float64Array(Math.ceil(updates / every));
const kept = { hours: room(), rss: room(), live: room(), heap: room(), arrays: room() };
let update = 0;
await trainQuickstart(quickstart(updates, 5, 25), folder, true, () => {
  if (update++ % every !== 0) return;
  collect();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const at = (update - 1) / every;
  kept.hours[at] = performance.now() / 3.6e6;
  kept.rss[at] = rss;
  kept.live[at] = heapUsed + external;
  kept.heap[at] = heapUsed;
  kept.arrays[at] = arrayBuffers;
});
const list = (column: Float64Array) => Array.from(column);
const samples: MemorySamples = {
  hours: list(kept.hours),
  rss: list(kept.rss),
  live: list(kept.live),
  heap: list(kept.heap),
  arrays: list(kept.arrays),
  // resourceUsage counts kilobytes.
  maxRss: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(`${JSON.stringify(samples)}\n`);
