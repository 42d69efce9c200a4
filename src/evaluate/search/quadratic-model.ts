import { cholesky, solveCholesky } from "./matrix.ts";

/** A point of the search and its value. */
export interface Valued {
  readonly u: Float64Array;
  readonly value: number;
}

/**
 * Where a quadratic fitted to the best points so far has its minimum, within `radius` of the origin, or undefined where there are too few
 * points. The full quadratic where the points allow it, else one without cross terms (as in lq-CMA-ES, Hansen 2019).
 * Points are given in coordinates in which the search expects about unit scale.
 */
export function quadraticMinimum(points: readonly Valued[], d: number, radius: number): Float64Array | undefined {
  const finite = points.filter((point) => Number.isFinite(point.value)).sort((a, b) => a.value - b.value);
  const full = 1 + d + (d * (d + 1)) / 2;
  const diagonal = 1 + 2 * d;
  const cross = finite.length >= Math.ceil(1.1 * full) + 1;
  const p = cross ? full : diagonal;
  if (finite.length < Math.ceil(1.1 * p) + 1) return undefined;
  const used = finite.slice(0, Math.ceil(1.6 * p) + 2);
  const low = used[0]!.value;
  const range = used.at(-1)!.value - low;
  if (!(range > 0)) return undefined;

  const terms = (z: Float64Array): Float64Array => {
    const out = new Float64Array(p);
    out[0] = 1;
    out.set(z, 1);
    let at = 1 + d;
    for (let i = 0; i < d; i++)
      for (let j = cross ? 0 : i; j <= i; j++) out[at++] = i === j ? 0.5 * z[i]! * z[i]! : z[i]! * z[j]!;
    return out;
  };
  const normal = new Float64Array(p * p);
  const right = new Float64Array(p);
  for (const [rank, { u, value }] of used.entries()) {
    // Better points weigh more: the model has to be right near the minimum.
    const weight = 1 - (0.95 * rank) / used.length;
    const row = terms(u);
    for (let i = 0; i < p; i++) {
      right[i]! += (weight * row[i]! * (value - low)) / range;
      for (let j = 0; j < p; j++) normal[i * p + j]! += weight * row[i]! * row[j]!;
    }
  }
  for (let i = 0; i < p; i++) normal[i * p + i]! += 1e-10 * (normal[i * p + i]! + 1e-6);
  const factor = cholesky(normal, p);
  if (factor === undefined) return undefined;
  const coefficients = solveCholesky(factor, right);

  const gradient = coefficients.slice(1, 1 + d).map((g) => -g);
  const hessian = new Float64Array(d * d);
  let at = 1 + d;
  for (let i = 0; i < d; i++)
    for (let j = cross ? 0 : i; j <= i; j++) hessian[i * d + j] = hessian[j * d + i] = coefficients[at++]!;
  let size = 1e-12;
  for (const h of hessian) size = Math.max(size, Math.abs(h));
  // Raise the damping until the step is a descent to a minimum inside the trusted ball.
  for (let damping = 0; damping < 1e8 * size; damping = damping === 0 ? 1e-6 * size : damping * 3) {
    const damped = hessian.slice();
    for (let i = 0; i < d; i++) damped[i * d + i]! += damping;
    const root = cholesky(damped, d);
    if (root === undefined) continue;
    const step = solveCholesky(root, gradient);
    if (Math.hypot(...step) <= radius) return step;
  }
  return undefined;
}
