import { z } from "zod";
import { ContractError, expectLength } from "../core/errors.ts";

/**
 * Risk aversion per unit of cost unless told: with costs of sd 40 (bps of notional, or % of premium) like mean + 0.6 sd, and an estimate that
 * thousands of episodes carry. At 1 per unit one episode in 100,000 would be the whole objective.
 */
export const DEFAULT_RISK_AVERSION = 0.03;

/**
 * The objective of a scenario as data: a functional of the distribution of episode costs, in the unit of the costs. Lower is better.
 * `mean`: E c. `mean-plus-sd`: E c + k sd(c). `cvar`: mean of the worst (1 - level) share (Rockafellar and Uryasev, 2000).
 * `entropic`: (1/a) ln E exp(a c), a = riskAversion per unit of cost (Föllmer and Schied, 2002).
 */
export const ObjectiveSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("mean") }),
  z.strictObject({
    name: z.literal("mean-plus-sd"),
    k: z.number().nonnegative().max(100).default(1.5).describe("Weight of the standard deviation."),
  }),
  z.strictObject({
    name: z.literal("cvar"),
    level: z.number().gt(0).lt(1).default(0.95).describe("Costs above this quantile are averaged."),
  }),
  z.strictObject({
    name: z.literal("entropic"),
    riskAversion: z
      .number()
      .positive()
      .default(DEFAULT_RISK_AVERSION)
      .describe(
        "Risk aversion per unit of cost; the estimate is tame while this times the sd of costs is below about 2.",
      ),
  }),
]);

export type Objective = z.output<typeof ObjectiveSchema>;

/** The objective in words, e.g. `mean + 1.5 sd`. */
export function objectiveLabel(objective: Objective): string {
  switch (objective.name) {
    case "mean":
      return "mean";
    case "mean-plus-sd":
      return `mean + ${objective.k} sd`;
    case "cvar":
      return `CVaR ${Math.round(objective.level * 1e6) / 1e4}%`;
    case "entropic":
      return `entropic, risk aversion ${objective.riskAversion}`;
  }
}

/** The half-width of equivalence that a scenario uses unless it says otherwise: 5% for CVaR, whose noise is larger, else 2%. */
export function defaultDelta(objective: Objective): number {
  return objective.name === "cvar" ? 0.05 : 0.02;
}

/** Throws a ContractError naming the first episode whose cost is not finite. */
export function expectFiniteCosts(costs: Float64Array, name: string): void {
  for (let i = 0; i < costs.length; i++)
    if (!Number.isFinite(costs[i]!))
      throw new ContractError("An episode's cost is not a finite number.", {
        which: `${name}, episode ${i}`,
        value: costs[i],
        fix: "Find out why the episode's accounting broke; a comparison cannot leave episodes out.",
      });
}

/** Indices of `costs`, dearest first; ties in the order of episodes. */
export function dearestFirst(costs: Float64Array): Int32Array {
  return Int32Array.from(costs.keys()).sort((a, b) => costs[b]! - costs[a]! || a - b);
}

/**
 * Mean of the worst (1 - level) share, the last episode counted by the part of it that falls in the tail.
 * @param order indices of `costs`, dearest first @param weights how often each episode counts, [n]; all once where absent
 * @param total sum of the weights
 */
export function tailMean(
  costs: Float64Array,
  order: Int32Array,
  level: number,
  total: number,
  weights?: ArrayLike<number>,
): number {
  const tail = (1 - level) * total;
  let left = tail;
  let sum = 0;
  for (let r = 0; r < order.length && left > 0; r++) {
    const i = order[r]!;
    const w = Math.min(left, weights === undefined ? 1 : weights[i]!);
    sum += w * costs[i]!;
    left -= w;
  }
  return sum / (tail - left);
}

/**
 * The objective of episode costs. The standard deviation is the sample one (n - 1) and 0 for a single episode.
 * @param costs [n], one an episode
 * @param weights [n], how often each episode counts (frequencies, as in a bootstrap resample); all once where absent
 * @throws ContractError where there is no episode or the lengths differ
 */
export function objectiveOf(objective: Objective, costs: Float64Array, weights?: ArrayLike<number>): number {
  const n = costs.length;
  if (weights !== undefined) expectLength(weights, n, "weights");
  const weight = (i: number) => (weights === undefined ? 1 : weights[i]!);
  let total = 0;
  let mean = 0;
  for (let i = 0; i < n; i++) {
    const w = weight(i);
    if (w === 0) continue;
    total += w;
    mean += (w / total) * (costs[i]! - mean);
  }
  if (!(total > 0)) throw new ContractError("An objective needs at least one episode.", { which: "costs", value: n });
  switch (objective.name) {
    case "mean":
      return mean;
    case "mean-plus-sd": {
      let squares = 0;
      for (let i = 0; i < n; i++) squares += weight(i) * (costs[i]! - mean) ** 2;
      return mean + objective.k * (total > 1 ? Math.sqrt(squares / (total - 1)) : 0);
    }
    case "cvar":
      return tailMean(costs, dearestFirst(costs), objective.level, total, weights);
    case "entropic": {
      const a = objective.riskAversion;
      let top = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < n; i++) if (weight(i) > 0) top = Math.max(top, costs[i]!);
      let sum = 0;
      // Skipped, not multiplied by 0: an absent episode may be dearer than the dearest present one by an overflow.
      for (let i = 0; i < n; i++) if (weight(i) > 0) sum += weight(i) * Math.expm1(a * (costs[i]! - top));
      return top + Math.log1p(sum / total) / a;
    }
  }
}
