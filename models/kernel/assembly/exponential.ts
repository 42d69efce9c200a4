/**
 * exp, log and log1p in float64 by the algorithms of fdlibm (Sun Microsystems, 1993: e_exp.c, e_log.c, s_log1p.c), operation by operation, with their
 * branches as selections: below one unit in the last place, and the very bits of Math.exp, Math.log and Math.log1p in V8, which uses the same.
 */

/** The constants, spread from memory by one instruction each: V8 builds a constant vector with three. Names below are byte offsets. */
const CONSTANTS: usize = memory.data<f64>([
  0.5, 1, 2, -2, -746, -0.5, 1.44269504088896338700, 6.93147180369123816490e-1, 1.90821492927058770002e-10,
  -0.3465735912322998, 4.13813679705723846039e-8, -1.65339022054652515390e-6, 6.61375632143793436117e-5, -2.77777777770155933842e-3,
  1.66666666666666019037e-1, -3.725290298461914e-9, -1021, 9.33263618503218878990e-302, -7.45133219101941108420e2,
  0.4142136573791504, 1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1, 2.222219843214978396e-1,
  2.857142874366239149e-1, 3.999999999940941908e-1, 6.666666666666735130e-1, 0.66666666666666666, 1.9999980926513672,
  1.862645149230957e-9, 0.33333333333333333,
]);
const HALF: usize = 0;
const ONE: usize = 8;
const TWO: usize = 16;
const MINUS_TWO: usize = 24;
const LEAST: usize = 32;
const MINUS_HALF: usize = 40;
const LOG2_E: usize = 48;
const LN2_HIGH: usize = 56;
const LN2_LOW: usize = 64;
/** exp takes nothing off above this. */
const REDUCED: usize = 72;
const P5: usize = 80;
const P4: usize = 88;
const P3: usize = 96;
const P2: usize = 104;
const P1: usize = 112;
/** exp is 1 + x above this. */
const LINEAR: usize = 120;
const SMALL_EXPONENT: usize = 128;
const SMALL_SCALE: usize = 136;
/** exp is 0 below this. */
const ZERO: usize = 144;
/** log1p reduces from here on. */
const LARGE: usize = 152;
const L7: usize = 160;
const L6: usize = 168;
const L5: usize = 176;
const L4: usize = 184;
const L3: usize = 192;
const L2: usize = 200;
const L1: usize = 208;
const TWO_THIRDS: usize = 216;
const NEAR_TWO: usize = 224;
const TINY: usize = 232;
const THIRD: usize = 240;

// @ts-ignore: decorator
@inline
function c(offset: usize): v128 {
  return v128.load64_splat(CONSTANTS + offset);
}

/** The bits of 2^k at the exponents k of two lanes (i64). */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: v128): v128 {
  return i64x2.shl(i64x2.add(k, i64x2.splat(1023)), 52);
}

/** exp of two lanes that are at most 0. A NaN gives NaN. */
// @ts-ignore: decorator
@inline
export function exp2Lanes(x: v128): v128 {
  // Below -746 the result is 0 anyway, and beyond it k would not fit. The operand order lets a NaN pass.
  const y = f64x2.pmax(x, c(LEAST));
  // Arguments are not positive, so rounding is towards -1/2; up to about ln(2) / 2 nothing is taken off.
  let k = f64x2.trunc(f64x2.add(f64x2.mul(c(LOG2_E), y), c(MINUS_HALF)));
  k = v128.and(k, f64x2.le(y, c(REDUCED)));
  const high = f64x2.sub(y, f64x2.mul(k, c(LN2_HIGH)));
  const low = f64x2.mul(k, c(LN2_LOW));
  const r = f64x2.sub(high, low);
  const t = f64x2.mul(r, r);
  let p = f64x2.add(c(P4), f64x2.mul(t, c(P5)));
  p = f64x2.add(c(P3), f64x2.mul(t, p));
  p = f64x2.add(c(P2), f64x2.mul(t, p));
  p = f64x2.add(c(P1), f64x2.mul(t, p));
  const s = f64x2.sub(r, f64x2.mul(t, p));
  const q = f64x2.div(f64x2.mul(r, s), f64x2.sub(c(TWO), s));
  let e = f64x2.sub(c(ONE), f64x2.sub(f64x2.sub(low, q), high));
  e = v128.bitselect(f64x2.add(c(ONE), y), e, f64x2.gt(y, c(LINEAR)));
  // Below 2^-1021 in two steps, which rounds once.
  const small = f64x2.lt(k, c(SMALL_EXPONENT));
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  const first = powerOfTwo(i64x2.add(exponent, v128.and(small, i64x2.splat(1000))));
  const second = v128.bitselect(c(SMALL_SCALE), c(ONE), small);
  return v128.andnot(f64x2.mul(f64x2.mul(e, first), second), f64x2.lt(x, c(ZERO)));
}

