/** Lags about evenly spaced in their logarithm, 1 to 100. */
export const LOG_LAGS: readonly number[] = [1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 57, 80, 100];

/** Fewer positive points than this do not make a line. */
const FEWEST = 5;

/**
 * The exponent b of y ~ x^-b by weighted least squares on logarithms, over the points with y above `floor`; NaN with fewer than five of them.
 * Leaving points out flattens the line of a fast decay: read it beside the autocorrelations themselves.
 */
export function powerLawExponent(
  x: readonly number[],
  y: readonly number[],
  { floor = 0, weights }: { readonly floor?: number; readonly weights?: readonly number[] } = {},
): number {
  let n = 0;
  const s = { w: 0, x: 0, y: 0, xx: 0, xy: 0 };
  for (const [i, value] of y.entries()) {
    if (!(value > floor)) continue;
    n++;
    const w = weights?.[i] ?? 1;
    const lx = Math.log(x[i]!);
    const ly = Math.log(value);
    s.w += w;
    s.x += w * lx;
    s.y += w * ly;
    s.xx += w * lx * lx;
    s.xy += w * lx * ly;
  }
  if (n < FEWEST) return Number.NaN;
  return -(s.w * s.xy - s.x * s.y) / (s.w * s.xx - s.x * s.x);
}
