import { createBaseline } from "../../agents/baselines/registry.ts";
import { Ppo } from "../../agents/ppo.ts";
import type { DistributionName } from "../../agents/shared/action-head.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/simulated-market.ts";
import { makeHead } from "../../models/heads/head.ts";
import type { EncoderSpec } from "../core/contracts/encoder.ts";
import { type FeatureSchema, featureIndex } from "../core/contracts/features.ts";
import type { HeadSpec } from "../core/contracts/heads.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError, didYouMean } from "../core/errors.ts";
import type { MetricName } from "../core/metrics.ts";
import type { Stateful, StateTree } from "../core/state.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { makeLearnedPolicy } from "../evaluate/learned-policy.ts";
import { objectiveOf } from "../evaluate/objectives.ts";
import type { Arena } from "../evaluate/rollout.ts";
import { HeadedEnv } from "./headed-env.ts";
import type { Reference } from "./reference.ts";

/** A trained actor as numbers: what evaluation, bundles and checkpoints share. */
export interface TrainedActor {
  readonly sizes: readonly number[];
  readonly activation: "tanh" | "relu";
  readonly values: Float32Array;
  readonly encoder: EncoderSpec;
  readonly distribution: DistributionName;
}

export interface LearnerOptions {
  readonly experiment: Experiment;
  readonly data: ScenarioData;
  readonly reference: Reference;
  readonly engine: Engine;
  readonly seed: number;
  /** Where the deterministic policy is scored: select episodes. */
  readonly selectArena: Arena;
}

/** A point of the learning curve. */
export interface CurvePoint {
  readonly step: number;
  /** On select episodes; NaN where nothing was evaluated at that step. */
  readonly objective: number;
  /** Mean return of the last 100 training episodes. */
  readonly meanReturn: number;
}

/** The action head of an experiment. */
export function headSpec(experiment: Experiment, reference: Reference): HeadSpec {
  const { head, scale } = experiment.agent;
  if (head === "band") return { head, reference: { baseline: reference.id, params: reference.params }, scale };
  if (head === "gate+size") return { head, maxChange: 1 };
  if (head === "target") return { head, maxPosition: 1.5 };
  return { head, fractions: [0, 0.25, 0.5, 0.75, 1] };
}

/** Positions of the features that the experiment lets the policy see. */
export function selectedFeatures(experiment: Experiment, schema: FeatureSchema): number[] {
  const index = featureIndex(schema);
  const { features } = experiment.agent;
  if (features === "all") return schema.features.map((_, i) => i);
  return features.map((name) => {
    const i = index[name];
    if (i === undefined)
      throw new ConfigError(`No feature is called "${name}".`, {
        which: "agent.features",
        value: name,
        fix: "Use names that `greekgym env describe rebalance-v1` prints.",
        hints: didYouMean(name, Object.keys(index)),
      });
    return i;
  });
}

/** One training seed of one experiment: PPO on the headed environment, scored on select, the best actor kept. */
export class SeedLearner implements Stateful {
  readonly seed: number;
  readonly head: HeadSpec;
  readonly context: PolicyContext;
  readonly curve: CurvePoint[] = [];
  readonly #options: LearnerOptions;
  readonly #ppo: Ppo;
  readonly #schema: FeatureSchema;
  #updates = 0;
  #selectSteps = 0;
  #best: { objective: number; step: number; actor: TrainedActor };

