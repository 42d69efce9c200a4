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
  maxRss: number;
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
const samples: MemorySamples = { hours: [], rss: [], live: [], heap: [], arrays: [], maxRss: 0 };
let update = 0;
await trainQuickstart(quickstart(updates, 5, 25), folder, true, () => {
  if (update++ % every !== 0) return;
  collect();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  samples.hours.push(performance.now() / 3.6e6);
  samples.rss.push(rss);
  samples.live.push(heapUsed + external);
  samples.heap.push(heapUsed);
  samples.arrays.push(arrayBuffers);
});
// resourceUsage counts kilobytes.
samples.maxRss = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify(samples)}\n`);
