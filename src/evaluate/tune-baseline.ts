import type { Params } from "../../agents/baselines/baseline.ts";
import { embedParams } from "../../agents/baselines/embed.ts";
import { baselineIds, createBaseline, type Tunable, tunable } from "../../agents/baselines/registry.ts";
import type { Clock } from "../core/clock.ts";
import type { Budget } from "../core/contracts/evaluation.ts";
import type { Policy, PolicyContext } from "../core/contracts/policy.ts";
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

/** How a family of policies is going to be searched. */
export interface TuningPlan {
  readonly id: string;
  readonly tunable: Tunable;
  /** Rules that are tuned first: their optima are points to try, and their tuning is part of the budget. */
  readonly nested: readonly string[];
  /** Points to try first beyond the anchors. */
  readonly warm: number;
  /** True where the search is around the best of those points: so many dimensions cannot be screened. */
  readonly local: boolean;
}

/** Rules that are tuned from the optima of simpler ones. */
const NESTED: Readonly<Record<string, readonly string[]>> = { composite: ["gas-aware", "toxicity-aware"] };

/** How a rule of the table is tuned in a market. */
export function planOf(id: string, context: PolicyContext): TuningPlan {
  const known = baselineIds(context);
  const nested = (NESTED[id] ?? []).filter((rule) => known.includes(rule));
  const several = nested.length > 1;
  return { id, tunable: tunable(id, context), nested, warm: nested.length + (several ? 1 : 0), local: several };
}

/** Trials of the tuner: the usual number for the parameters, or fewer where the experiment or the caller caps them. */
export function trialsOf(experiment: Experiment, plan: TuningPlan, cap?: number): number {
  const { dimensions, anchors } = plan.tunable;
  const usual = defaultTrials(dimensions.length) + anchors.length + Math.max(0, plan.warm - 1);
  const least = anchors.length + 1 + Math.max(1, plan.warm);
  return Math.max(least, Math.min(usual, cap ?? experiment.tune.trials ?? usual));
}

export interface TuneBudget {
  /** Episodes of a full evaluation; the experiment's unless told. */
  readonly episodes?: number;
  /** Trials at most; the experiment's, or the tuner's usual number, unless told. */
  readonly trials?: number;
}

/** A family of policies to search, in or out of the table of rules. */
export interface Searched {
  readonly plan: TuningPlan;
  readonly policy: (params: Params) => Policy;
  /** Parameters to try first, beyond the anchors: the optima of what the family nests. They may name others' parameters too. */
  readonly warm: readonly Params[];
  /** What finding those cost. */
  readonly spent: readonly Budget[];
}

/** Searches a family for the experiment's objective on `arena`, which must be of the training split. The same seed gives the same parameters. */
export function searchFamily(
  arena: Arena,
  experiment: Experiment,
  searched: Searched,
  clock: Clock,
  budget: TuneBudget,
): TunedBaseline {
  const { plan, warm, spent } = searched;
  const { id } = plan;
  const { dimensions, anchors } = plan.tunable;
  const started = clock.monotonicSeconds();
  const episodes = budget.episodes ?? experiment.tune.episodes;
  const named = (p: Float64Array) => Object.fromEntries(dimensions.map((d, i) => [d.name, p[i]!]));
  let steps = spent.reduce((sum, b) => sum + b.steps, 0);
  const evaluate = (params: Float64Array, from: number, count: number): number => {
    const table = arena.play(searched.policy(named(params)), from, count);
    steps += table.steps;
    return objectiveOf(experiment.objective, table.costs);
  };
  const cost = (trials: number): Budget => ({
    steps,
    trials: trials + spent.reduce((sum, b) => sum + b.trials, 0),
    coreSeconds: clock.monotonicSeconds() - started + spent.reduce((sum, b) => sum + b.coreSeconds, 0),
  });
  if (dimensions.length === 0) {
    const objective = evaluate(new Float64Array(0), 0, episodes);
    return { id, params: {}, objective, budget: cost(1), atEdge: [] };
  }
  const result = tune({
    dimensions,
    evaluate,
    anchors: [...anchors, ...warm.map((point) => Float64Array.from(dimensions, (d) => point[d.name] ?? d.start))],
    local: plan.local,
    budget: { episodes, trials: trialsOf(experiment, plan, budget.trials) },
    seed: `${experiment.compare.seed}/tune/${id}`,
  });
  return {
    id,
    params: named(result.params),
    objective: result.objective,
    budget: cost(result.trials),
    atEdge: result.atEdge,
  };
}

/**
 * What each arena has tuned so far, by experiment: a rule that several richer ones nest is searched once, and each of them is charged for it.
 * An experiment and an arena are never changed, so a remembered result is the one that a new search would find.
 */
const remembered = new WeakMap<Experiment, WeakMap<Arena, Map<string, TunedBaseline>>>();

function memoryOf(experiment: Experiment, arena: Arena): Map<string, TunedBaseline> {
  const arenas = remembered.get(experiment) ?? new WeakMap<Arena, Map<string, TunedBaseline>>();
  remembered.set(experiment, arenas);
  const memory = arenas.get(arena) ?? new Map<string, TunedBaseline>();
  arenas.set(arena, memory);
  return memory;
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
  budget: TuneBudget = {},
): TunedBaseline {
  const memory = memoryOf(experiment, arena);
  const key = JSON.stringify([id, budget.episodes ?? null, budget.trials ?? null]);
  const known = memory.get(key);
  if (known !== undefined) return known;
  const { context } = arena.env;
  // A rule of many parameters starts from the tuned rules that it nests; their tuning is part of its budget.
  const plan = planOf(id, context);
  const nested = plan.nested.map((rule) => tuneBaseline(arena, experiment, rule, clock, budget));
  const tuned = searchFamily(
    arena,
    experiment,
    {
      plan,
      policy: (params) => createBaseline(id, params, context),
      warm: warmPoints(id, nested, context),
      spent: nested.map((n) => n.budget),
    },
    clock,
    budget,
  );
  memory.set(key, tuned);
  return tuned;
}

/** The optima of nested rules as points of rule `id`; where there are several, also the best with what the others alone have. */
function warmPoints(id: string, nested: readonly TunedBaseline[], context: PolicyContext): Params[] {
  const sorted = [...nested].sort((a, b) => a.objective - b.objective);
  const points = sorted
    .map((rule) => embedParams(id, rule.id, rule.params, context))
    .filter((point) => point !== undefined);
  const [best] = points;
  if (best === undefined || points.length < 2) return points;
  const own = sorted[0]!.params;
  const together: Record<string, number> = { ...best };
  for (const other of points.slice(1))
    for (const [name, value] of Object.entries(other)) if (!(name in own)) together[name] = value;
  return [...points, together];
}