  constructor(options: LearnerOptions) {
    const { experiment, data, reference, engine, seed } = options;
    this.#options = options;
    this.seed = seed;
    const env = new RebalanceEnv({
      scenario: experiment.scenario,
      numEnvs: experiment.train.envs,
      split: "train",
      seed,
      data,
      unit: experiment.unit,
      riskPenalty: reference.riskPenalty,
      ...(reference.rewardShape === undefined ? {} : { rewardShape: reference.rewardShape }),
    });
    this.context = env.context;
    this.#schema = env.extractor.schema;
    this.head = headSpec(experiment, reference);
    // As in makeLearnedPolicy: only the band head starts from a rule.
    const rule =
      this.head.head === "band" ? createBaseline(reference.id, reference.params, env.context).rule : undefined;
    const headed = new HeadedEnv(env, makeHead(this.head, env.context, rule));
    const { discountHalfLifeHours, ppo } = experiment.agent;
    const gamma =
      discountHalfLifeHours === undefined
        ? ppo.gamma
        : 0.5 ** (env.timing.decisionSeconds / 3600 / discountHalfLifeHours);
    this.#ppo = new Ppo({
      env: headed,
      config: { ...ppo, gamma },
      seed,
      engine,
      encoderFeatures: selectedFeatures(experiment, this.#schema),
      totalSteps: experiment.train.steps,
    });
    // The untrained policy counts too: a band head starts as the tuned rule, and training must earn what replaces it.
    const actor = this.#actor();
    this.#best = { objective: this.#score(actor), step: 0, actor };
    this.curve.push({ step: 0, objective: this.#best.objective, meanReturn: Number.NaN });
  }

  get steps(): number {
    return this.#ppo.steps;
  }

  get updates(): number {
    return this.#updates;
  }

  /** Decisions played on select to score the policy. */
  get selectSteps(): number {
    return this.#selectSteps;
  }

  get done(): boolean {
    return this.#ppo.steps >= this.#options.experiment.train.steps;
  }

  /** The best actor so far on select episodes. */
  get best(): { objective: number; step: number; actor: TrainedActor } {
    return this.#best;
  }

  /** One rollout and its gradient steps; scores the policy when it is due. */
  update(): Partial<Record<MetricName, number>> {
    const metrics = this.#ppo.update();
    this.#updates++;
    let objective = Number.NaN;
    if (this.#updates % this.#options.experiment.train.evaluateEvery === 0 || this.done) {
      const actor = this.#actor();
      objective = this.#score(actor);
      if (objective < this.#best.objective) this.#best = { objective, step: this.steps, actor };
    }
    this.curve.push({
      step: this.steps,
      objective,
      meanReturn: metrics["rollout/ep_rew_mean"] ?? Number.NaN,
    });
    return Number.isNaN(objective) ? metrics : { ...metrics, "eval/objective": objective };
  }

  /** The policy of an actor, exactly as a bundle rebuilds it. */
  policyOf(actor: TrainedActor, id: string) {
    return makeLearnedPolicy({
      snapshot: actor,
      encoder: actor.encoder,
      head: this.head,
      context: this.context,
      engine: this.#options.engine,
      id,
    });
  }

  saveState(): StateTree {
    return {
      seed: this.seed,
      updates: this.#updates,
      selectSteps: this.#selectSteps,
      ppo: this.#ppo.saveState(),
      best: { objective: this.#best.objective, step: this.#best.step, actor: actorToTree(this.#best.actor) },
      curve: {
        step: Float64Array.from(this.curve, (p) => p.step),
        objective: Float64Array.from(this.curve, (p) => p.objective),
        meanReturn: Float64Array.from(this.curve, (p) => p.meanReturn),
      },
    };
  }

  loadState(state: StateTree): void {
    const best = state.best as StateTree;
    const actor = actorFromTree(best.actor as StateTree);
    this.#ppo.loadState(state.ppo as StateTree);
    this.#updates = state.updates as number;
    this.#selectSteps = state.selectSteps as number;
    this.#best = { objective: best.objective as number, step: best.step as number, actor };
    const curve = state.curve as { step: Float64Array; objective: Float64Array; meanReturn: Float64Array };
    this.curve.length = 0;
    for (let i = 0; i < curve.step.length; i++)
      this.curve.push({ step: curve.step[i]!, objective: curve.objective[i]!, meanReturn: curve.meanReturn[i]! });
  }

  #score(actor: TrainedActor): number {
    const { selectArena, experiment } = this.#options;
    const table = selectArena.play(this.policyOf(actor, "ppo"), 0, experiment.train.selectEpisodes);
    this.#selectSteps += table.steps;
    return objectiveOf(experiment.objective, table.costs);
  }

  #actor(): TrainedActor {
    const { sizes, activation, parameters, encoder, distribution } = this.#ppo.actor();
    return {
      sizes,
      activation,
      values: parameters.values,
      distribution,
      encoder: {
        features: encoder.selected.map((i) => this.#schema.features[i]!.name),
        clip: encoder.clip,
        mean: encoder.mean,
        variance: encoder.variance,
        epsilon: encoder.epsilon,
      },
    };
  }
}

export function actorToTree(actor: TrainedActor): StateTree {
  return {
    sizes: [...actor.sizes],
    activation: actor.activation,
    values: actor.values,
    distribution: actor.distribution,
    features: [...actor.encoder.features],
    clip: actor.encoder.clip,
    epsilon: actor.encoder.epsilon,
    mean: Float64Array.from(actor.encoder.mean),
    variance: Float64Array.from(actor.encoder.variance),
  };
}

export function actorFromTree(tree: StateTree): TrainedActor {
  return {
    sizes: tree.sizes as number[],
    activation: tree.activation as "tanh" | "relu",
    values: tree.values as Float32Array,
    distribution: tree.distribution as DistributionName,
    encoder: {
      features: tree.features as string[],
      clip: tree.clip as number,
      epsilon: tree.epsilon as number,
      mean: Array.from(tree.mean as Float64Array),
      variance: Array.from(tree.variance as Float64Array),
    },
  };
}
