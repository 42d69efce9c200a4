import { readFileSync } from "node:fs";
import { createBaseline } from "../agents/baselines/registry.ts";
import { cartPoleVector } from "../env/tasks/classic/cartpole.ts";
import { RebalanceEnv } from "../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type Scenario, type ScenarioInput } from "../env/tasks/rebalance/scenario.ts";
import { INTENT_WIDTH } from "../src/core/contracts/intent.ts";
import { loadConfig } from "../src/core/yaml-config.ts";
import { experimentSchema } from "../src/evaluate/experiment.ts";
import type { BenchmarkRow } from "./kernels.ts";

const ROUNDS = 7;
const SECONDS = 0.4;

/** What is measured: an experiment, a rule that decides, and what is added to the experiment's scenario. */
const CASES: readonly (readonly [experiment: string, rule: string | undefined, more?: "all on"])[] = [
  ["quickstart", undefined],
  ["quickstart", "delta-band"],
  ["quickstart", "composite"],
  ["toxic-flow", undefined],
  ["toxic-flow", "toxicity-aware"],
  ["toxic-flow", undefined, "all on"],
];

/** Fees that follow the flow, an auction for block space, an oracle, and a script with outages. */
function withAll(scenario: Scenario): Scenario {
  const chain = {
    fee: { model: "eip1559", flowCoupling: 0.1 },
    inclusion: {},
    priorityFeeGwei: 1,
    oracle: {},
  } as const;
  return parseScenario({ ...scenario, chain, execution: { generation: "script" } } as ScenarioInput);
}

/** Environment steps (decisions) a second on one core: vectorised scenarios with and without a deciding rule, and CartPole. */
export function suite(): BenchmarkRow[] {
  const rows: BenchmarkRow[] = [];
  for (const [name, rule, more] of CASES) {
    const path = `experiments/${name}.yaml`;
    const { value: experiment } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
    const scenario = more === undefined ? experiment.scenario : withAll(experiment.scenario);
    const numEnvs = 256;
    const env = new RebalanceEnv({ scenario, numEnvs, split: "train", seed: 1 });
    env.reset({ seed: 1 });
    const policy = rule === undefined ? undefined : createBaseline(rule, {}, env.context);
    const intents = new Float64Array(numEnvs * INTENT_WIDTH);
    const available = new Uint8Array(env.extractor.width).fill(1);
    const none = new Float64Array(0);
    const mask = new Uint8Array(0);
    rows.push(
      measure(`${name}${more === undefined ? "" : `, ${more},`} x${numEnvs}, ${rule ?? "no trades"}`, numEnvs, () => {
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
