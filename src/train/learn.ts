import type { HeadSpec } from "../core/contracts/heads.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import { ContractError } from "../core/errors.ts";
import { canonicalHash } from "../core/hash.ts";
import type { MetricName } from "../core/metrics.ts";
import type { Stateful, StateTree } from "../core/state.ts";
import { objectiveOf } from "../evaluate/objectives.ts";
import type { Arena } from "../evaluate/rollout.ts";
import { actorFromTree, actorToTree, type TrainedActor, trainedActor } from "./actor.ts";
import { Curve } from "./curve.ts";
import { type BuiltLearner, type LearnerInput, makeLearner } from "./learner.ts";
import { ParallelScoring } from "./parallel/scoring.ts";

export interface LearnerOptions extends Omit<LearnerInput, "engine"> {
  /** Computes the policy that is scored. */
  readonly engine: Engine;
  /** Computes what is learned. */
  readonly learningEngine: Engine;
  /** Where the deterministic policy is scored: select episodes. */
  readonly selectArena: Arena;
}

/** A model that builds other layers than those of the checkpoint cannot go on from it, whatever its number of parameters. */
function expectSameLayers(saved: TrainedActor, own: TrainedActor): void {
  const [before, now] = [saved, own].map(({ layers }) => canonicalHash(layers ?? null));
  if (before !== now)
    throw new ContractError("The network's layers are not those of the checkpoint.", {
      which: "agent.network.model",
      value: `layers of hash ${now}`,
      fix: `Restore the model, and what it imports, that built the layers of hash ${before}, or train anew.`,
    });
}

/** One training seed of one experiment: its learner, scored on select, the best actor kept. */
export class SeedLearner implements Stateful {
  readonly seed: number;
  readonly head: HeadSpec;
  readonly context: PolicyContext;
  readonly #options: LearnerOptions;
  readonly #built: BuiltLearner;
  readonly #scoring: ParallelScoring;
  #curve = new Curve();
  #updates = 0;
  #selectSteps = 0;
  #best: { objective: number; step: number; actor: TrainedActor };

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.seed = options.seed;
    this.#scoring = new ParallelScoring(options, options.selectArena, options.engine, options.threads);
    this.#built = makeLearner({ ...options, engine: options.learningEngine });
    this.head = this.#built.head;
    this.context = this.#built.context;
    // The untrained policy counts too: a band head starts as the tuned rule, and training must earn what replaces it.
    const actor = this.#actor();
    this.#best = { objective: this.#score(actor), step: 0, actor };
    this.#curve.push({ step: 0, objective: this.#best.objective, meanReturn: Number.NaN });
  }

  get steps(): number {
    return this.#built.learner.steps;
  }

  get updates(): number {
    return this.#updates;
  }

  /** Decisions played on select to score the policy. */
  get selectSteps(): number {
    return this.#selectSteps;
  }

  get done(): boolean {
    return this.#built.learner.steps >= this.#options.experiment.train.steps;
  }

  /** The best actor so far on select episodes. */
  get best(): { objective: number; step: number; actor: TrainedActor } {
    return this.#best;
  }

  /** A point before training, and one an update. */
  get curve(): Curve {
    return this.#curve;
  }

  /** One update of the learner; scores the policy when it is due. */
  update(): Partial<Record<MetricName, number>> {
    const metrics = this.#built.learner.update();
    this.#updates++;
    let objective = Number.NaN;
    if (this.#updates % this.#options.experiment.train.evaluateEvery === 0 || this.done) {
      const actor = this.#actor();
      objective = this.#score(actor);
      if (objective < this.#best.objective) this.#best = { objective, step: this.steps, actor };
    }
    this.#curve.push({
      step: this.steps,
      objective,
      meanReturn: metrics["rollout/ep_rew_mean"] ?? Number.NaN,
    });
    return Number.isNaN(objective) ? metrics : { ...metrics, "eval/objective": objective };
  }

  /** Ends the threads of this seed. */
  close(): void {
    this.#options.threads.team.close();
  }

  saveState(): StateTree {
    return {
      seed: this.seed,
      updates: this.#updates,
      selectSteps: this.#selectSteps,
      [this.#algorithm]: this.#built.learner.saveState(),
      best: { objective: this.#best.objective, step: this.#best.step, actor: actorToTree(this.#best.actor) },
      curve: this.#curve.saveState(),
    };
  }

  loadState(state: StateTree): void {
    const best = state.best as StateTree;
    const actor = actorFromTree(best.actor as StateTree);
    expectSameLayers(actor, this.#actor());
    this.#built.learner.loadState(state[this.#algorithm] as StateTree);
    this.#updates = state.updates as number;
    this.#selectSteps = state.selectSteps as number;
    this.#best = { objective: best.objective as number, step: best.step as number, actor };
    this.#curve = Curve.of(state.curve as StateTree);
  }

  #score(actor: TrainedActor): number {
    const { experiment } = this.#options;
    const { costs, steps } = this.#scoring.score(actor, experiment.train.selectEpisodes);
    this.#selectSteps += steps;
    return objectiveOf(experiment.objective, costs);
  }

  get #algorithm(): string {
    return this.#options.experiment.agent.algorithm;
  }

  #actor(): TrainedActor {
    return trainedActor(this.#built.learner.actor(), this.#built.schema);
  }
}
