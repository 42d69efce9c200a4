import type { AdditiveStatistic } from "./resampled.ts";

/** Fano factor: variance over mean of the counts. 1 for a Poisson process, 1/(1 - n)² in long windows for a Hawkes process of branching ratio n. */
export function fanoFactor(counts: readonly Float64Array[]): AdditiveStatistic {
  const parts = counts.map((x) => {
    const part = new Float64Array(3);
    for (let i = 0; i < x.length; i++) {
      part[0]! += 1;
      part[1]! += x[i]!;
      part[2]! += x[i]! * x[i]!;
    }
    return part;
  });
  return {
    parts,
    value: ([n, sum, squares]) => {
      if (!(n! > 1) || !(sum! > 0)) return Number.NaN;
      const mean = sum! / n!;
      return (squares! - n! * mean * mean) / (n! - 1) / mean;
    },
  };
}
