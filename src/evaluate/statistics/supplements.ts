import { ContractError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { percentileInterval } from "./quantile.ts";

/**
 * Supplements in the manner of Agarwal et al. (2021, arXiv 2108.13264): scores of runs (training seeds) on tasks (scenarios), normalised with
 * fixed anchors, higher is better. They trim or ignore the tail that a hedger cares for, so they never decide a verdict.
 */
/** scores[m][i]: score of run i on task m. Runs may differ in number between tasks. */
export type Scores = readonly ArrayLike<number>[];

function flatten(scores: Scores): Float64Array {
  const all = Float64Array.from(scores.flatMap((task) => Array.from(task)));
  if (all.length === 0) throw new ContractError("A statistic of scores needs at least one score.", { which: "scores" });
  return all;
}

/** Interquartile mean: all scores sorted, floor(n / 4) dropped from each end, mean of the rest. */
export function interquartileMean(scores: Scores): number {
  const sorted = flatten(scores).sort();
  const cut = Math.floor(sorted.length / 4);
  let sum = 0;
  for (let i = cut; i < sorted.length - cut; i++) sum += sorted[i]!;
  return sum / (sorted.length - 2 * cut);
}

/** γ - mean of min(score, γ): how far runs fall short of γ. */
export function optimalityGap(scores: Scores, gamma = 1): number {
  const all = flatten(scores);
  let sum = 0;
  for (const x of all) sum += Math.min(x, gamma);
  return gamma - sum / all.length;
}

/** Performance profile: for each threshold the share of all runs whose score is above it (strictly). */
export function performanceProfile(scores: Scores, thresholds: ArrayLike<number>): Float64Array {
  const all = flatten(scores);
  return Float64Array.from(thresholds, (tau) => all.reduce((n, x) => n + (x > tau ? 1 : 0), 0) / all.length);
}

/** Mean over tasks of U / (nx ny), U the Mann-Whitney statistic of x above y, ties half. */
export function rankImprovement(x: Scores, y: Scores): number {
  if (x.length !== y.length || x.length === 0)
    throw new ContractError("Both sides need the same tasks.", { which: "scores", value: [x.length, y.length] });
  let sum = 0;
  for (const [m, xs] of x.entries()) {
    const ys = y[m]!;
    let u = 0;
    for (let i = 0; i < xs.length; i++)
      for (let j = 0; j < ys.length; j++) u += xs[i]! > ys[j]! ? 1 : xs[i]! === ys[j]! ? 0.5 : 0;
    sum += u / (xs.length * ys.length);
  }
  return sum / x.length;
}

/**
 * Percentile interval of a statistic by the stratified bootstrap: runs are drawn with replacement inside each task, independently.
 * Repeatable: every draw comes from `seed`.
 */
export function stratifiedInterval(
  scores: Scores,
  statistic: (resampled: Scores) => number,
  options: { readonly seed: number | string; readonly resamples?: number; readonly level?: number },
): readonly [number, number] {
  flatten(scores);
  const random = new Random(options.seed, "evaluate/stratified");
  const values = new Float64Array(options.resamples ?? 2000);
  const resampled = scores.map((task) => new Float64Array(task.length));
  for (let b = 0; b < values.length; b++) {
    for (const [m, task] of scores.entries())
      for (let i = 0; i < task.length; i++) resampled[m]![i] = task[random.integer(task.length)]!;
    values[b] = statistic(resampled);
  }
  return percentileInterval(values, options.level);
}