/** log(1 + x) of two lanes in [0, 1]. */
// @ts-ignore: decorator
@inline
export function log1p2Lanes(x: v128): v128 {
  // From sqrt(2) - 1 on, half of 1 + x is reduced instead, with the error of that sum as a correction.
  const large = f64x2.ge(x, c(LARGE));
  const u = f64x2.add(c(ONE), x);
  // 1 + x = 2, for an x just below 1 too, takes the other form of the correction.
  const two = f64x2.eq(u, c(TWO));
  const error = v128.bitselect(f64x2.sub(c(ONE), f64x2.sub(u, x)), f64x2.sub(x, f64x2.sub(u, c(ONE))), two);
  const f = v128.bitselect(f64x2.sub(f64x2.mul(u, c(HALF)), c(ONE)), x, large);
  const lowPart = v128.and(large, f64x2.add(c(LN2_LOW), f64x2.div(error, u)));
  const half = f64x2.mul(f64x2.mul(c(HALF), f), f);
  const s = f64x2.div(f, f64x2.add(c(TWO), f));
  const z = f64x2.mul(s, s);
  let r = f64x2.add(c(L6), f64x2.mul(z, c(L7)));
  r = f64x2.add(c(L5), f64x2.mul(z, r));
  r = f64x2.add(c(L4), f64x2.mul(z, r));
  r = f64x2.add(c(L3), f64x2.mul(z, r));
  r = f64x2.add(c(L2), f64x2.mul(z, r));
  r = f64x2.add(c(L1), f64x2.mul(z, r));
  r = f64x2.mul(z, r);
  const general = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, r)), lowPart));
  // Close to 2 the series of two terms.
  const short = f64x2.sub(f64x2.mul(half, f64x2.sub(c(ONE), f64x2.mul(c(TWO_THIRDS), f))), lowPart);
  const near = f64x2.ge(u, c(NEAR_TWO));
  const tail = f64x2.sub(v128.bitselect(short, general, near), f);
  const result = f64x2.sub(v128.and(large, c(LN2_HIGH)), tail);
  // Below 2^-29: x - x^2 / 2.
  return v128.bitselect(f64x2.sub(x, f64x2.mul(f64x2.mul(x, x), c(HALF))), result, f64x2.lt(x, c(TINY)));
}

/** log of two lanes of at least 1 that are normal numbers. */
// @ts-ignore: decorator
@inline
export function log2Lanes(x: v128): v128 {
  const high = v128.and(i64x2.shr_u(x, 32), i64x2.splat(0xfffff));
  // The mantissa from sqrt(1/2) to sqrt(2), and the exponent that goes with it.
  const up = v128.and(i64x2.add(high, i64x2.splat(0x95f64)), i64x2.splat(0x100000));
  const top = v128.xor(i64x2.shl(up, 32), i64x2.splat(0x3ff0000000000000));
  const f = f64x2.sub(v128.or(v128.and(x, i64x2.splat(0xfffffffffffff)), top), c(ONE));
  const exponent = i64x2.add(i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023)), i64x2.shr_u(up, 20));
  const k = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponent, exponent, 0, 2, 0, 2));
  const kHigh = f64x2.mul(k, c(LN2_HIGH));
  const kLow = f64x2.mul(k, c(LN2_LOW));
  const s = f64x2.div(f, f64x2.add(c(TWO), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let odd = f64x2.add(c(L4), f64x2.mul(w, c(L6)));
  odd = f64x2.mul(w, f64x2.add(c(L2), f64x2.mul(w, odd)));
  let even = f64x2.add(c(L5), f64x2.mul(w, c(L7)));
  even = f64x2.add(c(L3), f64x2.mul(w, even));
  even = f64x2.mul(z, f64x2.add(c(L1), f64x2.mul(w, even)));
  const r = f64x2.add(even, odd);
  const half = f64x2.mul(f64x2.mul(c(HALF), f), f);
  // k = 0 needs no case of its own: 0 - (a - f) is f - a to the bit.
  const wide = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, r)), kLow));
  const narrow = f64x2.sub(f64x2.mul(s, f64x2.sub(f, r)), kLow);
  // Mantissas near sqrt(2) take the longer form.
  const inside = v128.and(i64x2.ge_s(high, i64x2.splat(0x6147a)), i64x2.le_s(high, i64x2.splat(0x6b851)));
  const form = v128.bitselect(wide, narrow, inside);
  // |f| < 2^-20.
  const close = i64x2.lt_s(v128.and(i64x2.add(high, i64x2.splat(2)), i64x2.splat(0xfffff)), i64x2.splat(3));
  const short = f64x2.sub(f64x2.mul(f64x2.mul(f, f), f64x2.sub(c(HALF), f64x2.mul(c(THIRD), f))), kLow);
  return f64x2.sub(kHigh, f64x2.sub(v128.bitselect(short, form, close), f));
}

/** exp (0), log1p (1) and log (2) of n numbers (f64) in place, for tests: exp wants them at most 0, log1p in [0, 1], log from 1. */
export function elementary(p: usize, n: i32, which: i32): void {
  for (const end = p + (<usize>n << 3); p < end; p += 8) {
    const x = v128.load64_splat(p);
    const y = which == 0 ? exp2Lanes(x) : which == 1 ? log1p2Lanes(x) : log2Lanes(x);
    store<f64>(p, f64x2.extract_lane(y, 1));
  }
}
