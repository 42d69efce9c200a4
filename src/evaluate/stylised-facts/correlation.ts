import type { AdditiveStatistic } from "./resampled.ts";
import { centred } from "./series.ts";

const PER_LAG = 6;

/**
 * Mean over `lags` of the correlation of x(t) with y(t + lag), all episodes pooled, each lag with the means and variances of its own pairs.
 * NaN where one of the two does not vary.
 */
export function meanCorrelation(
  x: readonly Float64Array[],
  y: readonly Float64Array[],
  lags: readonly number[],
): AdditiveStatistic {
  const ys = centred(y);
  const parts = centred(x).map((a, n) => {
    const b = ys[n]!;
    const part = new Float64Array(PER_LAG * lags.length);
    for (const [j, lag] of lags.entries())
      for (let i = 0; i + lag < a.length; i++) {
        const at = PER_LAG * j;
        const u = a[i]!;
        const v = b[i + lag]!;
        part[at]! += 1;
        part[at + 1]! += u;
        part[at + 2]! += v;
        part[at + 3]! += u * u;
        part[at + 4]! += v * v;
        part[at + 5]! += u * v;
      }
    return part;
  });
  return {
    parts,
    value: (sums) => {
      let total = 0;
      for (let at = 0; at < sums.length; at += PER_LAG) {
        const n = sums[at]!;
        const [mu, mv] = [sums[at + 1]! / n, sums[at + 2]! / n];
        const spread = (sums[at + 3]! / n - mu * mu) * (sums[at + 4]! / n - mv * mv);
        total += spread > 0 ? (sums[at + 5]! / n - mu * mv) / Math.sqrt(spread) : Number.NaN;
      }
      return total / lags.length;
    },
  };
}
