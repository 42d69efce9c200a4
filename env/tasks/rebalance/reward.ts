import type { Scenario } from "./scenario.ts";

/**
 * A convex function g of the running cost c whose increments are the `terminal` reward: r = -(g(c') - g(c)), so that rewards sum to -g(cost).
 * mean-plus-sd: g = c + k (c - centre)^2 / (2 spread); entropic: g = exp(a (c - centre)) / a; cvar: g = max(c - centre, 0) / (1 - level).
 */
export type RewardShape =
  | { readonly name: "mean-plus-sd"; readonly k: number; readonly centre: number; readonly spread: number }
  | { readonly name: "entropic"; readonly riskAversion: number; readonly centre: number }
  | { readonly name: "cvar"; readonly level: number; readonly centre: number };

/** g(c) of {@link RewardShape}. */
export function costShape(shape: RewardShape, cost: number): number {
  if (shape.name === "mean-plus-sd")
    return cost + (shape.k * (cost - shape.centre) ** 2) / (2 * Math.max(shape.spread, 1e-9));
  if (shape.name === "entropic")
    return Math.exp(Math.min(50, shape.riskAversion * (cost - shape.centre))) / shape.riskAversion;
  return Math.max(cost - shape.centre, 0) / (1 - shape.level);
}

/** What a decision cost and risked, in the objective's unit: the material of the `expected-risk` reward. */
export interface DecisionRisk {
  /** Fees, gas, spread and impact paid, less funding received. */
  readonly paid: number;
  /** Variance of the profit of the delta held until the next decision, at the published mark volatility. */
  readonly variance: number;
}

/**
 * Reward of one decision that took profit from `before` to `after`, both in the objective's unit; docs/assumptions/rewards.md.
 * `excess` is how far exposures stand outside their bounds, relative; `riskPenalty` is the trainer's where the scenario names none.
 */
export function decisionReward(
  reward: Scenario["reward"],
  shape: RewardShape | undefined,
  riskPenalty: number,
  before: number,
  after: number,
  excess: number,
  risk: DecisionRisk,
): number {
  const gain = after - before;
  if (reward.name === "expected-risk") return -risk.paid - (reward.riskPenalty ?? riskPenalty) * risk.variance;
  if (reward.name === "bounds") return gain - reward.weight * excess;
  if (reward.name === "terminal")
    return shape === undefined ? gain : costShape(shape, -before) - costShape(shape, -after);
  return gain - (reward.riskPenalty ?? riskPenalty) * gain * gain;
}
