import { type Scenario, slotSpecification, timing } from "../../../env/tasks/rebalance/scenario.ts";
import type { Policy, PolicyContext } from "../../core/contracts/policy.ts";
import type { Experiment } from "../experiment.ts";
import { objectiveOf } from "../objectives.ts";
import type { OracleDefinition } from "../oracles.ts";
import { tune } from "../tuner.ts";
import { optimumPolicy } from "./policy.ts";
import { scenarioProblem, whyNoOptimum } from "./scenario-problem.ts";
import { type Optimum, solveOptimum, tooLarge } from "./solve.ts";

export const DP_OPTIMUM_ID = "dp-optimum";

/** Risk aversions, per unit of cost, among which the family is searched for other objectives than the entropic one. */
export const RISK_AVERSIONS = { low: 1e-4, high: 3, start: 0.03 } as const;
/** Trials of that search unless the experiment caps them: one dimension, one smooth basin. */
const TRIALS = 24;

/** The policy of an optimum in a scenario's environment. */
export function policyOf(optimum: Optimum, scenario: Scenario, context: PolicyContext): Policy {
  const t = timing(scenario);
  return optimumPolicy(optimum, {
    context,
    horizonSeconds: t.steps * t.stepSeconds,
    decisionSeconds: t.decisionSeconds,
    contractSize: slotSpecification(scenario.slots[0]!, 0).contractSize,
  });
}

/** Risk aversion of the objective itself, or undefined where it is not entropic. */
function ownRiskAversion({ objective }: Experiment): number | undefined {
  return objective.name === "entropic" ? objective.riskAversion : undefined;
}

/** Risk aversion, per unit of cost, at which the row with these parameters is optimal. */
export function riskAversionOf(params: Readonly<Record<string, number>>, experiment: Experiment): number {
  return params.riskAversion ?? ownRiskAversion(experiment) ?? RISK_AVERSIONS.start;
}

function solve(experiment: Experiment, riskAversion: number): Optimum {
  return solveOptimum(scenarioProblem(experiment.scenario, experiment.unit), riskAversion);
}

/**
 * The exact optimum of an entropic objective (solve.ts). For other objectives there is no such recursion: the row is then the best of the family
 * of entropic optima over risk aversion, searched on training episodes; a strong rival, and no bound.
 */
export const DP_OPTIMUM: OracleDefinition = {
  id: DP_OPTIMUM_ID,
  appliesTo(experiment) {
    const { scenario, unit } = experiment;
    return (
      whyNoOptimum(scenario) ??
      tooLarge(scenarioProblem(scenario, unit), ownRiskAversion(experiment) ?? RISK_AVERSIONS.start)
    );
  },
  tune(arena, experiment, clock, budget) {
    const started = clock.monotonicSeconds();
    const episodes = budget.episodes ?? experiment.tune.episodes;
    let steps = 0;
    const evaluate = (riskAversion: number, from: number, count: number): number => {
      const policy = policyOf(solve(experiment, riskAversion), experiment.scenario, arena.env.context);
      const table = arena.play(policy, from, count);
      steps += table.steps;
      return objectiveOf(experiment.objective, table.costs);
    };
    const own = ownRiskAversion(experiment);
    if (own !== undefined) {
      const objective = evaluate(own, 0, episodes);
      const cost = { steps, trials: 1, coreSeconds: clock.monotonicSeconds() - started };
      return { id: DP_OPTIMUM_ID, params: {}, objective, budget: cost, atEdge: [] };
    }
    const problem = scenarioProblem(experiment.scenario, experiment.unit);
    const result = tune({
      dimensions: [{ name: "riskAversion", scale: "log", ...RISK_AVERSIONS }],
      // Where drift makes a low risk aversion a speculation without bound, the family ends.
      evaluate: ([a], from, count) =>
        tooLarge(problem, a!) === undefined ? evaluate(a!, from, count) : Number.POSITIVE_INFINITY,
      budget: { episodes, trials: Math.max(3, Math.min(TRIALS, budget.trials ?? experiment.tune.trials ?? TRIALS)) },
      seed: `${experiment.compare.seed}/tune/${DP_OPTIMUM_ID}`,
    });
    return {
      id: DP_OPTIMUM_ID,
      params: { riskAversion: result.params[0]! },
      objective: result.objective,
      budget: { steps, trials: result.trials, coreSeconds: clock.monotonicSeconds() - started },
      atEdge: result.atEdge,
    };
  },
  policy(params, arena, experiment) {
    const optimum = solve(experiment, riskAversionOf(params, experiment));
    return policyOf(optimum, experiment.scenario, arena.env.context);
  },
  note(params, experiment) {
    if (ownRiskAversion(experiment) !== undefined) return undefined;
    const a = params.riskAversion!.toPrecision(3);
    return `${DP_OPTIMUM_ID}: the objective has no exact recursion; the row is the best of the entropic family over risk aversion (here ${a} per unit), chosen on train.`;
  },
};
