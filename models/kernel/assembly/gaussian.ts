import { exp2Lanes, log1p2Lanes } from "./exponential";
import { pairOf, pairOfSingles } from "./pairs";

/**
 * Gaussian and squashed Gaussian policies over a batch, in float64, two rows or two components at a time. The order of all operations is that of the
 * plain TypeScript in models/distributions. Where rows are odd the last one fills both lanes.
 */
const HALF_LOG_TWO_PI: f64 = 0.9189385332046727;

/** log(1 - tanh(u)^2) = 2 (log 2 - |u| - log(1 + exp(-2|u|))). */
// @ts-ignore: decorator
@inline
function logSlope(u: v128): v128 {
  const a = f64x2.abs(u);
  const e = exp2Lanes(f64x2.mul(f64x2.splat(-2), a));
  return f64x2.mul(f64x2.splat(2), f64x2.sub(f64x2.sub(f64x2.splat(0.6931471805599453), a), log1p2Lanes(e)));
}

/**
 * Writes log p [rows] (f64) of actions (f64) under y (f32), both [rows*n]. logStd (f32) and precision = exp(-logStd) (f64) are [n].
 * `squashed`: actions are before their tanh, log p that of what comes out of it.
 */
export function gaussianLogProbability(
  y: usize, action: usize, rows: i32, n: i32, logStd: usize, precision: usize, squashed: bool, out: usize,
): void {
  for (let b = 0; b < rows; b += 2) {
    const next = min(b + 1, rows - 1);
    const y0 = y + (<usize>(b * n) << 2);
    const y1 = y + (<usize>(next * n) << 2);
    const a0 = action + (<usize>(b * n) << 3);
    const a1 = action + (<usize>(next * n) << 3);
    let sum = f64x2.splat(0);
    for (let i = 0; i < n; i++) {
      const single = <usize>i << 2;
      const double = <usize>i << 3;
      const u = pairOf(a0 + double, a1 + double);
      const z = f64x2.mul(f64x2.sub(u, pairOfSingles(y0 + single, y1 + single)), v128.load64_splat(precision + double));
      let term = f64x2.mul(f64x2.mul(f64x2.splat(0.5), z), z);
      term = f64x2.add(term, f64x2.splat(<f64>load<f32>(logStd + single)));
      term = f64x2.add(term, f64x2.splat(HALF_LOG_TWO_PI));
      if (squashed) term = f64x2.add(term, logSlope(u));
      sum = f64x2.sub(sum, term);
    }
    store<f64>(out + (<usize>next << 3), f64x2.extract_lane(sum, 1));
    store<f64>(out + (<usize>b << 3), f64x2.extract_lane(sum, 0));
  }
}

/**
 * Writes dL/dy (f32) for dL/dlogp and dL/dentropy [rows] (f64), and the sums over rows of the derivatives by logStd to `dLogStd` [n] (f64):
 * dlogp/dy = z / sigma, dlogp/ds = z^2 - 1, dH/ds = 1.
 */
export function gaussianBackward(
  y: usize, action: usize, rows: i32, n: i32, precision: usize, dLogProbability: usize, dEntropy: usize, dy: usize, dLogStd: usize,
): void {
  // Two components at a time; the last one of an odd number fills both lanes.
  const singles = <usize>n << 2;
  const doubles = <usize>n << 3;
  for (let i = 0; i < n; i += 2) {
    const second = <usize>min(i + 1, n - 1);
    const first = <usize>i;
    const p = pairOf(precision + (first << 3), precision + (second << 3));
    let sum = f64x2.splat(0);
    let y0 = y + (first << 2);
    let y1 = y + (second << 2);
    let a0 = action + (first << 3);
    let a1 = action + (second << 3);
    let d0 = dy + (first << 2);
    let d1 = dy + (second << 2);
    let dl = dLogProbability;
    let de = dEntropy;
    for (const end = dl + (<usize>rows << 3); dl < end; dl += 8) {
      const weight = v128.load64_splat(dl);
      const z = f64x2.mul(f64x2.sub(pairOf(a0, a1), pairOfSingles(y0, y1)), p);
      const d = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.mul(weight, z), p));
      store<f32>(d1, f32x4.extract_lane(d, 1));
      store<f32>(d0, f32x4.extract_lane(d, 0));
      const slope = f64x2.mul(weight, f64x2.sub(f64x2.mul(z, z), f64x2.splat(1)));
      sum = f64x2.add(sum, f64x2.add(slope, v128.load64_splat(de)));
      de += 8;
      y0 += singles;
      y1 += singles;
      d0 += singles;
      d1 += singles;
      a0 += doubles;
      a1 += doubles;
    }
    store<f64>(dLogStd + (second << 3), f64x2.extract_lane(sum, 1));
    store<f64>(dLogStd + (first << 3), f64x2.extract_lane(sum, 0));
  }
}

