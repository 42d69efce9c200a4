import { createBaseline, tunable } from "../../agents/baselines/registry.ts";
import type { Clock } from "../core/clock.ts";
import type { Budget } from "../core/contracts/evaluation.ts";
import type { Experiment } from "./experiment.ts";
import { objectiveOf } from "./objectives.ts";
import type { Arena } from "./rollout.ts";
import { tune } from "./tuner.ts";

/** A rule with its parameters tuned on training episodes, and what that cost. */
export interface TunedBaseline {
  readonly id: string;
  readonly params: Readonly<Record<string, number>>;
  /** On the training episodes: optimistic by construction. */
  readonly objective: number;
  readonly budget: Budget;
  /** Parameters that ended at an edge of their range. */
  readonly atEdge: readonly string[];
}

/**
 * Tunes one rule for the experiment's objective on the training split. `arena` must be of that split. Parameters in `fixed` are kept.
 * The same experiment and seed give the same parameters, whoever else is tuned.
 */
export function tuneBaseline(
  arena: Arena,
  experiment: Experiment,
  id: string,
  clock: Clock,
  budget: { readonly episodes?: number; readonly trials?: number } = {},
): TunedBaseline {
  const { context } = arena.env;
  const started = clock.monotonicSeconds();
  const { dimensions, anchors } = tunable(id, context);
  const episodes = budget.episodes ?? experiment.tune.episodes;
  const named = (p: Float64Array) => Object.fromEntries(dimensions.map((d, i) => [d.name, p[i]!]));
  let steps = 0;
  const evaluate = (params: Float64Array, from: number, count: number): number => {
    const table = arena.play(createBaseline(id, named(params), context), from, count);
    steps += table.steps;
    return objectiveOf(experiment.objective, table.costs);
  };
  if (dimensions.length === 0) {
    const objective = evaluate(new Float64Array(0), 0, episodes);
    return {
      id,
      params: {},
      objective,
      budget: { steps, trials: 1, coreSeconds: clock.monotonicSeconds() - started },
      atEdge: [],
    };
  }
  const trials = budget.trials ?? experiment.tune.trials;
  const result = tune({
    dimensions,
    evaluate,
    anchors,
    budget: { episodes, ...(trials === undefined ? {} : { trials: Math.max(trials, anchors.length + 2) }) },
    seed: `${experiment.compare.seed}/tune/${id}`,
  });
  return {
    id,
    params: named(result.params),
    objective: result.objective,
    budget: { steps, trials: result.trials, coreSeconds: clock.monotonicSeconds() - started },
    atEdge: result.atEdge,
  };
}
