import { ContractError, expectLength } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import { dearestFirst, expectFiniteCosts, type Objective, objectiveOf, tailMean } from "../objectives.ts";
import { meanOf } from "./quantile.ts";
import { studentQuantile } from "./student-t.ts";

const Z_975 = 1.959963984540054;

/** How resamples of paths are drawn. */
export interface ResamplingOptions {
  /** Seed of the resampling; independent of the seeds of the episodes. */
  readonly seed: number | string;
  /** Number of resamples; 2,000 unless told. */
  readonly resamples?: number;
  /**
   * [n], the block of each episode. Episodes of one block (overlapping recorded windows) are drawn together, so that the number of
   * independent observations is the number of blocks. Absent: every episode is its own block.
   */
  readonly blocks?: ArrayLike<number>;
}

export const DEFAULT_RESAMPLES = 2000;

export interface BootstrapObjectives {
  /** [K], the objective of each row on all episodes. */
  readonly estimates: Float64Array;
  /** K arrays [R]: the objective of row j in resample b. The same resample of paths serves every row. */
  readonly replicates: readonly Float64Array[];
  readonly resamples: number;
  /** Independent observations: blocks, or episodes. */
  readonly effectiveEpisodes: number;
}

/** Block index 0..B-1 of each episode, and B. */
function blockIndex(n: number, blocks: ArrayLike<number> | undefined): { of: Int32Array; count: number } {
  if (blocks === undefined) return { of: Int32Array.from({ length: n }, (_, i) => i), count: n };
  expectLength(blocks, n, "blocks");
  const known = new Map<number, number>();
  const of = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const id = blocks[i]!;
    const index = known.get(id) ?? known.size;
    known.set(id, index);
    of[i] = index;
  }
  return { of, count: known.size };
}

/** Number of independent observations among n episodes. */
export function effectiveEpisodes(n: number, blocks?: ArrayLike<number>): number {
  return blockIndex(n, blocks).count;
}

/** sqrt(m / (m - 1)) t(0.975, m - 1) / z(0.975): 1.16 for 12 observations, 1.001 for 2,000. */
function smallSampleWidening(m: number): number {
  // Beyond 1,000 observations the t quantile is z within 0.1%, and its finite series grows long.
  const t = m > 1000 ? Z_975 * (1 + (Z_975 * Z_975 + 1) / (4 * (m - 1))) : studentQuantile(0.975, m - 1);
  return (Math.sqrt(m / (m - 1)) * t) / Z_975;
}

/** A function of a resample's counts [n] and their sum that gives the objective of one row, fast. */
function resampler(objective: Objective, costs: Float64Array): (counts: Float64Array, total: number) => number {
  const n = costs.length;
  switch (objective.name) {
    case "mean":
    case "mean-plus-sd": {
      const k = objective.name === "mean" ? 0 : objective.k;
      // Centred first: the difference of sums below then loses no digits.
      const centre = meanOf(costs);
      const x = costs.map((c) => c - centre);
      const squares = x.map((v) => v * v);
      return (counts, total) => {
        let sum = 0;
        let sumOfSquares = 0;
        for (let i = 0; i < n; i++) {
          const w = counts[i]!;
          sum += w * x[i]!;
          sumOfSquares += w * squares[i]!;
        }
        const variance = total > 1 ? Math.max(0, sumOfSquares - (sum * sum) / total) / (total - 1) : 0;
        return centre + sum / total + k * Math.sqrt(variance);
      };
    }
    case "cvar": {
      const order = dearestFirst(costs);
      return (counts, total) => tailMean(costs, order, objective.level, total, counts);
    }
    case "entropic": {
      const a = objective.riskAversion;
      let top = Number.NEGATIVE_INFINITY;
      for (const c of costs) top = Math.max(top, c);
      const e = costs.map((c) => Math.exp(a * (c - top)));
      return (counts, total) => {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += counts[i]! * e[i]!;
        // A resample without the dearest episodes can underflow: then the slow stable form.
        return sum < 1e-250 ? objectiveOf(objective, costs, counts) : top + Math.log(sum / total) / a;
      };
    }
  }
}

/**
 * Paired bootstrap over paths (Efron, 1979): paths, or whole blocks of them, are drawn with replacement and the objective of every row is
 * recomputed on the same draw, so that common shocks cancel in differences.
 * Deviations from the estimate are widened by sqrt(m / (m - 1)) t(m - 1) / z, m independent observations, which gives percentile
 * intervals the width of a t-interval when m is small (Hesterberg, 2015, "What teachers should know about the bootstrap", §4.2).
 * @param rows K arrays [n], the costs of each contender on the same n episodes
 * @throws ContractError for unequal lengths, costs that are not finite, or fewer than two independent observations
 */
export function bootstrapObjectives(
  objective: Objective,
  rows: readonly Float64Array[],
  options: ResamplingOptions,
): BootstrapObjectives {
  const n = rows[0]?.length ?? 0;
  for (const [j, row] of rows.entries()) {
    expectLength(row, n, `costs of row ${j}`);
    expectFiniteCosts(row, `costs of row ${j}`);
  }
  const { of, count } = blockIndex(n, options.blocks);
  if (count < 2)
    throw new ContractError("A comparison needs at least two independent episodes.", {
      which: options.blocks === undefined ? "episodes" : "blocks",
      value: count,
      fix: "Use more episodes, or a longer recording with non-overlapping windows.",
    });
  const resamples = options.resamples ?? DEFAULT_RESAMPLES;
  if (!Number.isInteger(resamples) || resamples < 20)
    throw new ContractError("Too few resamples for an interval.", { which: "resamples", value: resamples });

  const estimates = Float64Array.from(rows, (row) => objectiveOf(objective, row));
  const replicates = rows.map(() => new Float64Array(resamples));
  const evaluate = rows.map((row) => resampler(objective, row));
  const widen = smallSampleWidening(count);
  const random = new Random(options.seed, "evaluate/bootstrap");
  const drawn = new Float64Array(count);
  const counts = options.blocks === undefined ? drawn : new Float64Array(n);
  for (let b = 0; b < resamples; b++) {
    drawn.fill(0);
    for (let i = 0; i < count; i++) drawn[random.integer(count)]! += 1;
    let total = count;
    if (counts !== drawn) {
      total = 0;
      for (let i = 0; i < n; i++) total += counts[i] = drawn[of[i]!]!;
    }
    for (let j = 0; j < rows.length; j++)
      replicates[j]![b] = estimates[j]! + widen * (evaluate[j]!(counts, total) - estimates[j]!);
  }
  return { estimates, replicates, resamples, effectiveEpisodes: count };
}
