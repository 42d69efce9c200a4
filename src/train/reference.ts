import { createBaseline } from "../../agents/baselines/registry.ts";
import type { RewardShape } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { PolicyContext } from "../core/contracts/policy.ts";
import { ConfigError } from "../core/errors.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { type Objective, objectiveOf } from "../evaluate/objectives.ts";
import type { EpisodeTable } from "../evaluate/rollout.ts";
import type { TunedBaseline } from "../evaluate/tune-baseline.ts";
import type { RulesAtTarget } from "./deployment.ts";

/** The tuned rule that a learner starts from, and the reward that its costs imply. */
export interface Reference {
  readonly id: string;
  /** Its id in tables. */
  readonly label: string;
  readonly params: Readonly<Record<string, number>>;
  /** Penalty of the `wealth` reward: k / (2 sd), sd of the reference's cost. */
  readonly riskPenalty: number;
  readonly rewardShape: RewardShape | undefined;
}

function quantile(costs: Float64Array, level: number): number {
  const sorted = costs.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(level * sorted.length))]!;
}

/** The convex cost function whose increments are the terminal reward; centred on the reference's costs, where it is exact to first order. */
function shapeFor(objective: Objective, costs: Float64Array): RewardShape | undefined {
  if (objective.name === "mean") return undefined;
  const mean = costs.reduce((s, c) => s + c, 0) / costs.length;
  if (objective.name === "mean-plus-sd") {
    const spread = objectiveOf({ name: "mean-plus-sd", k: 1 }, costs) - mean;
    return { name: "mean-plus-sd", k: objective.k, centre: mean, spread };
  }
  if (objective.name === "entropic") return { name: "entropic", riskAversion: objective.riskAversion, centre: mean };
  return { name: "cvar", level: objective.level, centre: quantile(costs, objective.level) };
}

/**
 * Chooses the reference: the one the experiment names, or the tuned band rule with the least objective on select episodes, among those that
 * can run at the experiment's target. Of a named one that cannot, its silenced copy is taken.
 * `played` holds each tuned rule's costs on select.
 */
export function chooseReference(
  experiment: Experiment,
  context: PolicyContext,
  rules: readonly (TunedBaseline & { readonly label: string; readonly silencedOf?: string })[],
  played: readonly EpisodeTable[],
  unable: RulesAtTarget["unable"],
): Reference {
  const { reference } = experiment.agent;
  const objectives = played.map((t) => objectiveOf(experiment.objective, t.costs));
  const needsBand = experiment.agent.head === "band";
  const usable = rules
    .map((t, i) => ({ t, objective: objectives[i]!, costs: played[i]!.costs }))
    .filter(({ t }) => !needsBand || createBaseline(t.id, t.params, context).rule !== undefined)
    .filter(({ t }) => unable.every((u) => u.label !== t.label))
    .filter(({ t }) => reference === "best" || t.label === reference || t.silencedOf === reference);
  if (usable.length === 0)
    throw new ConfigError("No rule among the contenders can serve as the reference.", {
      which: "agent.reference",
      value: reference,
      fix: "Name a band rule that is among the contenders, or `best`.",
      hints: [
        `Contenders: ${rules.map((t) => t.label).join(", ")}.`,
        ...unable.map((u) => `${u.label} cannot run on ${experiment.agent.deploy.target}: it reads ${u.lacks}.`),
      ],
    });
  const best = usable.reduce((a, b) => (b.objective < a.objective ? b : a));
  const mean = best.costs.reduce((s, c) => s + c, 0) / best.costs.length;
  const sd = objectiveOf({ name: "mean-plus-sd", k: 1 }, best.costs) - mean;
  // d(mean + k sd)/dc = 1 + k (c - mean) / sd: with uncorrelated increments, a penalty of k / (2 sd) on each squared one.
  const k = experiment.objective.name === "mean-plus-sd" ? experiment.objective.k : 1.5;
  return {
    id: best.t.id,
    label: best.t.label,
    params: best.t.params,
    riskPenalty: k / (2 * Math.max(sd, 1e-9)),
    rewardShape: shapeFor(experiment.objective, best.costs),
  };
}
