import type { Random } from "../../core/random.ts";

/**
 * n points that fill the unit cube evenly: the additive recurrence by powers of the generalised golden ratio (Roberts, 2018), shifted at random
 * (Cranley and Patterson, 1976).
 */
export function lowDiscrepancyPoints(n: number, dimensions: number, random: Random): Float64Array[] {
  let ratio = 2;
  // The root of x^(d+1) = x + 1.
  for (let i = 0; i < 60; i++) ratio = (1 + ratio) ** (1 / (dimensions + 1));
  const shift = Float64Array.from({ length: dimensions }, () => random.uniform());
  return Array.from({ length: n }, (_, i) => shift.map((s, j) => (s + (i + 1) * ratio ** -(j + 1)) % 1));
}
