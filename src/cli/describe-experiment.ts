import { createBaseline, defaultParams, tunable } from "../../agents/baselines/registry.ts";
import type { FeatureSpec } from "../core/contracts/features.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import type { Series } from "../core/contracts/series.ts";
import type { Split } from "../core/random.ts";
import { dataOfSplit, describeSplit, type Experiment, judgedSplit, recordedSeries } from "../evaluate/experiment.ts";
import { JobRunner } from "../evaluate/jobs.ts";
import { Arena } from "../evaluate/rollout.ts";
import { tune } from "../evaluate/tuner.ts";
import { SeedLearner } from "../train/learn.ts";
import { rulesOf } from "../train/run.ts";
import { defaultEngine } from "./engine.ts";
import { systemClock } from "./ports.ts";

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
  readonly features: readonly Pick<FeatureSpec, "name" | "unit" | "sources" | "description">[];
}

/** Steps that an arena takes for so many episodes: whole batches. */
const stepsOf = (episodes: number, decisions: number, width: number) => Math.ceil(episodes / width) * width * decisions;

/** Steps of tuning one rule, by running the tuner on an objective that costs nothing: the same trials on the same numbers of episodes. */
function tuningSteps(experiment: Experiment, id: string, context: PolicyContext, steps: (n: number) => number): number {
  const { dimensions, anchors } = tunable(id, context);
  const { episodes } = experiment.tune;
  if (dimensions.length === 0) return steps(episodes);
  const wanted = experiment.tune.trials;
  let total = 0;
  tune({
    dimensions,
    anchors,
    budget: { episodes, ...(wanted === undefined ? {} : { trials: Math.max(wanted, anchors.length + 2) }) },
    seed: `${experiment.compare.seed}/tune/${id}`,
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

/** Runs `work` once to warm up, then until about half a second is over; returns steps a second. */
function speed(work: () => number): number {
  work();
  const start = systemClock.monotonicSeconds();
  let steps = 0;
  let elapsed = 0;
  while (elapsed < 0.5) {
    steps += work();
    elapsed = systemClock.monotonicSeconds() - start;
  }
  return steps / elapsed;
}

/** Steps a second of playing a rule, and of learning: short probes on this machine. */
function measure(experiment: Experiment, series: Readonly<Record<string, Series>>) {
  const arena = new Arena(experiment, "train", 1, dataOfSplit(experiment, "train", series));
  const { context } = arena.env;
  const id = "delta-band";
  const params = defaultParams(id, context);
  let from = 0;
  const environment = speed(() => {
    // Other episodes each time: those already played have their market in a cache.
    from += arena.env.numEnvs;
    return arena.play(createBaseline(id, params, context), from, arena.env.numEnvs).steps;
  });
  const rolloutSteps = Math.max(8, Math.ceil(8192 / experiment.train.envs));
  const ppo = { ...experiment.agent.ppo, rolloutSteps: Math.min(rolloutSteps, experiment.agent.ppo.rolloutSteps) };
  const short: Experiment = {
    ...experiment,
    agent: { ...experiment.agent, ppo },
    train: { ...experiment.train, selectEpisodes: 2, evaluateEvery: 1_000_000 },
  };
  const learner = new SeedLearner({
    experiment: short,
    data: dataOfSplit(experiment, "train", series),
    reference: { id, params, riskPenalty: 0.01, rewardShape: undefined },
    engine: defaultEngine(),
    seed: 1,
    selectArena: arena,
  });
  const training = speed(() => {
    const before = learner.steps;
    learner.update();
    return learner.steps - before;
  });
  return { environment, training };
}

/**
 * Describes an experiment. `series` is undefined where its recorded data cannot be opened: then nothing is measured. `probe: false` measures
 * nothing either.
 */
export function describeExperiment(
  experiment: Experiment,
  series: Readonly<Record<string, Series>> | undefined,
  context: PolicyContext,
  timing: { readonly steps: number; readonly decisions: number },
  probe: boolean,
): Description {
  const { train, compare, agent } = experiment;
  const { decisions } = timing;
  const width = 256;
  const steps = (episodes: number) => stepsOf(episodes, decisions, width);
  const rules = rulesOf(experiment, context);
  const hours = context.decisionSeconds / 3600;
  const discount =
    agent.discountHalfLifeHours === undefined ? agent.ppo.gamma : 0.5 ** (hours / agent.discountHalfLifeHours);
  const horizon = discount < 1 ? 1 / (1 - discount) : null;
  const measured = probe && series !== undefined ? measure(experiment, series) : undefined;

  const rollout = train.envs * agent.ppo.rolloutSteps;
  const updates = Math.ceil(train.steps / rollout);
  const scores = 1 + Math.ceil(updates / train.evaluateEvery);
  const tuning = rules.reduce((sum, id) => sum + tuningSteps(experiment, id, context, steps), 0);
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
    rules,
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
    features: context.schema.features.map(({ name, unit, sources, description }) => ({
      name,
      unit,
      sources,
      description,
    })),
  };
}

/** The context and timing of an experiment without its recorded data. */
export function frameOf(experiment: Experiment, series: Readonly<Record<string, Series>>) {
  const { env } = new JobRunner({ experiment, series }, systemClock).arena("train", experiment.compare.seed);
  return { context: env.context, timing: env.timing };
}
