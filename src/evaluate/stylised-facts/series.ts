/** Sums over `factor` successive steps, an episode at a time; what is left over at an episode's end is dropped. */
export function aggregated(series: readonly Float64Array[], factor: number): Float64Array[] {
  return series.map((x) => {
    const out = new Float64Array(Math.floor(x.length / factor));
    for (let i = 0; i < out.length; i++) for (let j = 0; j < factor; j++) out[i]! += x[i * factor + j]!;
    return out;
  });
}

/** Mean over all steps of all episodes. */
export function pooledMean(series: readonly Float64Array[]): number {
  let sum = 0;
  let n = 0;
  for (const x of series) {
    n += x.length;
    for (let i = 0; i < x.length; i++) sum += x[i]!;
  }
  return n > 0 ? sum / n : 0;
}

/** The series less their common mean: sums of squares and products then lose no digits. */
export function centred(series: readonly Float64Array[]): Float64Array[] {
  const mean = pooledMean(series);
  return series.map((x) => x.map((v) => v - mean));
}
