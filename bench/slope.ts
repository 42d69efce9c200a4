/**
 * Least-squares slope of y over x with a 95% interval whose errors may be correlated: Newey and West (1987) with Bartlett weights, over as many neighbours as
 * Andrews (1991, equation 6.2) takes for errors that follow their predecessor as these do, and the normal quantile. Memory wanders for minutes: a
 * fixed number of neighbours made intervals several times too narrow.
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
  const errors = dx.map((d, i) => y[i]! - my - slope * d);
  const scores = dx.map((d, i) => d * errors[i]!);
  const lags = neighbours(errors);
  let variance = 0;
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += scores[i]! * scores[i - lag]!;
    variance += (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * sum;
  }
  const half = 1.959964 * (Math.sqrt(Math.max(0, variance)) / sxx);
  return { slope, low: slope - half, high: slope + half };
}

/** 1.1447 (a n)^(1/3), a = 4 r^2 / ((1 - r)^2 (1 + r)^2), r the correlation of neighbouring errors; at most half of all. */
function neighbours(errors: readonly number[]): number {
  let products = 0;
  let squares = 0;
  for (let i = 1; i < errors.length; i++) {
    products += errors[i]! * errors[i - 1]!;
    squares += errors[i - 1]! ** 2;
  }
  const r = squares > 0 ? Math.min(0.99, Math.max(-0.99, products / squares)) : 0;
  const a = (4 * r * r) / ((1 - r) ** 2 * (1 + r) ** 2);
  return Math.min(errors.length >> 1, Math.ceil(1.1447 * Math.cbrt(a * errors.length)));
}
