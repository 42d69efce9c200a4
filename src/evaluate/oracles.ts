import type { Clock } from "../core/clock.ts";
import type { Policy, PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError, didYouMean } from "../core/errors.ts";
import type { Experiment } from "./experiment.ts";
import { HINDSIGHT_ORACLE } from "./hindsight.ts";
import { DP_OPTIMUM } from "./optimum/oracle.ts";
import type { Arena } from "./rollout.ts";
import type { TuneBudget, TunedBaseline, TuningPlan } from "./tune-baseline.ts";

/**
 * A row that nobody can trade: it knows what no trader knows (the law of the market, or the future). Oracles show what is left to win; they are
 * never tuned rules to beat, and no verdict is about them.
 */
export interface OracleDefinition {
  readonly id: string;
  /** Why the oracle cannot be computed in this market, in one sentence; undefined where it can. */
  readonly appliesTo: (experiment: Experiment, context: PolicyContext) => string | undefined;
  /** Chooses what the oracle is free to choose, on training episodes; `params` are empty where there is nothing. `arena` is of the train split. */
  readonly tune: (arena: Arena, experiment: Experiment, clock: Clock, budget: TuneBudget) => TunedBaseline;
  /** How `tune` searches, where it searches a family of rules. */
  readonly plan?: (experiment: Experiment, context: PolicyContext) => TuningPlan;
  /** The policy that plays on `arena`, at parameters that `tune` returned. */
  readonly policy: (params: Readonly<Record<string, number>>, arena: Arena, experiment: Experiment) => Policy;
  /** One sentence for the notes of a comparison, where the row needs one. */
  readonly note?: (params: Readonly<Record<string, number>>, experiment: Experiment) => string | undefined;
}

/** Every oracle, in the order of reports. */
export const ORACLES: readonly OracleDefinition[] = [HINDSIGHT_ORACLE, DP_OPTIMUM];

/** True for the id of an oracle. */
export function isOracle(id: string): boolean {
  return ORACLES.some((o) => o.id === id);
}

/** Looks an oracle up. Throws a ConfigError with the nearest known id. */
export function oracleDefinition(id: string): OracleDefinition {
  const found = ORACLES.find((o) => o.id === id);
  if (found !== undefined) return found;
  const known = ORACLES.map((o) => o.id);
  throw new ConfigError(`No oracle is called "${id}".`, {
    which: "contender",
    value: id,
    fix: known.length === 0 ? "Name a rule." : `Use one of ${known.join(", ")}.`,
    hints: didYouMean(id, known),
  });
}

/** The ids of the oracles that can be computed in this market. */
export function oracleIds(experiment: Experiment, context: PolicyContext): string[] {
  return ORACLES.filter((o) => o.appliesTo(experiment, context) === undefined).map((o) => o.id);
}

/** The oracle, checked to be computable in this market. Throws a ConfigError that says why it is not. */
export function expectOracle(id: string, experiment: Experiment, context: PolicyContext): OracleDefinition {
  const definition = oracleDefinition(id);
  const reason = definition.appliesTo(experiment, context);
  if (reason === undefined) return definition;
  throw new ConfigError(`There is no ${id} for ${experiment.scenario.name}: ${reason}`, {
    which: "contender",
    value: id,
    fix: "Leave it out, or compare on a scenario that has it.",
  });
}

/** The sentences that the oracles among the tuned rows ask for. */
export function oracleNotes(tuned: readonly TunedBaseline[], experiment: Experiment): string[] {
  return tuned.flatMap(({ id, params }) =>
    isOracle(id) ? (oracleDefinition(id).note?.(params, experiment) ?? []) : [],
  );
}
