import type { PairedResult } from "../../core/contracts/evaluation.ts";
import { ContractError, expectLength } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import type { Objective } from "../objectives.ts";
import { bootstrapObjectives, type ResamplingOptions } from "./bootstrap.ts";
import { meanOf, sampleSd, sortedQuantile } from "./quantile.ts";
import { studentDraw } from "./student-t.ts";

/** One contender's episode costs: one array [n] for a rule, one for each training seed for something learned. All on the same n episodes. */
export interface CostSample {
  readonly id: string;
  readonly costs: readonly Float64Array[];
}

/**
 * How the spread over training seeds enters. `t`: the seed mean's error is drawn from Student's t, S - 1 degrees of freedom (exact for
 * normal seeds and right for as few as two). `resample`: seeds are drawn with replacement inside each resample of paths, deviations widened
 * by sqrt(S / (S - 1)); too narrow for fewer than about ten seeds. `none`: the seeds at hand are all that is asked about.
 */
export type SeedLevel = "t" | "resample" | "none";

export interface PairedRow extends PairedResult {
  /** Standard error of the difference from paths alone (bootstrap). */
  readonly pathStandardError: number;
  /** Standard error of the difference from training seeds alone: sd over seeds / sqrt(S). 0 for rules. */
  readonly seedStandardError: number;
  /** Two-sided, not corrected for the number of baselines: the share of resamples on the other side of 0, twice. */
  readonly pValue: number;
}

export interface PairedComparison {
  readonly rows: readonly PairedRow[];
  /** Objective of the focus: mean over its training seeds. */
  readonly objective: number;
  /** Objective of each of the others, in order. */
  readonly objectives: readonly number[];
  /** Objective of the focus minus the least objective of the others. */
  readonly toBest: {
    /** The other with the least objective. */
    readonly against: string;
    readonly difference: number;
    /** Follows from the simultaneous intervals: [largest lower end, largest upper end]. Holds whichever of the others is truly the best. */
    readonly interval: readonly [number, number];
    /** One-sided p-value of "the focus is no better than the best of the others", corrected for their number. */
    readonly pBetter: number;
  };
  readonly episodes: number;
  readonly effectiveEpisodes: number;
  readonly resamples: number;
}

export interface PairedInput extends ResamplingOptions {
  readonly objective: Objective;
  readonly focus: CostSample;
  readonly others: readonly CostSample[];
  readonly seedLevel?: SeedLevel;
  /** Coverage of the intervals; 0.95 unless told. */
  readonly level?: number;
}

/** Share of episodes in which a costs less than b, ties half, averaged over all pairs of training seeds. */
export function probabilityOfImprovement(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  let wins = 0;
  let pairs = 0;
  for (const x of a)
    for (const y of b) {
      expectLength(y, x.length, "costs");
      for (let i = 0; i < x.length; i++) wins += x[i]! < y[i]! ? 1 : x[i]! === y[i]! ? 0.5 : 0;
      pairs += x.length;
    }
  return wins / pairs;
}

interface SampleReplicates {
  readonly estimate: number;
  /** [R], paths only. */
  readonly paths: Float64Array;
  /** [R], what the seed level adds. */
  readonly seeds: Float64Array;
  readonly seedError: number;
}

function seedDeviations(
  objectives: Float64Array,
  replicates: readonly Float64Array[],
  paths: Float64Array,
  level: SeedLevel,
  random: Random,
): Float64Array {
  const s = objectives.length;
  const out = new Float64Array(paths.length);
  if (level === "none" || s < 2) return out;
  const error = sampleSd(objectives) / Math.sqrt(s);
  const widen = Math.sqrt(s / (s - 1));
  for (let b = 0; b < out.length; b++) {
    if (level === "t") out[b] = error * studentDraw(random, s - 1);
    else {
      let sum = 0;
      for (let i = 0; i < s; i++) sum += replicates[random.integer(s)]![b]!;
      out[b] = widen * (sum / s - paths[b]!);
    }
  }
  return out;
}

/**
 * Compares one contender with each of the others on common paths: paired two-level bootstrap (paths, training seeds) of the difference of
 * objectives, percentile intervals, and simultaneous intervals by the max-T method (Westfall and Young, 1993; Romano and Wolf, 2005): the
 * lower and upper ends use the quantiles of the least and the largest studentised deviation over all others.
 */
