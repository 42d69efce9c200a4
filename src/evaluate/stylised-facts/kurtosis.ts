import type { AdditiveStatistic } from "./resampled.ts";
import { centred } from "./series.ts";

/** Sums of powers 0 to 4 of each episode, centred on the common mean. */
function powers(series: readonly Float64Array[]): Float64Array[] {
  return centred(series).map((x) => {
    const part = new Float64Array(5);
    for (let i = 0; i < x.length; i++) {
      const v = x[i]!;
      part[0]! += 1;
      part[1]! += v;
      part[2]! += v * v;
      part[3]! += v * v * v;
      part[4]! += v * v * v * v;
    }
    return part;
  });
}

/** Fourth central moment over the squared second, less 3, from sums of powers at `at`. */
function excess(sums: Float64Array, at: number): number {
  const n = sums[at]!;
  if (n < 20) return Number.NaN;
  const m = sums[at + 1]! / n;
  const [m2, m3, m4] = [sums[at + 2]! / n, sums[at + 3]! / n, sums[at + 4]! / n];
  const variance = m2 - m * m;
  return (m4 - 4 * m * m3 + 6 * m * m * m2 - 3 * m ** 4) / (variance * variance) - 3;
}

/** Excess kurtosis: 0 for a normal law. NaN with fewer than 20 values. */
export function excessKurtosis(series: readonly Float64Array[]): AdditiveStatistic {
  return { parts: powers(series), value: (sums) => excess(sums, 0) };
}

/**
 * Excess kurtosis of `coarse` over that of `fine`, both by episode: below 1 where aggregated returns are nearer to normal. NaN unless
 * the fine one is above 4 sqrt(24 / n), what a normal law could show by chance.
 */
export function kurtosisRatio(fine: readonly Float64Array[], coarse: readonly Float64Array[]): AdditiveStatistic {
  const below = powers(fine);
  const above = powers(coarse);
  return {
    parts: below.map((part, i) => Float64Array.of(...part, ...above[i]!)),
    value: (sums) => {
      const base = excess(sums, 0);
      return base > 4 * Math.sqrt(24 / sums[0]!) ? excess(sums, 5) / base : Number.NaN;
    },
  };
}
