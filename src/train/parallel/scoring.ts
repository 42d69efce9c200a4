import type { KernelTeam } from "../../../models/kernel/team.ts";
import type { Engine } from "../../core/contracts/network.ts";
import { type LearnedPolicy, makeLearnedPolicy } from "../../evaluate/learned-policy.ts";
import type { Arena } from "../../evaluate/rollout.ts";
import type { TrainedActor } from "../actor.ts";
import { headSpec, type TrainingOrder } from "../training-env.ts";
import { rowsOf } from "./parallel-env.ts";
import type { MemberThread, TrainingThreads } from "./threads.ts";
import { WORK } from "./work.ts";

/** What a member plays. */
export interface ScoreRequest {
  readonly actor: TrainedActor;
  readonly from: number;
  readonly episodes: number;
}

/** Costs of the episodes in the objective's unit, and the decisions that they took. */
export interface Score {
  readonly costs: Float64Array;
  readonly steps: number;
}

/** Plays select episodes with one actor after another, each exactly as a bundle rebuilds it. */
export class Scorer {
  readonly #order: TrainingOrder;
  readonly #arena: Arena;
  readonly #engine: Engine;
  #policy: LearnedPolicy | undefined;

  constructor(order: TrainingOrder, arena: Arena, engine: Engine) {
    this.#order = order;
    this.#arena = arena;
    this.#engine = engine;
  }

  play({ actor, from, episodes }: ScoreRequest): Score {
    const { experiment, reference } = this.#order;
    if (this.#policy === undefined)
      this.#policy = makeLearnedPolicy({
        snapshot: actor,
        encoder: actor.encoder,
        head: headSpec(experiment, reference),
        context: this.#arena.env.context,
        engine: this.#engine,
        id: experiment.agent.algorithm,
      });
    else this.#policy.take(actor.values, actor.encoder);
    const { costs, steps } = this.#arena.play(this.#policy, from, episodes);
    return { costs, steps };
  }
}

/** Select episodes below which one thread is as fast as several. */
const WORTHWHILE_EPISODES = 512;

/** Scores actors on select, the episodes divided among a team's threads. Episodes do not depend on one another, so the costs are the same for any number. */
export class ParallelScoring {
  readonly #own: Scorer;
  readonly #engine: Engine;
  readonly #team: KernelTeam;
  readonly #members: readonly MemberThread[];

  constructor(order: TrainingOrder, arena: Arena, engine: Engine, { team, members }: TrainingThreads) {
    this.#own = new Scorer(order, arena, engine);
    this.#engine = engine;
    this.#team = team;
    this.#members = members;
  }

  /** Episodes 0 to `episodes - 1`. */
  score(actor: TrainedActor, episodes: number): Score {
    // Members compute with the kernel: what another engine plays, it plays alone.
    const members = this.#engine.name === "kernel" && episodes >= WORTHWHILE_EPISODES ? this.#team.members : 1;
    const part = (m: number): ScoreRequest => {
      const { from, count } = rowsOf(m, members, episodes);
      return { actor, from, episodes: count };
    };
    if (members === 1) return this.#own.play(part(0));
    for (const [i, { port }] of this.#members.entries()) port.post(part(i + 1));
    let own: Score | undefined;
    this.#team.run(WORK.score, () => {
      own = this.#own.play(part(0));
    });
    const parts = [own!, ...this.#members.map(({ port }) => port.take() as Score)];
    const costs = new Float64Array(episodes);
    let at = 0;
    for (const { costs: some } of parts) {
      costs.set(some, at);
      at += some.length;
    }
    return { costs, steps: parts.reduce((sum, { steps }) => sum + steps, 0) };
  }
}
