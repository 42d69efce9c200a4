import { kernelEngine } from "../models/kernel/engine.ts";
import { referenceEngine } from "../models/kernel/reference.ts";
import type { Engine } from "../src/core/contracts/network.ts";
import { Random } from "../src/core/random.ts";

/** One measured quantity; one value a round. */
export interface BenchmarkRow {
  readonly name: string;
  readonly unit: string;
  readonly values: number[];
}

const WIDTH = 64;
const LAYERS = 2;
const ROUNDS = 7;
const SECONDS = 0.15;

function normals(length: number, seed: number): Float32Array {
  const random = new Random(seed, "bench");
  return Float32Array.from({ length }, () => 0.2 * random.normal());
}

/** Seconds a call of `work`, over at least SECONDS. */
function time(work: () => void): number {
  let calls = 0;
  const start = performance.now();
  let elapsed = 0;
  do {
    for (let i = 0; i < 4; i++) work();
    calls += 4;
    elapsed = (performance.now() - start) / 1000;
  } while (elapsed < SECONDS);
  return elapsed / calls;
}

/** GFLOP/s of 64-64-64 tanh networks: 2 operations a weight and row forward, 4 more backward (tanh and bias not counted). */
export function suite(): BenchmarkRow[] {
  const engines: Engine[] = [referenceEngine, kernelEngine()];
  const rows: BenchmarkRow[] = [];
  for (const batch of [1, 256, 1024])
    for (const engine of engines) {
      const network = engine.mlp([...Array.from({ length: LAYERS }, () => WIDTH), WIDTH], "tanh");
      const optimiser = engine.adam({ learningRate: 1e-6 });
      network.parameters.values.set(normals(network.parameters.values.length, 1));
      const x = normals(batch * WIDTH, 2);
      const dy = normals(batch * WIDTH, 3);
      const operations = 2 * LAYERS * WIDTH * WIDTH * batch;
      const name = `${engine.name} ${WIDTH}x${WIDTH} batch ${batch}`;
      const forward: number[] = [];
      const both: number[] = [];
      const step: number[] = [];
      // The first round warms the compiler up and is not kept.
      for (let round = 0; round <= ROUNDS; round++) {
        const a = time(() => network.forward(x, batch));
        const b = time(() => {
          network.forward(x, batch);
          network.backward(dy, batch);
        });
        const c = time(() => network.step(optimiser));
        if (round === 0) continue;
        forward.push(operations / a / 1e9);
        both.push((3 * operations) / b / 1e9);
        step.push(c * 1e6);
      }
      rows.push({ name: `${name} forward`, unit: "GFLOP/s", values: forward });
      rows.push({ name: `${name} forward+backward`, unit: "GFLOP/s", values: both });
      if (batch === 1024)
        rows.push({
          name: `${engine.name} Adam, ${network.parameters.values.length} parameters`,
          unit: "us",
          values: step,
        });
    }
  return rows;
}
