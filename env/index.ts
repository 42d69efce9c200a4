/** The public list of env/: named exports only (docs/design.md §2). */

export { nextBaseFeeWei } from "./chain/base-fee.ts";
export { AUTORESET_MODES, autoreset } from "./core/autoreset.ts";
export type { Batch } from "./core/batch.ts";
export { type CheckOptions, checkEnv } from "./core/check-env.ts";
export { checkLeakage, type LeakageOptions } from "./core/check-leakage.ts";
export { checkParallelEnv } from "./core/check-parallel-env.ts";
export { checkVectorEnv, type MakeVectorEnv } from "./core/check-vector-env.ts";
export { type Dynamics, envFromDynamics, type MakeDynamics, vectorFromDynamics } from "./core/dynamics.ts";
export type {
  AgentId,
  AutoresetMode,
  Env,
  EnvMetadata,
  Info,
  NumericArray,
  ParallelEnv,
  ResetOptions,
  StepResult,
  VectorEnv,
  VectorInfo,
  VectorMetadata,
  VectorStepResult,
} from "./core/env.ts";
export type { Finding } from "./core/findings.ts";
export type { ActionGradient, PathwiseGradient } from "./core/pathwise.ts";
export { createRegistry, type EnvFactory, type EnvListing, type EnvOptions, type Registry } from "./core/registry.ts";
export { allocate, contains, describe, sample, whyOutside } from "./core/space-values.ts";
export {
  type BoxSpace,
  box,
  type DiscreteSpace,
  discrete,
  flatSize,
  type MultiBinarySpace,
  type MultiDiscreteSpace,
  type Space,
} from "./core/spaces.ts";
export { vectorise } from "./core/vectorise.ts";
export { type WrappedEnv, type WrapperSpec, wrap, wrappersOf } from "./core/wrappers.ts";
export { FeatureExtractor } from "./features/extractor.ts";
export { type FeatureConfig, featureSchema } from "./features/schema.ts";
export {
  lelandVolatility,
  nearestInBand,
  whalleyWilmottHalfWidth,
  zakamoulineHalfWidth,
  zakamoulineVolatility,
} from "./options/bands.ts";
export {
  blackScholes,
  delta as blackScholesDelta,
  GREEK,
  GREEK_COUNT,
  greeksInto,
  type OptionGreeks,
  type OptionTerms,
  price as blackScholesPrice,
} from "./options/black-scholes.ts";
export { bookGreeksInto, type OptionBook, type OptionLeg, optionBook } from "./options/book.ts";
export { DELTA_CONVENTIONS, type DeltaConvention, deltaUnder } from "./options/delta-convention.ts";
export {
  type ImpliedPath,
  impliedVolatility,
  impliedVolatilityOf,
  type PricedOption,
} from "./options/implied-volatility.ts";
export { listEnvs, make, makeVector, register } from "./registry.ts";
export { cartPole, cartPoleDynamics, cartPoleVector } from "./tasks/classic/cartpole.ts";
export {
  type FrozenLakeOptions,
  frozenLake,
  frozenLakeDynamics,
  frozenLakeTable,
  frozenLakeTransitions,
  frozenLakeVector,
  type Transition,
} from "./tasks/classic/frozenlake.ts";
export { identityBox, identityDiscrete } from "./tasks/classic/identity.ts";
export { PassingPair } from "./tasks/classic/passing-pair.ts";
export { pendulum, pendulumDynamics, pendulumVector } from "./tasks/classic/pendulum.ts";
export {
  actionProbe,
  constantRewardProbe,
  discountProbe,
  observationActionProbe,
  observationRewardProbe,
  truncationProbe,
} from "./tasks/classic/probes.ts";
export { RebalanceEnv, type RebalanceOptions } from "./tasks/rebalance/rebalance-env.ts";
export { parseScenario, type Scenario, type ScenarioInput } from "./tasks/rebalance/scenario.ts";
