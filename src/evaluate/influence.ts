import { ContractError, expectLength } from "../core/errors.ts";
import { dearestFirst, type Objective, objectiveOf } from "./objectives.ts";

function moments(costs: Float64Array): { mean: number; meanSquare: number; sd: number } {
  const n = costs.length;
  let mean = 0;
  for (const c of costs) mean += c / n;
  let squares = 0;
  for (const c of costs) squares += (c - mean) ** 2;
  return { mean, meanSquare: squares / n, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0 };
}

/** The cost at which the tail of (1 - level) begins: the episode that is split, or the last one wholly inside. */
function tailThreshold(costs: Float64Array, level: number): { order: Int32Array; index: number; cost: number } {
  const order = dearestFirst(costs);
  const index = Math.max(0, Math.ceil((1 - level) * costs.length - 1e-9) - 1);
  return { order, index, cost: costs[order[index]!]! };
}

function expectEpisodes(costs: Float64Array, out: Float64Array): void {
  if (costs.length === 0)
    throw new ContractError("An objective needs at least one episode.", { which: "costs", value: 0 });
  expectLength(out, costs.length, "out");
}

/**
 * Influence-function values of the objective at the sample (Hampel, 1974): out[i] says how much an episode like i moves it; they average 0.
 * For a learner by score functions: gradient of the objective = mean over episodes of out[i] times the gradient of the log-probability
 * of episode i. For a statistician: the standard error is sd(out) / sqrt(n).
 * @param costs [n] @param out [n], written
 */
export function influence(objective: Objective, costs: Float64Array, out: Float64Array): void {
  expectEpisodes(costs, out);
  const n = costs.length;
  switch (objective.name) {
    case "mean":
    case "mean-plus-sd": {
      const { mean, meanSquare, sd } = moments(costs);
      const half = objective.name === "mean" || sd === 0 ? 0 : objective.k / (2 * sd);
      for (let i = 0; i < n; i++) {
        const d = costs[i]! - mean;
        out[i] = d + half * (d * d - meanSquare);
      }
      return;
    }
    case "cvar": {
      const tail = 1 - objective.level;
      const q = tailThreshold(costs, objective.level).cost;
      const value = objectiveOf(objective, costs);
      for (let i = 0; i < n; i++) out[i] = q + Math.max(0, costs[i]! - q) / tail - value;
      return;
    }
    case "entropic": {
      const a = objective.riskAversion;
      const value = objectiveOf(objective, costs);
      for (let i = 0; i < n; i++) out[i] = Math.expm1(a * (costs[i]! - value)) / a;
      return;
    }
  }
}

/**
 * Sensitivities of the objective to each episode's cost, out[i] = n dF/dc_i. For a learner that differentiates through the simulator:
 * gradient of the objective = mean over episodes of out[i] times the gradient of c_i. They average 1 (adding 1 to every cost adds 1).
 * @param costs [n] @param out [n], written
 */
export function sensitivities(objective: Objective, costs: Float64Array, out: Float64Array): void {
  expectEpisodes(costs, out);
  const n = costs.length;
  switch (objective.name) {
    case "mean":
      out.fill(1);
      return;
    case "mean-plus-sd": {
      const { mean, sd } = moments(costs);
      const slope = sd === 0 ? 0 : (objective.k * n) / ((n - 1) * sd);
      for (let i = 0; i < n; i++) out[i] = 1 + slope * (costs[i]! - mean);
      return;
    }
    case "cvar": {
      const { order, index } = tailThreshold(costs, objective.level);
      const tail = (1 - objective.level) * n;
      out.fill(0);
      for (let r = 0; r < index; r++) out[order[r]!] = n / tail;
      out[order[index]!] = (n * (tail - index)) / tail;
      return;
    }
    case "entropic": {
      const value = objectiveOf(objective, costs);
      for (let i = 0; i < n; i++) out[i] = Math.exp(objective.riskAversion * (costs[i]! - value));
      return;
    }
  }
}
