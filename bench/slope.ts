/**
 * Least-squares slope of y over x with a 95% interval whose errors may be correlated: Newey and West (1987) with Bartlett weights over
 * the nearest n^(1/3) neighbours, and the normal quantile. Memory comes in steps, so neighbouring samples are alike.
 */
export function slopeWithInterval(
  x: readonly number[],
  y: readonly number[],
): { slope: number; low: number; high: number } {
  const n = x.length;
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  const dx = x.map((v) => v - mx);
  const sxx = dx.reduce((a, d) => a + d * d, 0);
  const slope = dx.reduce((a, d, i) => a + d * (y[i]! - my), 0) / sxx;
  const scores = dx.map((d, i) => d * (y[i]! - my - slope * d));
  const lags = Math.ceil(Math.cbrt(n));
  let variance = 0;
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += scores[i]! * scores[i - lag]!;
    variance += (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * sum;
  }
  const half = 1.959964 * (Math.sqrt(Math.max(0, variance)) / sxx);
  return { slope, low: slope - half, high: slope + half };
}
