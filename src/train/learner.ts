import { createBaseline } from "../../agents/baselines/registry.ts";
import { DeepHedging } from "../../agents/deep-hedging.ts";
import { Ppo } from "../../agents/ppo.ts";
import type { ActorSnapshot } from "../../agents/shared/actor-snapshot.ts";
import { RebalancePaths } from "../../env/tasks/rebalance/pathwise.ts";
import { expectPathwise } from "../../env/tasks/rebalance/pathwise-refusal.ts";
import { BandHeadGradient } from "../../models/heads/band-head-gradient.ts";
import type { FeatureSchema } from "../core/contracts/features.ts";
import type { HeadSpec } from "../core/contracts/heads.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError } from "../core/errors.ts";
import type { MetricName } from "../core/metrics.ts";
import type { Stateful } from "../core/state.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { selectedFeatures } from "./deployment.ts";
import { ParallelEnv } from "./parallel/parallel-env.ts";
import type { TrainingThreads } from "./parallel/threads.ts";
import { buildTrainingEnv, headSpec, type TrainingOrder } from "./training-env.ts";

/** What training asks of an algorithm: update until the steps are spent, show the actor, save and load bit for bit. */
export interface Learner extends Stateful {
  /** Environment steps (decisions) so far. */
  readonly steps: number;
  /** One rollout or batch of episodes, and its gradient steps. */
  update(): Partial<Record<MetricName, number>>;
  /** A copy of the policy as it is. */
  actor(): ActorSnapshot;
}

export interface LearnerInput extends TrainingOrder {
  readonly engine: Engine;
  /** Who plays the environments. */
  readonly threads: TrainingThreads;
}

export interface BuiltLearner {
  readonly learner: Learner;
  readonly head: HeadSpec;
  readonly context: PolicyContext;
  readonly schema: FeatureSchema;
}

/** Throws a ConfigError where the algorithm cannot learn in the scenario: before anything is tuned. */
export function checkAlgorithm(experiment: Experiment): void {
  const { algorithm, head } = experiment.agent;
  if (algorithm !== "deep-hedging") return;
  expectPathwise(experiment.scenario);
  if (head !== "band")
    throw new ConfigError("Deep hedging learns through the band head alone.", {
      which: "agent.head",
      value: head,
      fix: "Set agent.head to band, or agent.algorithm to ppo.",
    });
}

/** The learner that the experiment names, on training episodes of its scenario. */
export function makeLearner(input: LearnerInput): BuiltLearner {
  checkAlgorithm(input.experiment);
  return input.experiment.agent.algorithm === "ppo" ? makePpo(input) : makeDeepHedging(input);
}

function makePpo(input: LearnerInput): BuiltLearner {
  const { experiment, threads, engine, seed } = input;
  // One undivided copy for its schema: environments are cheap until they are reset.
  const { head, inner } = buildTrainingEnv(input, { from: 0, count: 1, of: 1 });
  const { context, timing } = inner;
  const { schema } = inner.extractor;
  const { discountHalfLifeHours, ppo } = experiment.agent;
  const gamma =
    discountHalfLifeHours === undefined ? ppo.gamma : 0.5 ** (timing.decisionSeconds / 3600 / discountHalfLifeHours);
  const learner = new Ppo({
    env: new ParallelEnv(experiment.train.envs, threads, (rows) => buildTrainingEnv(input, rows).env),
    config: { ...ppo, gamma },
    seed,
    engine,
    encoderFeatures: selectedFeatures(experiment, schema),
    totalSteps: experiment.train.steps,
  });
  return { learner, head, context, schema };
}

function makeDeepHedging({ experiment, data, reference, engine, seed }: LearnerInput): BuiltLearner {
  const { deepHedging, scale } = experiment.agent;
  const { scenario, unit } = experiment;
  const environment = new RebalancePaths(
    { scenario, paths: deepHedging.paths, split: "train", seed, data, unit },
    { gasWidth: deepHedging.gasWidth },
  );
  const { context, extractor } = environment.exogenous.env;
  const head = headSpec(experiment, reference);
  // checkAlgorithm allows the band head alone, whose reference is a band rule.
  const rule = createBaseline(reference.id, reference.params, context).rule!;
  const learner = new DeepHedging({
    environment,
    head: new BandHeadGradient({ scale, edgeWidth: deepHedging.edgeWidth }, context, rule),
    objective: experiment.objective,
    config: deepHedging,
    seed,
    engine,
    encoderFeatures: selectedFeatures(experiment, extractor.schema),
    totalSteps: experiment.train.steps,
  });
  return { learner, head, context, schema: extractor.schema };
}
