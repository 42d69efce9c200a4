/**
 * The public list of greekgym: what a program imports by the package's name. Named exports only; a test holds the list.
 * Rooms with a longer list have their own entry: `greekgym/env`, `greekgym/agents`, `greekgym/models`.
 */

// Rules, learners, engines.
export { parseContender } from "../agents/baselines/contender.ts";
export { baselineIds, createBaseline, defaultParams } from "../agents/baselines/registry.ts";
export { DeepHedging, type DeepHedgingOptions } from "../agents/deep-hedging.ts";
export {
  type DeepHedgingConfig,
  type DeepHedgingConfigInput,
  parseDeepHedgingConfig,
} from "../agents/deep-hedging-config.ts";
export { Ppo, type PpoOptions } from "../agents/ppo.ts";
export { type PpoConfig, type PpoConfigInput, parsePpoConfig } from "../agents/ppo-config.ts";
// The world.
export { checkEnv } from "../env/core/check-env.ts";
export { checkLeakage } from "../env/core/check-leakage.ts";
export { checkParallelEnv } from "../env/core/check-parallel-env.ts";
export { checkVectorEnv } from "../env/core/check-vector-env.ts";
export type { Env, ParallelEnv, VectorEnv } from "../env/core/env.ts";
export type { ActionGradient, PathwiseGradient } from "../env/core/pathwise.ts";
export { box, discrete } from "../env/core/spaces.ts";
export { listEnvs, make, makeVector, register } from "../env/registry.ts";
export { RebalancePaths } from "../env/tasks/rebalance/pathwise.ts";
export { RebalanceEnv } from "../env/tasks/rebalance/rebalance-env.ts";
export { parseScenario, type Scenario, type ScenarioInput } from "../env/tasks/rebalance/scenario.ts";
export { kernelEngine } from "../models/kernel/engine.ts";
export { referenceEngine } from "../models/kernel/reference.ts";
// The floor.
export { type Clock, ManualClock } from "./core/clock.ts";
// Experiments and honest comparison.
export type { ContenderResult, EvaluationResult, PairedResult, VerdictValue } from "./core/contracts/evaluation.ts";
// The port that rules, learned policies and the shadow runner share.
export type { FeatureSchema, FeatureSpec } from "./core/contracts/features.ts";
export { featureIndex } from "./core/contracts/features.ts";
export type { Band, BandRule, HeadSpec } from "./core/contracts/heads.ts";
export { checkIntent, INTENT, INTENT_FIELDS, INTENT_KIND, INTENT_WIDTH, writeTrade } from "./core/contracts/intent.ts";
export type { Engine, Network, Optimiser } from "./core/contracts/network.ts";
export type { Policy, PolicyContext, SlotInfo } from "./core/contracts/policy.ts";
export type { RecurrentGradients, RecurrentNetwork } from "./core/contracts/recurrent.ts";
export {
  ConfigError,
  ContractError,
  CorruptFileError,
  DataError,
  EXIT,
  GreekgymError,
  InterruptedError,
} from "./core/errors.ts";
export { canonicalHash } from "./core/hash.ts";
export { METRICS, type MetricName } from "./core/metrics.ts";
export { deriveSeed, Random, SPLITS, type Split } from "./core/random.ts";
export { loadConfig } from "./core/yaml-config.ts";
export { openData } from "./data/series.ts";
export { comparePlayed, type PlayedContender, summarise } from "./evaluate/compare.ts";
export {
  dataOfSplit,
  type Experiment,
  experimentSchema,
  judgedSplit,
  recordedSeries,
  scenarioHash,
} from "./evaluate/experiment.ts";
export { influence, sensitivities } from "./evaluate/influence.ts";
export { type MarketFacts, marketFacts } from "./evaluate/market-facts.ts";
export { type Objective, objectiveOf } from "./evaluate/objectives.ts";
export { Arena, type EpisodeTable } from "./evaluate/rollout.ts";
// Statistics of comparisons of one's own (docs/statistics.md).
export { holm } from "./evaluate/statistics/holm.ts";
export { minimumDetectableEffect, moreEpisodesToDecide } from "./evaluate/statistics/power.ts";
export { bootstrapTInterval, tInterval } from "./evaluate/statistics/seeds.ts";
export {
  interquartileMean,
  optimalityGap,
  performanceProfile,
  rankImprovement,
  type Scores,
  stratifiedInterval,
} from "./evaluate/statistics/supplements.ts";
export type { FactRow, FactsSample } from "./evaluate/stylised-facts/facts-sample.ts";
export { stylisedFacts } from "./evaluate/stylised-facts/stylised-facts.ts";
export { auc, scoreEstimators, type ToxicityScore } from "./evaluate/toxicity-score.ts";
export { type TunedBaseline, tuneBaseline } from "./evaluate/tune-baseline.ts";
// Bundles and shadow sessions.
export { loadPolicy } from "./live/bundle-folder.ts";
export type { LoadedPolicy } from "./live/bundled-policy.ts";
export { type ReplayOptions, replaySession, type ShadowReport } from "./live/replay.ts";
export { parseSession, recordSession, type Session } from "./live/session.ts";
export { readSession, writeSession } from "./live/session-file.ts";
