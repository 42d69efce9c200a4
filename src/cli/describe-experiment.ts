import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { Scenario } from "../../env/tasks/rebalance/scenario.ts";
import type { FeatureSpec } from "../core/contracts/features.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import type { Series } from "../core/contracts/series.ts";
import type { Split } from "../core/random.ts";
import { describeSplit, type Experiment, judgedSplit, recordedSeries } from "../evaluate/experiment.ts";
import { isOracle, oracleDefinition } from "../evaluate/oracles.ts";
import { planOf, type TuningPlan, trialsOf } from "../evaluate/tune-baseline.ts";
import { tune } from "../evaluate/tuner.ts";
import { type FeatureUse, featureUse } from "../train/deployment.ts";
import { checkAlgorithm } from "../train/learner.ts";
import { rulesOf } from "../train/run.ts";
import type { Engines } from "./engine.ts";
import { probeSpeed } from "./probe-speed.ts";

/** A phase of the work, predicted. */
export interface Predicted {
  /** Environment steps: decisions of one episode each. */
  readonly steps: number;
  /** At the speed measured just now; null where nothing could be measured. */
  readonly minutes: number | null;
}

/** What a config means, beyond what it says. */
export interface Description {
  readonly scenario: { readonly name: string; readonly version: number; readonly kind: string };
  readonly stepsPerEpisode: number;
  readonly decisionsPerEpisode: number;
  readonly decisionMinutes: number;
  readonly discount: number;
  /** 1 / (1 - discount): null where nothing is discounted. */
  readonly effectiveHorizonDecisions: number | null;
  readonly effectiveHorizonHours: number | null;
  /** Hours after which a reward counts half; null where nothing is discounted. */
  readonly discountHalfLifeHours: number | null;
  readonly rules: readonly string[];
  readonly series: readonly string[];
  readonly splits: Readonly<Record<Split, string>>;
  readonly judgedOn: Split;
  readonly stepsPerSecond: { readonly environment: number | null; readonly training: number | null };
  readonly tuning: Predicted;
  readonly training: Predicted;
  readonly evaluation: Predicted;
  /** Where the policy will run. */
  readonly deploy: Experiment["agent"]["deploy"];
  readonly features: readonly (Pick<FeatureSpec, "name" | "unit" | "sources" | "description"> &
    Pick<FeatureUse, "use" | "why">)[];
}

/** Steps of a tuning, by running the tuner on an objective that costs nothing: the same trials on the same numbers of episodes. */
function tuningSteps(
  experiment: Experiment,
  plan: TuningPlan,
  context: PolicyContext,
  steps: (n: number) => number,
): number {
  const { dimensions, anchors } = plan.tunable;
  const { episodes } = experiment.tune;
  if (dimensions.length === 0) return steps(episodes);
  let total = plan.nested.reduce(
    (sum, rule) => sum + tuningSteps(experiment, planOf(rule, context), context, steps),
    0,
  );
  const start = Float64Array.from(dimensions, (d) => d.start);
  tune({
    dimensions,
    // The nested rules' optima are more points to try first.
    anchors: [...anchors, ...Array.from({ length: plan.warm }, () => start)],
    local: plan.local,
    budget: { episodes, trials: trialsOf(experiment, plan) },
    seed: `${experiment.compare.seed}/tune/${plan.id}`,
    evaluate(params, _from, count) {
      total += steps(count);
      return params.reduce((sum, p, i) => {
        const { low, high } = dimensions[i]!;
        return sum + ((p - low) / (high - low) - 0.4) ** 2;
      }, 0);
    },
  });
  return total;
}

/** The environment of an experiment with simulated stand-ins for its recorded series, which change neither features nor timing. */
function frameOf(experiment: Experiment): RebalanceEnv {
  const { market, chain } = experiment.scenario;
  const { price } = market;
  const scenario: Scenario = {
    ...experiment.scenario,
    market: {
      ...market,
      price:
        price.model === "file" || price.model === "listed"
          ? { model: "gbm", initial: 1, drift: 0, volatility: price.volatility, tick: 0 }
          : price,
    },
    chain: { ...chain, fee: chain.fee.model === "file" ? { model: "constant", gwei: 1 } : chain.fee },
  };
  return new RebalanceEnv({ scenario, numEnvs: 1, split: "train", unit: experiment.unit });
}

