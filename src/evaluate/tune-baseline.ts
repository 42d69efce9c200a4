import { embedParams } from "../../agents/baselines/embed.ts";
import { createBaseline, tunable } from "../../agents/baselines/registry.ts";
import type { Clock } from "../core/clock.ts";
import type { Budget } from "../core/contracts/evaluation.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import type { Experiment } from "./experiment.ts";
import { objectiveOf } from "./objectives.ts";
import type { Arena } from "./rollout.ts";
import { defaultTrials, tune } from "./tuner.ts";

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

/** Rules that are tuned from a simpler one's optimum. */
export const NESTED: Readonly<Record<string, string>> = { composite: "gas-aware" };

/** Trials of the tuner for a rule: the usual number for its parameters, or fewer where the experiment or the caller caps them. */
export function trialsOf(experiment: Experiment, id: string, context: PolicyContext, cap?: number): number {
  const { dimensions, anchors } = tunable(id, context);
  const usual = defaultTrials(dimensions.length) + anchors.length;
  return Math.max(anchors.length + 2, Math.min(usual, cap ?? experiment.tune.trials ?? usual));
}

/**
 * Tunes one rule for the experiment's objective on the training split. `arena` must be of that split.
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
  const { dimensions, anchors: known } = tunable(id, context);
  const anchors = [...known];
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
  const trials = trialsOf(experiment, id, context, budget.trials);
  // A rule of many parameters starts from the tuned rule that it nests; that tuning is part of its budget.
  const nested = NESTED[id] === undefined ? undefined : tuneBaseline(arena, experiment, NESTED[id], clock, budget);
  const warm = nested && embedParams(id, nested.id, nested.params, context);
  if (warm !== undefined) anchors.push(Float64Array.from(dimensions, (d) => warm[d.name] ?? d.start));
  steps += nested?.budget.steps ?? 0;
  const result = tune({
    dimensions,
    evaluate,
    anchors,
    budget: { episodes, trials },
    seed: `${experiment.compare.seed}/tune/${id}`,
  });
  return {
    id,
    params: named(result.params),
    objective: result.objective,
    budget: {
      steps,
      trials: result.trials + (nested?.budget.trials ?? 0),
      coreSeconds: clock.monotonicSeconds() - started,
    },
    atEdge: result.atEdge,
  };
}
