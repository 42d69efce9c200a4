/**
 * Statistics of columns and their standardisation, in float64. Lanes are columns, and rows are summed in their order: the bits are those of the plain
 * TypeScript in models/normalizer/running.ts. Rows are n columns (f64); four vectors go together, so that a sum need not wait for the one before.
 */

/** A vector of columns i and i + 1, or of the last column twice. */
// @ts-ignore: decorator
@inline
function columns(p: usize, last: bool): v128 {
  return last ? v128.load64_splat(p) : v128.load(p);
}

// @ts-ignore: decorator
@inline
function putColumns(p: usize, v: v128, last: bool): void {
  if (last) store<f64>(p, f64x2.extract_lane(v, 0));
  else v128.store(p, v);
}

/** out [n] = the sums of the columns of x [rows*n]. */
export function columnSums(x: usize, rows: i32, n: i32, out: usize): void {
  const row = <usize>n << 3;
  const bytes = <usize>rows * row;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let p = x + (<usize>i << 3);
    for (const end = p + bytes; p < end; p += row) {
      s0 = f64x2.add(s0, v128.load(p));
      s1 = f64x2.add(s1, v128.load(p, 16));
      s2 = f64x2.add(s2, v128.load(p, 32));
      s3 = f64x2.add(s3, v128.load(p, 48));
    }
    const to = out + (<usize>i << 3);
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
  }
  for (; i < n; i += 2) {
    const last = i + 1 == n;
    let sum = f64x2.splat(0);
    let p = x + (<usize>i << 3);
    for (const end = p + bytes; p < end; p += row) sum = f64x2.add(sum, columns(p, last));
    putColumns(out + (<usize>i << 3), sum, last);
  }
}

// @ts-ignore: decorator
@inline
function addSquare(sum: v128, x: v128, mean: v128): v128 {
  const d = f64x2.sub(x, mean);
  return f64x2.add(sum, f64x2.mul(d, d));
}

/** out [n] = the sums of squared deviations of the columns of x [rows*n] from mean [n]. */
export function columnSquares(x: usize, rows: i32, n: i32, mean: usize, out: usize): void {
  const row = <usize>n << 3;
  const bytes = <usize>rows * row;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const centre = mean + (<usize>i << 3);
    const m0 = v128.load(centre);
    const m1 = v128.load(centre, 16);
    const m2 = v128.load(centre, 32);
    const m3 = v128.load(centre, 48);
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let p = x + (<usize>i << 3);
    for (const end = p + bytes; p < end; p += row) {
      s0 = addSquare(s0, v128.load(p), m0);
      s1 = addSquare(s1, v128.load(p, 16), m1);
      s2 = addSquare(s2, v128.load(p, 32), m2);
      s3 = addSquare(s3, v128.load(p, 48), m3);
    }
    const to = out + (<usize>i << 3);
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
  }
  for (; i < n; i += 2) {
    const last = i + 1 == n;
    const m = columns(mean + (<usize>i << 3), last);
    let sum = f64x2.splat(0);
    let p = x + (<usize>i << 3);
    for (const end = p + bytes; p < end; p += row) sum = addSquare(sum, columns(p, last), m);
    putColumns(out + (<usize>i << 3), sum, last);
  }
}

// @ts-ignore: decorator
@inline
function standardised(x: v128, mean: v128, scale: v128, clip: v128): v128 {
  const z = f64x2.mul(f64x2.sub(x, mean), scale);
  // A NaN stays one.
  return f32x4.demote_f64x2_zero(f64x2.min(clip, f64x2.max(f64x2.neg(clip), z)));
}

/** out (f32) = clamp((x - mean) * scale, -clip, clip) for x [rows*n], mean and scale [n]. */
export function standardise(x: usize, rows: i32, n: i32, mean: usize, scale: usize, clip: f64, out: usize): void {
  const bound = f64x2.splat(clip);
  for (let b = 0; b < rows; b++) {
    let m = mean;
    let s = scale;
    let i = 0;
    for (; i + 4 <= n; i += 4) {
      const low = standardised(v128.load(x), v128.load(m), v128.load(s), bound);
      const high = standardised(v128.load(x, 16), v128.load(m, 16), v128.load(s, 16), bound);
      v128.store(out, v128.shuffle<i64>(low, high, 0, 2));
      x += 32;
      m += 32;
      s += 32;
      out += 16;
    }
    for (; i < n; i++) {
      const z = standardised(v128.load64_splat(x), v128.load64_splat(m), v128.load64_splat(s), bound);
      store<f32>(out, f32x4.extract_lane(z, 0));
      x += 8;
      m += 8;
      s += 8;
      out += 4;
    }
  }
}