/**
 * Describes an experiment. `series` is undefined where its recorded data cannot be opened: then nothing is measured, nor without engines.
 */
export function describeExperiment(
  experiment: Experiment,
  series: Readonly<Record<string, Series>> | undefined,
  engines: Engines | undefined,
): Description {
  const { context, timing } = frameOf(experiment);
  const { train, compare, agent } = experiment;
  const { decisions } = timing;
  const steps = (episodes: number) => episodes * decisions;
  const rules = rulesOf(experiment, context);
  const hours = context.decisionSeconds / 3600;
  checkAlgorithm(experiment);
  const uses = featureUse(experiment, context.schema);
  const { paths, epochs } = agent.deepHedging;
  const hedging = agent.algorithm === "deep-hedging";
  // Deep hedging discounts nothing: it sees whole episodes.
  const discount = hedging
    ? 1
    : agent.discountHalfLifeHours === undefined
      ? agent.ppo.gamma
      : 0.5 ** (hours / agent.discountHalfLifeHours);
  const horizon = discount < 1 ? 1 / (1 - discount) : null;
  const measured = engines && series !== undefined ? probeSpeed(experiment, series, engines) : undefined;

  const rollout = hedging ? paths * epochs * decisions : train.envs * agent.ppo.rolloutSteps;
  const updates = Math.ceil(train.steps / rollout);
  const scores = 1 + Math.ceil(updates / train.evaluateEvery);
  const tuning = rules.reduce((sum, r) => {
    if (r.params !== undefined) return sum;
    const plan = isOracle(r.id) ? oracleDefinition(r.id).plan?.(experiment, context) : planOf(r.id, context);
    return plan === undefined ? sum : sum + tuningSteps(experiment, plan, context, steps);
  }, 0);
  const learning = train.seeds * updates * rollout;
  const scoring = train.seeds * scores * steps(train.selectEpisodes);
  const evaluation = (rules.length + train.seeds) * steps(compare.episodes);
  const minutes = (n: number, rate: number | undefined, threads = 1) =>
    rate === undefined ? null : n / rate / Math.min(threads, rules.length) / 60;
  const learningMinutes = minutes(learning, measured?.training);
  return {
    scenario: { name: experiment.scenario.name, version: experiment.scenario.version, kind: experiment.kind },
    stepsPerEpisode: timing.steps,
    decisionsPerEpisode: decisions,
    decisionMinutes: context.decisionSeconds / 60,
    discount,
    effectiveHorizonDecisions: horizon,
    effectiveHorizonHours: horizon === null ? null : horizon * hours,
    discountHalfLifeHours: discount < 1 ? (Math.log(0.5) / Math.log(discount)) * hours : null,
    rules: rules.map((r) => r.label),
    series: Object.values(recordedSeries(experiment.scenario)),
    splits: {
      train: describeSplit(experiment, "train"),
      select: describeSplit(experiment, "select"),
      test: describeSplit(experiment, "test"),
    },
    judgedOn: judgedSplit(experiment, false),
    stepsPerSecond: { environment: measured?.environment ?? null, training: measured?.training ?? null },
    tuning: { steps: tuning, minutes: minutes(tuning, measured?.environment, train.workers) },
    training: {
      steps: learning + scoring,
      minutes: learningMinutes === null ? null : learningMinutes + minutes(scoring, measured?.environment)!,
    },
    evaluation: { steps: evaluation, minutes: minutes(evaluation, measured?.environment, train.workers) },
    deploy: agent.deploy,
    features: context.schema.features.map(({ name, unit, sources, description }, i) => {
      const { use, why } = uses[i]!;
      return { name, unit, sources, description, use, ...(why === undefined ? {} : { why }) };
    }),
  };
}
