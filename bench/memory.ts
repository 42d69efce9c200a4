import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench } from "./bench.ts";
import type { MemorySamples } from "./memory-samples.ts";
import { slopeWithInterval } from "./slope.ts";

/** Steps of warm-up for each step that is measured: V8 compiles for minutes, and what grows on the heap then is its code (heap snapshots, 2026-11-23). */
const WARM_UP = 2;
/**
 * glibc gives back at once what is freed, from 128 KB on: without, resident memory wanders by a megabyte or two, for minutes, with what its allocator keeps for later,
 * which is no growth and hides it. Other allocators do not read these.
 */
const GIVE_BACK = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072" };
const MB = 2 ** 20;

/**
 * Memory, in processes of its own: the most that `npm start` ever held, and whether ten million steps of the same training, after twice as many of
 * warm-up, hold more at their end than at their beginning. Samples are taken after a forced collection.
 */
export async function memory(bench: Bench): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "greekgym-bench-"));
  try {
    const short = bench.size === "full" ? [] : ["tune.trials=4", "tune.episodes=50", "train.steps=22000"];
    const settings = [...short, ...(bench.size === "full" ? [] : ["compare.episodes=200", "train.selectEpisodes=100"])];
    const program = fileURLToPath(import.meta.resolve("../src/cli/main.js"));
    const argv = ["quickstart", "--json", "--out", folder, ...settings.flatMap((s) => ["--set", s])];
    const options = startOptions();
    const whole = await child<{ maxRss: number }>("memory-whole.js", [program, ...argv], options);
    bench.keep("quickstart from tuning to report, most memory held", "greekgym", "MB RSS", [whole.maxRss / MB]);

    const steps = bench.size === "full" ? 10_000_000 : bench.size === "quick" ? 1_000_000 : 300_000;
    const played = String((1 + WARM_UP) * steps);
    const samples = await child<MemorySamples>(
      "memory-samples.js",
      [folder, played],
      ["--expose-gc", ...options],
      GIVE_BACK,
    );
    const from = Math.floor((WARM_UP / (1 + WARM_UP)) * samples.hours.length);
    const training = `quickstart's PPO, ${steps / 1e6} million steps`;
    bench.keep(`${training}, most memory held`, "greekgym", "MB RSS", [samples.maxRss / MB]);
    for (const [what, series] of [
      ["resident memory", samples.rss],
      ["live objects and arrays", samples.live],
      ["objects on the heap", samples.heap],
      ["arrays outside of the heap", samples.arrays],
    ] as const) {
      const { slope, low, high } = slopeWithInterval(
        samples.hours.slice(from),
        series.slice(from).map((bytes) => bytes / MB),
      );
      // Smallest, median and largest of such a row are the interval's low end, the slope and the interval's high end.
      bench.keep(`${training}, growth of ${what}, 95% interval`, "greekgym", "MB/h", [low, slope, high]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The options of Node with which `npm start` starts the program: `node … dist/src/cli/main.js quickstart`. */
function startOptions(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (scripts.start as string).split(" ").filter((word) => word.startsWith("--"));
}

/** Runs one of the scripts beside this file in a process of its own; resolves to the JSON of its last line. */
function child<T>(script: string, args: readonly string[], options: readonly string[], environment = {}): Promise<T> {
  return new Promise((done, failed) => {
    const file = fileURLToPath(new URL(script, import.meta.url));
    const process_ = spawn(process.execPath, [...options, file, ...args], { env: { ...process.env, ...environment } });
    let out = "";
    let errors = "";
    process_.stdout.on("data", (data: Buffer) => {
      out += data.toString();
    });
    process_.stderr.on("data", (data: Buffer) => {
      errors = (errors + data.toString()).slice(-2000);
    });
    process_.on("error", failed);
    process_.on("close", (code) => {
      if (code === 0) done(JSON.parse(out.trim().split("\n").at(-1)!) as T);
      else failed(new Error(`${script} ended with code ${code}: ${errors}`));
    });
  });
}
