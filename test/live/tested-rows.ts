import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { Policy } from "../../src/core/contracts/policy.ts";
import type { Split } from "../../src/core/random.ts";
import type { Experiment } from "../../src/evaluate/experiment.ts";

export interface TestedRowsInput {
  readonly experiment: Pick<Experiment, "scenario" | "unit">;
  readonly data?: ScenarioData;
  readonly split: Split;
  readonly seed: number;
  readonly policy: Policy;
  /** Episodes played together. */
  readonly episodes?: number;
  /** At most about this many rows are kept, evenly spread over time and episodes. */
  readonly rows?: number;
}

/** Raw features [N*F] that a policy met when it played episodes 0 … episodes - 1: what a bundle's envelope and golden rows are made from. */
export function testedRows(input: TestedRowsInput): Float64Array {
  const { experiment, data, split, seed, policy, episodes = 64, rows = 20_000 } = input;
  const { scenario, unit } = experiment;
  const env = new RebalanceEnv({
    scenario,
    numEnvs: episodes,
    split,
    seed,
    unit,
    autoresetMode: "disabled",
    ...(data === undefined ? {} : { data }),
  });
  const { width } = env.extractor;
  const total = env.timing.decisions * episodes;
  const stride = Math.max(1, Math.ceil(total / rows));
  const kept = new Float64Array(Math.ceil(total / stride) * width);
  const intents = new Float64Array(episodes * scenario.slots.length * INTENT_WIDTH);
  const available = new Uint8Array(width).fill(1);
  const memory = new Float64Array(episodes * policy.memoryWidth);
  env.reset({ seed, options: { firstEpisode: 0 } });
  for (let decision = 0; decision < env.timing.decisions; decision++) {
    for (let b = 0; b < episodes; b++) {
      const i = decision * episodes + b;
      if (i % stride === 0) kept.set(env.features.subarray(b * width, (b + 1) * width), Math.floor(i / stride) * width);
    }
    policy.decide(episodes, env.features, available, memory, new Uint8Array(0), intents);
    env.step(intents);
  }
  return kept;
}
