import type { AdditiveStatistic } from "./resampled.ts";

/**
 * Tail index of |x| beyond its `share` largest values: their number over the sum of log(|x| / threshold) (B. Hill, Annals of Statistics 3 (1975)
 * 1163). Student's t with n degrees of freedom has index n; a normal law has none and reads about 7 at its largest 2%. The threshold is
 * that of the whole sample in every resample. NaN with fewer than 20 values beyond it.
 */
export function hillIndex(series: readonly Float64Array[], share: number): AdditiveStatistic {
  const sizes = Float64Array.from(series.flatMap((x) => Array.from(x, Math.abs))).sort();
  const beyond = Math.floor(share * sizes.length);
  const threshold = sizes[sizes.length - 1 - beyond] ?? 0;
  const parts = series.map((x) => {
    const part = new Float64Array(2);
    for (let i = 0; i < x.length; i++) {
      const size = Math.abs(x[i]!);
      if (size <= threshold) continue;
      part[0]! += 1;
      part[1]! += Math.log(size / threshold);
    }
    return part;
  });
  return { parts, value: (sums) => (sums[0]! >= 20 && threshold > 0 ? sums[0]! / sums[1]! : Number.NaN) };
}
