import { Random } from "../../core/random.ts";
import { percentileInterval } from "../statistics/quantile.ts";

/** An estimate that is a function of sums over episodes: resampling episodes then costs additions only. */
export interface AdditiveStatistic {
  /** What each episode adds: one array of equal length an episode. */
  readonly parts: readonly Float64Array[];
  /** The estimate from the sums; NaN where they do not determine it. */
  value(sums: Float64Array): number;
}

export interface BootstrapOptions {
  readonly seed: number | string;
  readonly resamples: number;
}

export interface Estimated {
  readonly value: number | null;
  readonly ci95: readonly [number, number] | null;
}

export function sumsOf(parts: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(parts[0]?.length ?? 0);
  for (const part of parts) for (let i = 0; i < sums.length; i++) sums[i]! += part[i]!;
  return sums;
}

/**
 * The estimate on all episodes, and its percentile interval over resampled episodes (Efron, 1979). null where it is not finite; the
 * interval is null with fewer than two episodes or where more than a tenth of the resamples do not determine the estimate.
 */
export function estimated(statistic: AdditiveStatistic, { seed, resamples }: BootstrapOptions): Estimated {
  const { parts } = statistic;
  const value = parts.length === 0 ? Number.NaN : statistic.value(sumsOf(parts));
  if (!Number.isFinite(value)) return { value: null, ci95: null };
  if (parts.length < 2) return { value, ci95: null };
  const random = new Random(seed, "evaluate/stylised-facts");
  const sums = new Float64Array(parts[0]!.length);
  const replicates: number[] = [];
  for (let b = 0; b < resamples; b++) {
    sums.fill(0);
    for (let n = 0; n < parts.length; n++) {
      const part = parts[random.integer(parts.length)]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += part[i]!;
    }
    const replicate = statistic.value(sums);
    if (Number.isFinite(replicate)) replicates.push(replicate);
  }
  if (replicates.length < 0.9 * resamples) return { value, ci95: null };
  return { value, ci95: percentileInterval(Float64Array.from(replicates)) };
}
