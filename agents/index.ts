/** The learners' public list. */
export { DeepHedging, type DeepHedgingOptions } from "./deep-hedging.ts";
export {
  type DeepHedgingConfig,
  type DeepHedgingConfigInput,
  deepHedgingConfigSchema,
  parseDeepHedgingConfig,
} from "./deep-hedging-config.ts";
export { Ppo, type PpoOptions } from "./ppo.ts";
export { type PpoConfig, type PpoConfigInput, parsePpoConfig, ppoConfigSchema } from "./ppo-config.ts";
export type { DistributionName } from "./shared/action-head.ts";
export type { ActorSnapshot } from "./shared/actor-snapshot.ts";
export { type Advantages, generalisedAdvantages, type RolloutOutcome } from "./shared/gae.ts";
export type { EncoderSnapshot } from "./shared/observation-encoder.ts";
export type { Metrics } from "./shared/ppo-metrics.ts";
export { type RiskObjective, riskGradient } from "./shared/risk-gradient.ts";
