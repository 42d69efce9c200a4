import { floats, putSome, some } from "./vectors";

/**
 * Layer normalisation of rows of n: y = gain * c / sqrt(mean(c^2) + epsilon) + bias with c = x - mean(x). Sums of a row go through four lanes, then
 * the lanes in their order, so that a row has the same bits in any batch.
 */

// @ts-ignore: decorator
@inline
function total(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Writes y, and for the way back c / deviation to `standard` [rows*n] and 1 / deviation to `inverse` [rows]. */
export function layerNormForward(
  x: usize, rows: i32, n: i32, gain: usize, bias: usize, epsilon: f32, y: usize, standard: usize, inverse: usize,
): void {
  const row = floats(n);
  for (let b = 0; b < rows; b++) {
    let sum = f32x4.splat(0);
    for (let i = 0; i < n; i += 4) sum = f32x4.add(sum, some(x + floats(i), n - i));
    const mean = f32x4.splat(total(sum) / <f32>n);
    let squares = f32x4.splat(0);
    for (let i = 0; i < n; i += 4) {
      const left = n - i;
      // Stored and loaded again: lanes beyond the row are then zeros.
      putSome(standard + floats(i), f32x4.sub(some(x + floats(i), left), mean), left);
      const c = some(standard + floats(i), left);
      squares = f32x4.add(squares, f32x4.mul(c, c));
    }
    const scale = <f32>1 / sqrt<f32>(total(squares) / <f32>n + epsilon);
    for (let i = 0; i < n; i += 4) {
      const left = n - i;
      const at = floats(i);
      const s = f32x4.mul(some(standard + at, left), f32x4.splat(scale));
      putSome(standard + at, s, left);
      putSome(y + at, f32x4.add(f32x4.mul(s, some(gain + at, left)), some(bias + at, left)), left);
    }
    store<f32>(inverse, scale);
    x += row;
    y += row;
    standard += row;
    inverse += 4;
  }
}

/**
 * Adds the gradients of gain and bias and, unless `dx` is 0, writes dL/dx = (g - mean(g) - s mean(g s)) / deviation with g = gain dL/dy and s the
 * standardised row.
 */
export function layerNormBackward(
  dy: usize, rows: i32, n: i32, gain: usize, standard: usize, inverse: usize, dGain: usize, dBias: usize, dx: usize,
): void {
  const row = floats(n);
  for (let i = 0; i < n; i += 4) {
    const left = n - i;
    const at = floats(i);
    let gains = f32x4.splat(0);
    let biases = f32x4.splat(0);
    let p = dy + at;
    let q = standard + at;
    for (let b = 0; b < rows; b++) {
      const d = some(p, left);
      gains = f32x4.add(gains, f32x4.mul(d, some(q, left)));
      biases = f32x4.add(biases, d);
      p += row;
      q += row;
    }
    putSome(dGain + at, f32x4.add(some(dGain + at, left), gains), left);
    putSome(dBias + at, f32x4.add(some(dBias + at, left), biases), left);
  }
  if (dx == 0) return;
  for (let b = 0; b < rows; b++) {
    let sum = f32x4.splat(0);
    let along = f32x4.splat(0);
    for (let i = 0; i < n; i += 4) {
      const left = n - i;
      const at = floats(i);
      const g = f32x4.mul(some(dy + at, left), some(gain + at, left));
      sum = f32x4.add(sum, g);
      along = f32x4.add(along, f32x4.mul(g, some(standard + at, left)));
    }
    const mean = f32x4.splat(total(sum) / <f32>n);
    const slope = f32x4.splat(total(along) / <f32>n);
    const scale = v128.load32_splat(inverse);
    for (let i = 0; i < n; i += 4) {
      const left = n - i;
      const at = floats(i);
      const g = f32x4.mul(some(dy + at, left), some(gain + at, left));
      const d = f32x4.sub(f32x4.sub(g, mean), f32x4.mul(some(standard + at, left), slope));
      putSome(dx + at, f32x4.mul(d, scale), left);
    }
    dy += row;
    dx += row;
    standard += row;
    inverse += 4;
  }
}
