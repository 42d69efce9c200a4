import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { kernelEngine, trainingEngine } from "../../models/kernel/engine.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import { KernelTeam } from "../../models/kernel/team.ts";
import type { Engine } from "../core/contracts/network.ts";
import { GreekgymError } from "../core/errors.ts";
import { Random } from "../core/random.ts";
import { DATA_SETS, dataRoot, openData } from "../data/series.ts";
import { systemClock } from "./ports.ts";
import { projectRoot } from "./project.ts";

/** One thing that `doctor` looked at. */
export interface MachineCheck {
  readonly name: string;
  /** Without a required one greekgym does not work; the others only take something away. */
  readonly required: boolean;
  readonly ok: boolean;
  /** What was found; where it is not ok, why, and what to do. */
  readonly detail: string;
  readonly value?: number;
  readonly unit?: string;
}

const SIZES = [64, 64, 64, 8];
const BATCH = 256;

function forwardOnce(engine: Engine, values: Float32Array, x: Float32Array): Float32Array {
  const network = engine.mlp(SIZES, "tanh");
  network.parameters.values.set(values);
  return network.forward(x, BATCH).slice();
}

/** Billions of floating-point operations a second of forward passes, over about a fifth of a second. */
function measure(engine: Engine, values: Float32Array, x: Float32Array): number {
  const network = engine.mlp(SIZES, "tanh");
  network.parameters.values.set(values);
  const flops = 2 * BATCH * SIZES.slice(1).reduce((sum, n, i) => sum + n * SIZES[i]!, 0);
  for (let i = 0; i < 5; i++) network.forward(x, BATCH);
  const start = systemClock.monotonicSeconds();
  let passes = 0;
  let elapsed = 0;
  while (elapsed < 0.2) {
    network.forward(x, BATCH);
    passes++;
    elapsed = systemClock.monotonicSeconds() - start;
  }
  return (flops * passes) / elapsed / 1e9;
}

/** A random network's weights and inputs, and what the reference makes of them. */
function probe() {
  const random = new Random(1, "doctor");
  const x = Float32Array.from({ length: BATCH * SIZES[0]! }, () => random.normal());
  const { length } = referenceEngine.mlp(SIZES, "tanh").parameters.values;
  const values = Float32Array.from({ length }, () => 0.1 * random.normal());
  return { x, values, expected: forwardOnce(referenceEngine, values, x) };
}

function difference(found: Float32Array, expected: Float32Array): number {
  return found.reduce((max, y, i) => Math.max(max, Math.abs(y - expected[i]!)), 0);
}

/** Runs the kernels on a random network and compares them with the plain TypeScript of the same. */
function checkEngines(): MachineCheck[] {
  const { x, values, expected } = probe();
  const reference: MachineCheck = {
    name: "engine reference",
    required: true,
    ok: expected.every(Number.isFinite),
    detail: "plain TypeScript, for checks",
    value: measure(referenceEngine, values, x),
    unit: "GFLOP/s",
  };
  try {
    const engine = kernelEngine();
    const found = forwardOnce(engine, values, x);
    const worst = difference(found, expected);
    const ok = worst <= 1e-5;
    const detail = ok
      ? `self-check passed (largest difference from the reference ${worst.toExponential(1)}); used by default`
      : `its results differ from the reference by ${worst}: please report this machine`;
    const value = measure(engine, values, x);
    return [{ name: "engine kernel (wasm-simd)", required: true, ok, detail, value, unit: "GFLOP/s" }, reference];
  } catch (error) {
    const detail = `does not start: ${firstLine(error)}; use a Node.js with WebAssembly SIMD`;
    return [{ name: "engine kernel (wasm-simd)", required: true, ok: false, detail }, reference];
  }
}

/** The build whose multiply-adds are relaxed: by choice, and only where the runtime has them. */
function checkRelaxedSimd(): MachineCheck {
  const name = "engine kernel (wasm-relaxed-simd)";
  const from = (ok: boolean, detail: string, value?: number): MachineCheck => ({
    name,
    required: false,
    ok,
    detail,
    ...(value !== undefined && { value, unit: "GFLOP/s" }),
  });
  try {
    const alone = () => {
      throw new GreekgymError("kernel", "A team of one starts no thread.");
    };
    const engine = trainingEngine(1, new KernelTeam(1, alone, "relaxed"));
    const { x, values, expected } = probe();
    const worst = difference(forwardOnce(engine, values, x), expected);
    const ok = worst <= 1e-5;
    const detail = ok
      ? `self-check passed (largest difference from the reference ${worst.toExponential(1)}); off unless train.relaxedSimd is true`
      : `its results differ from the reference by ${worst}: leave train.relaxedSimd false`;
    return from(ok, detail, measure(engine, values, x));
  } catch {
    return from(
      false,
      `Node.js ${process.version} has no relaxed SIMD (22 and newer have); leave train.relaxedSimd false`,
    );
  }
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).trim().split("\n")[0]!;

