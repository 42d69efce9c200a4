const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Minimises along the unit interval from a point with a step: walks downhill with growing steps until the point is bracketed, then golden-section
 * search (Kiefer, 1953) until the bracket is narrower than `tolerance`. Stops when `evaluate` gives undefined (budget spent).
 */
export function searchGoldenSection(
  start: { readonly x: number; readonly value: number },
  step: number,
  evaluate: (x: number) => number | undefined,
  tolerance: number,
): void {
  const at = (x: number) => {
    const value = evaluate(x);
    return value === undefined ? undefined : { x, value };
  };
  let mid = start;
  let low = at(Math.max(0, mid.x - step));
  let high = at(Math.min(1, mid.x + step));
  if (low === undefined || high === undefined) return;
  let stride = step;
  while (low.value < mid.value || high.value < mid.value) {
    stride *= 2;
    const down: boolean = low.value <= high.value;
    const edge: { x: number; value: number } = down ? low : high;
    const beyond = at(Math.min(1, Math.max(0, edge.x + (down ? -stride : stride))));
    if (beyond === undefined) return;
    if (down) [low, mid, high] = [beyond, edge, mid];
    else [low, mid, high] = [mid, edge, beyond];
    // At a wall of the box the bracket cannot grow.
    if (beyond.x === edge.x) break;
  }
  let a = low.x;
  let b = high.x;
  let left = at(b - GOLDEN * (b - a));
  let right = at(a + GOLDEN * (b - a));
  while (left !== undefined && right !== undefined && b - a > tolerance) {
    if (left.value <= right.value) {
      b = right.x;
      right = left;
      left = at(b - GOLDEN * (b - a));
    } else {
      a = left.x;
      left = right;
      right = at(a + GOLDEN * (b - a));
    }
  }
}