export function comparePaired(input: PairedInput): PairedComparison {
  const { objective, focus, others } = input;
  const level = input.level ?? 0.95;
  const samples = [focus, ...others];
  for (const sample of samples)
    if (sample.costs.length === 0)
      throw new ContractError("A contender has no costs.", {
        which: sample.id,
        fix: "Pass one array a training seed.",
      });
  if (others.length === 0)
    throw new ContractError("A comparison needs somebody to compare with.", { which: "others", value: 0 });
  const bootstrap = bootstrapObjectives(
    objective,
    samples.flatMap((sample) => sample.costs),
    input,
  );
  const resamples = bootstrap.resamples;

  let first = 0;
  const all: SampleReplicates[] = samples.map((sample, index) => {
    const end = first + sample.costs.length;
    const estimates = bootstrap.estimates.slice(first, end);
    const replicates = bootstrap.replicates.slice(first, end);
    first = end;
    const paths = new Float64Array(resamples);
    for (const row of replicates) for (let b = 0; b < resamples; b++) paths[b]! += row[b]! / replicates.length;
    const seedLevel = input.seedLevel ?? "t";
    const random = new Random(input.seed, "evaluate/training-seeds", index);
    return {
      estimate: meanOf(estimates),
      paths,
      seeds: seedDeviations(estimates, replicates, paths, seedLevel, random),
      seedError: seedLevel === "none" ? 0 : sampleSd(estimates) / Math.sqrt(estimates.length),
    };
  });

  const a = all[0]!;
  const least = new Float64Array(resamples).fill(Number.POSITIVE_INFINITY);
  const largest = new Float64Array(resamples).fill(Number.NEGATIVE_INFINITY);
  const partial = others.map((other, j) => {
    const b = all[j + 1]!;
    const difference = a.estimate - b.estimate;
    const paths = a.paths.map((x, r) => x - b.paths[r]!);
    const deviations = paths.map((x, r) => x + a.seeds[r]! - b.seeds[r]! - difference);
    const pathStandardError = sampleSd(paths);
    const seedStandardError = Math.hypot(a.seedError, b.seedError);
    const scale = Math.hypot(pathStandardError, seedStandardError);
    // Rows that differ in nothing have no error and no part in the maximum.
    if (scale > 0)
      for (let r = 0; r < resamples; r++) {
        const t = deviations[r]! / scale;
        least[r] = Math.min(least[r]!, t);
        largest[r] = Math.max(largest[r]!, t);
      }
    return { other, difference, deviations, pathStandardError, seedStandardError, scale };
  });
  least.sort();
  largest.sort();
  const tail = (1 - level) / 2;
  const noError = partial.every((row) => row.scale === 0);
  const lowCritical = noError ? 0 : sortedQuantile(least, tail);
  const highCritical = noError ? 0 : sortedQuantile(largest, 1 - tail);

  let pBetter = 0;
  const rows = partial.map((row): PairedRow => {
    const { difference, scale } = row;
    const deviations = row.deviations.sort();
    let above = 0;
    let below = 0;
    let beyond = 0;
    for (let r = 0; r < resamples; r++) {
      if (difference + deviations[r]! >= 0) above++;
      if (difference + deviations[r]! <= 0) below++;
      if (scale > 0 && difference + scale * largest[r]! >= 0) beyond++;
    }
    pBetter = Math.max(pBetter, scale > 0 ? (beyond + 1) / (resamples + 1) : difference < 0 ? 0 : 1);
    return {
      a: focus.id,
      b: row.other.id,
      difference,
      ci95: [difference + sortedQuantile(deviations, tail), difference + sortedQuantile(deviations, 1 - tail)],
      simultaneousCi95: [difference + scale * lowCritical, difference + scale * highCritical],
      probabilityOfImprovement: probabilityOfImprovement(focus.costs, row.other.costs),
      pathStandardError: row.pathStandardError,
      seedStandardError: row.seedStandardError,
      pValue: Math.min(1, (2 * (Math.min(above, below) + 1)) / (resamples + 1)),
    };
  });

  const best = rows.reduce((x, y) => (y.difference > x.difference ? y : x));
  return {
    rows,
    objective: a.estimate,
    objectives: all.slice(1).map((x) => x.estimate),
    toBest: {
      against: best.b,
      difference: best.difference,
      interval: [
        Math.max(...rows.map((row) => row.simultaneousCi95[0])),
        Math.max(...rows.map((row) => row.simultaneousCi95[1])),
      ],
      pBetter,
    },
    episodes: focus.costs[0]!.length,
    effectiveEpisodes: bootstrap.effectiveEpisodes,
    resamples,
  };
}
