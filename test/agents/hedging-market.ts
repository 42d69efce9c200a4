import { createBaseline } from "../../agents/baselines/registry.ts";
import { DeepHedging, type DeepHedgingOptions } from "../../agents/deep-hedging.ts";
import type { DeepHedgingConfigInput } from "../../agents/deep-hedging-config.ts";
import { RebalancePaths } from "../../env/tasks/rebalance/pathwise.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type ScenarioInput } from "../../env/tasks/rebalance/scenario.ts";
import { BandHeadGradient, type DifferentiableHead } from "../../models/heads/band-head-gradient.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { Policy } from "../../src/core/contracts/policy.ts";
import type { Split } from "../../src/core/random.ts";
import { makeLearnedPolicy } from "../../src/evaluate/learned-policy.ts";
import { trainedActor } from "../../src/train/actor.ts";

/** A learner on a small market, and ways to look at what it learned. */
export interface Hedging {
  readonly learner: DeepHedging;
  readonly paths: RebalancePaths;
  /** The policy as a bundle would rebuild it. */
  policy(): Policy;
}

export interface HedgingSetup {
  readonly scenario: ScenarioInput;
  readonly reference: { readonly baseline: string; readonly params: Readonly<Record<string, number>> };
  readonly config: DeepHedgingConfigInput;
  readonly scale?: number;
  readonly seed?: number;
  readonly objective?: DeepHedgingOptions["objective"];
  readonly engine?: DeepHedgingOptions["engine"];
  readonly totalSteps?: number;
  /** Changes the head. */
  readonly wrap?: (head: DifferentiableHead) => DifferentiableHead;
}

export const SEED = 21;
/** Small observations that tell a learner what it needs in a plain market. */
const FEATURES = ["delta", "gamma_percent", "time_left", "is_first", "slot0_position", "gas_cost_bps"];

export function hedging(setup: HedgingSetup): Hedging {
  const { reference, scale = 1, seed = SEED, engine = kernelEngine(), wrap = (head) => head } = setup;
  const scenario = parseScenario(setup.scenario);
  const paths = new RebalancePaths({ scenario, paths: setup.config.paths!, split: "train", seed });
  const { context, extractor } = paths.exogenous.env;
  const rule = createBaseline(reference.baseline, reference.params, context).rule!;
  const { edgeWidth = 0.5 } = setup.config;
  const { schema } = extractor;
  const learner = new DeepHedging({
    environment: paths,
    head: wrap(new BandHeadGradient({ scale, edgeWidth }, context, rule)),
    objective: setup.objective ?? { name: "mean-plus-sd", k: 1.5 },
    config: setup.config,
    seed,
    engine,
    encoderFeatures: FEATURES.map((name) => schema.features.findIndex((f) => f.name === name)),
    ...(setup.totalSteps === undefined ? {} : { totalSteps: setup.totalSteps }),
  });
  const policy = () => {
    const actor = trainedActor(learner.actor(), schema);
    const head = { head: "band", reference, scale } as const;
    return makeLearnedPolicy({ snapshot: actor, encoder: actor.encoder, head, context, engine, id: "deep-hedging" });
  };
  return { learner, paths, policy };
}

/** Costs of a policy on the environment itself. */
export function costsOf(
  input: ScenarioInput,
  make: (env: RebalanceEnv) => Policy,
  at: { readonly split: Split; readonly seed?: number; readonly firstEpisode: number; readonly episodes: number },
): Float64Array {
  const { split, seed = SEED, firstEpisode, episodes: n } = at;
  const env = new RebalanceEnv({
    scenario: parseScenario(input),
    numEnvs: n,
    split,
    seed,
    autoresetMode: "disabled",
  });
  const policy = make(env);
  const available = new Uint8Array(env.extractor.width).fill(1);
  const intents = new Float64Array(n * INTENT_WIDTH);
  env.reset({ seed, options: { firstEpisode } });
  while (env.finished[0] === 0) {
    policy.decide(n, env.features, available, new Float64Array(0), new Uint8Array(0), intents);
    env.step(intents);
  }
  return env.outcome.cost.slice();
}