/**
 * Writes the entropy [rows] (f64) of a squashed Gaussian: the Gaussian's and the quadrature of log(1 - tanh^2) over `count` nodes with their
 * weights (f64). std = exp(logStd) [n] (f64).
 */
export function squashedEntropy(
  y: usize, rows: i32, n: i32, logStd: usize, std: usize, nodes: usize, weights: usize, count: i32, out: usize,
): void {
  for (let b = 0; b < rows; b += 2) {
    const next = min(b + 1, rows - 1);
    let sum = f64x2.splat(0);
    for (let i = 0; i < n; i++) {
      const mean = pairOfSingles(y + (<usize>(b * n + i) << 2), y + (<usize>(next * n + i) << 2));
      const deviation = v128.load64_splat(std + (<usize>i << 3));
      const s = f64x2.splat(<f64>load<f32>(logStd + (<usize>i << 2)));
      sum = f64x2.add(sum, f64x2.add(f64x2.add(s, f64x2.splat(0.5)), f64x2.splat(HALF_LOG_TWO_PI)));
      const end = <usize>count << 3;
      for (let k: usize = 0; k < end; k += 8) {
        const u = f64x2.add(mean, f64x2.mul(deviation, v128.load64_splat(nodes + k)));
        sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(weights + k), logSlope(u)));
      }
    }
    store<f64>(out + (<usize>next << 3), f64x2.extract_lane(sum, 1));
    store<f64>(out + (<usize>b << 3), f64x2.extract_lane(sum, 0));
  }
}

// @ts-ignore: decorator
@inline
function addEntropySlope(dy: usize, dEntropy: f64, dMean: f64): void {
  store<f32>(dy, <f32>(<f64>load<f32>(dy) + dEntropy * dMean));
}

/** Adds the derivatives of the squashed entropy's quadrature to dL/dy (f32) and writes the sums over rows by logStd to `dLogStd` [n] (f64). */
export function squashedEntropyBackward(
  y: usize, rows: i32, n: i32, std: usize, nodes: usize, weights: usize, count: i32, dEntropy: usize, dy: usize, dLogStd: usize,
): void {
  const one = f64x2.splat(1);
  const sign = f64x2.splat(-0.0);
  const end = <usize>count << 3;
  for (let i = 0; i < n; i++) {
    const deviation = v128.load64_splat(std + (<usize>i << 3));
    let sum: f64 = 0;
    for (let b = 0; b < rows; b += 2) {
      const next = min(b + 1, rows - 1);
      const d0 = load<f64>(dEntropy + (<usize>b << 3));
      const d1 = load<f64>(dEntropy + (<usize>next << 3));
      if (d0 == 0 && d1 == 0) continue;
      const at0 = <usize>(b * n + i) << 2;
      const at1 = <usize>(next * n + i) << 2;
      const mean = pairOfSingles(y + at0, y + at1);
      let dMean = f64x2.splat(0);
      let dLog = f64x2.splat(0);
      for (let k: usize = 0; k < end; k += 8) {
        const node = v128.load64_splat(nodes + k);
        const u = f64x2.add(mean, f64x2.mul(deviation, node));
        const e = exp2Lanes(f64x2.mul(f64x2.splat(-2), f64x2.abs(u)));
        const magnitude = f64x2.div(f64x2.sub(one, e), f64x2.add(one, e));
        const tanh = v128.or(magnitude, v128.and(u, sign));
        const slope = f64x2.mul(f64x2.mul(f64x2.splat(-2), v128.load64_splat(weights + k)), tanh);
        dMean = f64x2.add(dMean, slope);
        dLog = f64x2.add(dLog, f64x2.mul(f64x2.mul(slope, deviation), node));
      }
      if (d0 != 0) {
        addEntropySlope(dy + at0, d0, f64x2.extract_lane(dMean, 0));
        sum += d0 * f64x2.extract_lane(dLog, 0);
      }
      if (d1 != 0 && next != b) {
        addEntropySlope(dy + at1, d1, f64x2.extract_lane(dMean, 1));
        sum += d1 * f64x2.extract_lane(dLog, 1);
      }
    }
    store<f64>(dLogStd + (<usize>i << 3), sum);
  }
}
