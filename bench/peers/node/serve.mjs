import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * The other end of bench/peers/peer-process.ts in Node: the protocol is told at the head of python/serve.py.
 * Rivals live in a folder of their own; `packages(part)` requires from there.
 */
export const packages = (part) => createRequire(join(process.env.GREEKGYM_PEERS, part, "package.json"));

const now = () => Number(process.hrtime.bigint()) / 1e9;

/** Units a second of `work`, called for at least `seconds`; `sync` waits until the work is done. */
export async function rate(work, units, seconds, sync = () => undefined) {
  let calls = 0;
  const start = now();
  let elapsed = 0;
  do {
    await work();
    calls++;
    await sync();
    elapsed = now() - start;
  } while (elapsed < seconds);
  return [(calls * units) / elapsed];
}

/** [p50, p99] of one call in microseconds. */
export async function percentiles(work, calls) {
  const times = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const start = process.hrtime.bigint();
    await work();
    times[i] = Number(process.hrtime.bigint() - start) / 1e3;
  }
  times.sort();
  return [times[calls >> 1], times[Math.floor((calls * 99) / 100)]];
}

/** `makers[name](seconds)` resolves to the function of one round: index -> numbers or null. */
export async function serve(makers, version) {
  const rounds = new Map();
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      if (request.prepare !== undefined) {
        rounds.set(request.prepare, await makers[request.prepare](request.seconds));
        answer = { version };
      } else answer = { values: await rounds.get(request.round)(request.index) };
    } catch (error) {
      answer = { error: String(error).slice(0, 500) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
