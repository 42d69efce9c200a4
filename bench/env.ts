import { readFileSync } from "node:fs";
import { createBaseline } from "../agents/baselines/registry.ts";
import { cartPoleVector } from "../env/tasks/classic/cartpole.ts";
import { RebalanceEnv } from "../env/tasks/rebalance/rebalance-env.ts";
import { INTENT_WIDTH } from "../src/core/contracts/intent.ts";
import { loadConfig } from "../src/core/yaml-config.ts";
import { experimentSchema } from "../src/evaluate/experiment.ts";
import type { BenchmarkRow } from "./kernels.ts";

const ROUNDS = 7;
const SECONDS = 0.4;

/** Environment steps (decisions) a second on one core: vectorised quickstart with and without a deciding rule, and CartPole. */
export function suite(): BenchmarkRow[] {
  const path = "experiments/quickstart.yaml";
  const { value: experiment } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
  const rows: BenchmarkRow[] = [];
  for (const rule of [undefined, "delta-band", "composite"]) {
    const numEnvs = 256;
    const env = new RebalanceEnv({ scenario: experiment.scenario, numEnvs, split: "train", seed: 1 });
    env.reset({ seed: 1 });
    const policy = rule === undefined ? undefined : createBaseline(rule, {}, env.context);
    const intents = new Float64Array(numEnvs * INTENT_WIDTH);
    const available = new Uint8Array(env.extractor.width).fill(1);
    const none = new Float64Array(0);
    const mask = new Uint8Array(0);
    rows.push(
      measure(`quickstart x${numEnvs}, ${rule ?? "no trades"}`, numEnvs, () => {
        policy?.decide(numEnvs, env.features, available, none, mask, intents);
        env.step(intents);
      }),
    );
  }
  const cartPole = cartPoleVector(1024);
  cartPole.reset({ seed: 1 });
  const pushes = Int32Array.from({ length: 1024 }, (_, i) => i % 2);
  rows.push(measure("CartPole x1024", 1024, () => cartPole.step(pushes)));
  return rows;
}

function measure(name: string, stepsPerCall: number, work: () => void): BenchmarkRow {
  const values: number[] = [];
  // The first round warms the compiler up and is not kept.
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    let calls = 0;
    let elapsed = 0;
    do {
      for (let i = 0; i < 8; i++) work();
      calls += 8;
      elapsed = (performance.now() - start) / 1000;
    } while (elapsed < SECONDS);
    if (round > 0) values.push((calls * stepsPerCall) / elapsed);
  }
  return { name, unit: "steps/s", values };
}
