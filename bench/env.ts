import { readFileSync } from "node:fs";
import { createBaseline } from "../agents/baselines/registry.ts";
import { cartPoleVector } from "../env/tasks/classic/cartpole.ts";
import { RebalanceEnv } from "../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type Scenario, type ScenarioInput } from "../env/tasks/rebalance/scenario.ts";
import { INTENT_WIDTH } from "../src/core/contracts/intent.ts";
import { loadConfig } from "../src/core/yaml-config.ts";
import { experimentSchema } from "../src/evaluate/experiment.ts";
import { type Bench, own } from "./bench.ts";
import { rate } from "./measure.ts";
import { GYMNASIUM } from "./peers/programs.ts";

/** What is measured: an experiment, a rule that decides, and what is done to the experiment's scenario. */
interface Case {
  readonly experiment: string;
  readonly rule?: string;
  readonly more?: readonly [label: string, change: (scenario: Scenario) => Scenario];
}

const ALL_ON = ["all on", withAll] as const;
const SIXTEEN = ["all on, 16 options", (scenario: Scenario) => withOptions(withAll(scenario), 16)] as const;
/** The book of 16 with a decision at every step of the simulation: an agent-step is one decision of one agent. */
const EVERY_STEP = [
  "all on, 16 options, decisions every step",
  (scenario: Scenario) => everyStep(withOptions(withAll(scenario), 16)),
] as const;

const CASES: readonly Case[] = [
  { experiment: "quickstart" },
  { experiment: "quickstart", rule: "delta-band" },
  { experiment: "quickstart", rule: "composite" },
  { experiment: "toxic-flow" },
  { experiment: "toxic-flow", rule: "toxicity-aware" },
  { experiment: "toxic-flow", more: ALL_ON },
  { experiment: "toxic-flow", more: SIXTEEN },
  { experiment: "toxic-flow", more: EVERY_STEP },
  { experiment: "toxic-flow", more: EVERY_STEP, rule: "delta-band" },
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

/** A book of `count` different options: calls and puts by turns, strikes from 20% below the price to 20% above it. */
function withOptions(scenario: Scenario, count: number): Scenario {
  const legs = Array.from({ length: count }, (_, i) => ({
    type: i % 2 === 0 ? "call" : "put",
    quantity: i % 4 < 2 ? -10 : 5,
    moneyness: 0.8 + (0.4 * i) / (count - 1),
  }));
  return parseScenario({ ...scenario, book: { legs } } as ScenarioInput);
}

/** The scenario with a decision at each of its steps. */
function everyStep(scenario: Scenario): Scenario {
  return parseScenario({ ...scenario, decisionInterval: scenario.stepSeconds });
}

const STEPS = { name: "", unit: "steps/s", better: "more" } as const;

/** Environment steps (decisions) a second on one core: CartPole, and vectorised scenarios with and without a deciding rule. */
export async function env(bench: Bench): Promise<void> {
  await cartPole(bench);
  const seconds = bench.seconds(0.3);
  for (const { experiment: name, rule, more } of CASES) {
    const path = `experiments/${name}.yaml`;
    const { value: experiment } = loadConfig({ text: readFileSync(path, "utf8"), path, schema: experimentSchema });
    const scenario = more === undefined ? experiment.scenario : more[1](experiment.scenario);
    const numEnvs = 256;
    const env = new RebalanceEnv({ scenario, numEnvs, split: "train", seed: 1 });
    env.reset({ seed: 1 });
    const policy = rule === undefined ? undefined : createBaseline(rule, {}, env.context);
    const intents = new Float64Array(numEnvs * INTENT_WIDTH);
    const available = new Uint8Array(env.extractor.width).fill(1);
    const none = new Float64Array(0);
    const mask = new Uint8Array(0);
    const step = () => {
      policy?.decide(numEnvs, env.features, available, none, mask, intents);
      env.step(intents);
    };
    await bench.compare({
      name: `rebalance-v1 x${numEnvs}, ${name}${more === undefined ? "" : `, ${more[0]}`}, ${rule ?? "no trades"}`,
      quantities: [STEPS],
      contenders: [own("greekgym", () => rate(step, numEnvs, seconds))],
      rounds: bench.rounds(5),
      warmups: bench.size === "tiny" ? 0 : 1,
    });
  }
}

async function cartPole(bench: Bench): Promise<void> {
  const copies = 1024;
  const seconds = bench.seconds(0.4);
  const vector = cartPoleVector(copies);
  vector.reset({ seed: 1 });
  const pushes = Int32Array.from({ length: copies }, (_, i) => i % 2);
  await bench.compare({
    name: `CartPole x${copies}`,
    quantities: [STEPS],
    contenders: [
      own("greekgym", () => rate(() => vector.step(pushes), copies, seconds)),
      ...(await bench.rival(GYMNASIUM, "Gymnasium, vectorised in numpy", `cartpole ${copies}`, seconds)),
    ],
    rounds: bench.rounds(7),
    warmups: 1,
  });
}
