import type { Valued } from "./quadratic-model.ts";

/**
 * Downhill simplex (Nelder and Mead, 1965) with the dimension-dependent coefficients of Gao and Han (2012), inside the unit cube.
 * @param simplex d + 1 points with their values @param evaluate undefined where the budget is spent
 */
export function refineNelderMead(
  simplex: readonly Valued[],
  evaluate: (u: Float64Array) => number | undefined,
  tolerance: number,
): void {
  const d = simplex.length - 1;
  const expansion = 1 + 2 / d;
  const contraction = 0.75 - 1 / (2 * d);
  const shrinkage = 1 - 1 / Math.max(2, d);
  const points = [...simplex];
  for (;;) {
    points.sort((a, b) => a.value - b.value);
    const best = points[0]!;
    const worst = points[d]!;
    const size = Math.max(...points.map((point) => Math.max(...point.u.map((x, i) => Math.abs(x - best.u[i]!)))));
    if (size < tolerance) return;
    const centre = new Float64Array(d);
    for (const point of points.slice(0, d)) for (let i = 0; i < d; i++) centre[i]! += point.u[i]! / d;
    const at = (t: number): Valued | undefined => {
      const u = centre.map((c, i) => Math.min(1, Math.max(0, c + t * (c - worst.u[i]!))));
      const value = evaluate(u);
      return value === undefined ? undefined : { u, value };
    };
    const reflected = at(1);
    if (reflected === undefined) return;
    if (reflected.value < best.value) {
      const expanded = at(expansion);
      if (expanded === undefined) return;
      points[d] = expanded.value < reflected.value ? expanded : reflected;
      continue;
    }
    if (reflected.value < points[d - 1]!.value) {
      points[d] = reflected;
      continue;
    }
    const contracted = at(reflected.value < worst.value ? contraction : -contraction);
    if (contracted === undefined) return;
    if (contracted.value < Math.min(reflected.value, worst.value)) {
      points[d] = contracted;
      continue;
    }
    for (let k = 1; k <= d; k++) {
      const u = points[k]!.u.map((x, i) => best.u[i]! + shrinkage * (x - best.u[i]!));
      const value = evaluate(u);
      if (value === undefined) return;
      points[k] = { u, value };
    }
  }
}