/** Loads a backend of TensorFlow.js that comes with greekgym and compares it with the plain TypeScript. */
async function checkTfjs(backend: "wasm" | "cpu"): Promise<MachineCheck> {
  const name = `engine tfjs (${backend})`;
  const from = (ok: boolean, detail: string): MachineCheck => ({ name, required: false, ok, detail });
  try {
    const { tfjsEngine } = await import("../../models/tfjs/engine.ts");
    const { x, values, expected } = probe();
    const worst = difference(forwardOnce(await tfjsEngine({ backend }), values, x), expected);
    return worst <= 1e-5
      ? from(true, `loads, agrees with the reference to ${worst.toExponential(1)}: for models of your own`)
      : from(false, `its results differ from the reference by ${worst}: please report this machine`);
  } catch (error) {
    return from(false, `does not load: ${firstLine(error)}`);
  }
}

/** Whether TensorFlow's native library is installed and loads; tried in another process, since a broken one can end it. */
async function checkTensorflow(): Promise<MachineCheck> {
  const name = "@tensorflow/tfjs-node";
  const from = (detail: string, ok = false): MachineCheck => ({ name, required: false, ok, detail });
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    return from("not installed: it is optional, and its download may have failed; `npm install` tries again");
  }
  try {
    // Node.js 23 removed a function that it calls; the engine puts it back as well.
    const script = `require("util").isNullOrUndefined ??= (x) => x == null;
const tf = require(${JSON.stringify(entry)}); tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).dataSync(); process.stdout.write(tf.version.tfjs);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { timeout: 30_000 });
    return from(`version ${stdout.trim()} loads and computes: agent.network.backend may be tensorflow`, true);
  } catch (error) {
    const text = String((error as { stderr?: string }).stderr ?? "");
    const cause = text.split("\n").find((line) => /Error|cannot|not found/i.test(line)) ?? firstLine(error);
    return from(`installed, but does not load: ${cause.trim()}`);
  }
}

function checkNode(): MachineCheck {
  const engines = (
    JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8")) as { engines: { node: string } }
  ).engines.node;
  const [wantMajor, wantMinor] = engines.replace(/^\D*/, "").split(".").map(Number) as [number, number];
  const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
  const ok = major > wantMajor || (major === wantMajor && minor >= wantMinor);
  return { name: "Node.js", required: true, ok, detail: `${process.version}, needs ${engines}` };
}

/** The folder itself, or the nearest one above it that exists. */
function nearestFolder(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function checkRuns(out: string): MachineCheck {
  const folder = nearestFolder(out);
  const name = "folder of runs";
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const made = resolve(out) === folder ? "" : " (made when the first run starts)";
    return { name, required: true, ok: true, detail: `${resolve(out)} can be written${made}` };
  } catch {
    return { name, required: true, ok: false, detail: `${folder} cannot be written; choose another folder with --out` };
  }
}

function checkData(data: string | undefined): MachineCheck {
  const name = "recorded data";
  const root = dataRoot(data, process.env);
  if (root === undefined || root === "")
    return { name, required: false, ok: false, detail: "no folder named; point --data or GREEKGYM_DATA at it" };
  const missing = DATA_SETS.flatMap((set) => {
    try {
      openData(resolve(root), set);
      return [];
    } catch (error) {
      return [`${set}: ${firstLine(error)}`];
    }
  });
  const found = DATA_SETS.length - missing.length;
  return {
    name,
    required: false,
    ok: missing.length === 0,
    detail: `${resolve(root)}: ${found} of ${DATA_SETS.length} known sets${missing.map((m) => `; ${m}`).join("")}`,
  };
}

async function checkThreads(): Promise<MachineCheck> {
  const name = "worker threads";
  const entry = new URL(import.meta.resolve("#evaluation-worker"));
  if (!existsSync(entry))
    return {
      name,
      required: false,
      ok: false,
      detail: "the program is not built: `npm run build`; work is done in one thread",
    };
  const answered = await new Promise<string>((done) => {
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage("ok")', { eval: true });
    worker.once("message", () => done("ok"));
    worker.once("error", (error) => done(firstLine(error)));
  });
  return { name, required: true, ok: answered === "ok", detail: answered === "ok" ? "start and answer" : answered };
}

/** Looks at this machine. `out` is the folder of runs, `data` the folder of recorded data where one is named. */
export async function checkMachine(out: string, data: string | undefined): Promise<MachineCheck[]> {
  const cores = availableParallelism();
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  return [
    checkNode(),
    ...checkEngines(),
    checkRelaxedSimd(),
    await checkTfjs("wasm"),
    await checkTfjs("cpu"),
    await checkTensorflow(),
    await checkThreads(),
    {
      name: "processor",
      required: true,
      ok: true,
      detail: cpus()[0]?.model.trim() ?? "unknown",
      value: cores,
      unit: cores === 1 ? "core" : "cores",
    },
    {
      name: "memory",
      required: false,
      ok: totalmem() >= 2 * 2 ** 30,
      detail: `${gib(freemem())} of ${gib(totalmem())} GiB free; 2 GiB in all are enough for the shipped experiments`,
    },
    checkRuns(out),
    checkData(data),
  ];
}
