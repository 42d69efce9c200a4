/** The scenario's objective as data, a functional of the costs of episodes: src/evaluate/objectives.ts says which. */
export type RiskObjective =
  | { readonly name: "mean" }
  | { readonly name: "mean-plus-sd"; readonly k: number }
  | { readonly name: "cvar"; readonly level: number }
  | { readonly name: "entropic"; readonly riskAversion: number };

/**
 * The objective of a batch of costs [n], and its exact gradient, dObjective/dcost_i, into `out` [n]:
 *   mean            1/n
 *   mean + k sd     1/n + k (c_i - mean) / ((n - 1) sd)
 *   cvar            1 / ((1 - level) n) in the tail, the part of it for the episode that the quantile cuts (Rockafellar and Uryasev 2000)
 *   entropic        exp(a c_i) / sum exp(a c): the weights of the exponential tilt
 */
export function riskGradient(objective: RiskObjective, costs: Float64Array, out: Float64Array): number {
  const n = costs.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += costs[i]! / n;
  out.fill(1 / n);
  if (objective.name === "mean") return mean;
  if (objective.name === "mean-plus-sd") {
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (costs[i]! - mean) ** 2;
    const sd = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
    if (sd > 0) for (let i = 0; i < n; i++) out[i]! += (objective.k * (costs[i]! - mean)) / ((n - 1) * sd);
    return mean + objective.k * sd;
  }
  if (objective.name === "cvar") {
    const order = Int32Array.from(costs.keys()).sort((a, b) => costs[b]! - costs[a]! || a - b);
    const tail = (1 - objective.level) * n;
    out.fill(0);
    let left = tail;
    let sum = 0;
    for (let r = 0; r < n && left > 0; r++) {
      const i = order[r]!;
      const weight = Math.min(left, 1);
      out[i] = weight / tail;
      sum += weight * costs[i]!;
      left -= weight;
    }
    return sum / tail;
  }
  const a = objective.riskAversion;
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) top = Math.max(top, costs[i]!);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    out[i] = Math.exp(a * (costs[i]! - top));
    sum += out[i]!;
  }
  for (let i = 0; i < n; i++) out[i]! /= sum;
  return top + Math.log(sum / n) / a;
}
