import type { AdditiveStatistic } from "./resampled.ts";
import { centred } from "./series.ts";

/** Numbers kept a lag: pairs, sums of the earlier and the later member, sum of products. */
const PER_LAG = 4;

/**
 * Autocorrelations at `lags` (in steps) with one mean and one variance for all episodes; pairs never straddle two episodes. The common mean
 * keeps slow memory that an episode's own mean would take away. `of` turns the autocorrelations, in the order of the lags, into
 * the estimate; `noise` is their standard error for independent values, 1 / sqrt(number of values).
 * An autocorrelation without pairs, or of a constant, is NaN.
 */
export function autocorrelation(
  series: readonly Float64Array[],
  lags: readonly number[],
  of: (acf: readonly number[], noise: number) => number,
): AdditiveStatistic {
  const parts = centred(series).map((x) => {
    const part = new Float64Array(3 + PER_LAG * lags.length);
    part[0] = x.length;
    for (let i = 0; i < x.length; i++) {
      part[1]! += x[i]!;
      part[2]! += x[i]! * x[i]!;
    }
    for (const [j, lag] of lags.entries()) {
      const at = 3 + PER_LAG * j;
      for (let i = 0; i + lag < x.length; i++) {
        const a = x[i]!;
        const b = x[i + lag]!;
        part[at]! += 1;
        part[at + 1]! += a;
        part[at + 2]! += b;
        part[at + 3]! += a * b;
      }
    }
    return part;
  });
  return {
    parts,
    value: (sums) => {
      const mean = sums[1]! / sums[0]!;
      const variance = sums[2]! / sums[0]! - mean * mean;
      return of(
        lags.map((_, j) => {
          const at = 3 + PER_LAG * j;
          const n = sums[at]!;
          const covariance = (sums[at + 3]! - mean * (sums[at + 1]! + sums[at + 2]!)) / n + mean * mean;
          return n > 0 && variance > 0 ? covariance / variance : Number.NaN;
        }),
        1 / Math.sqrt(sums[0]!),
      );
    },
  };
}
