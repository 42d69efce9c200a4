// exp and log as fdlibm computes them (Sun Microsystems 1993, e_exp.c and e_log.c), which is what V8's Math.exp and Math.log are: the same bits.

const LN2_HI: f64 = 6.93147180369123816490e-1;
const LN2_LO: f64 = 1.90821492927058770002e-10;
const INV_LN2: f64 = 1.44269504088896338700;
const P1: f64 = 1.66666666666666019037e-1;
const P2: f64 = -2.77777777770155933842e-3;
const P3: f64 = 6.61375632143793436117e-5;
const P4: f64 = -1.65339022054652515390e-6;
const P5: f64 = 4.13813679705723846039e-8;
/** Smallest number above half a ln 2 whose high word fdlibm takes to be above it. */
const HALF_LN2: f64 = reinterpret<f64>(0x3fd62e4300000000);
/** fdlibm takes high words below this for less than 1.5 ln 2. */
const THREE_HALF_LN2: f64 = reinterpret<f64>(0x3ff0a2b200000000);
const TINY: f64 = reinterpret<f64>(0x3e30000000000000);
const TWO_M1000: f64 = 9.33263618503218878990e-302;

const LG1: f64 = 6.666666666666735130e-1;
const LG2: f64 = 3.999999999940941908e-1;
const LG3: f64 = 2.857142874366239149e-1;
const LG4: f64 = 2.222219843214978396e-1;
const LG5: f64 = 1.818357216161805012e-1;
const LG6: f64 = 1.531383769920937332e-1;
const LG7: f64 = 1.479819860511658591e-1;

/** Where the nearest whole number of ln 2 is not the one that fdlibm takes: it compares high words. */
const EDGE: f64 = 0.3465735905;
const EDGE_WIDTH: f64 = 2e-9;

/** What is calculated with is loaded: a number that is written out V8 makes anew wherever it is used, in two or three instructions. */
const enum N {
  TINY,
  LARGEST,
  EDGE,
  EDGE_WIDTH,
  HALF,
  INV_LN2,
  LN2_HI,
  LN2_LO,
  P1,
  P2,
  P3,
  P4,
  P5,
  ONE,
  TWO,
  BIASED,
  SHIFTED,
  LG1,
  LG2,
  LG3,
  LG4,
  LG5,
  LG6,
  LG7,
}
const NUMBERS = memory.data<f64>(
  [
    // TINY, which the compiler does not take for a constant, and LARGEST.
    3.725290298461914e-9, 700, EDGE, EDGE_WIDTH, 0.5, INV_LN2, LN2_HI, LN2_LO, P1, P2, P3, P4, P5, 1, 2,
    4503599627370496 + 1023, 6755399441055744, LG1, LG2, LG3, LG4, LG5, LG6, LG7,
  ],
  16,
);

// @ts-ignore: decorator
@inline
function single(n: N): f64 {
  return load<f64>(NUMBERS + (<usize>n << 3));
}

// @ts-ignore: decorator
@inline
function number(n: N): v128 {
  return v128.load64_splat(NUMBERS + (<usize>n << 3));
}

// @ts-ignore: decorator
@inline
export function powerOfTwo(k: i32): f64 {
  return reinterpret<f64>(<u64>(k + 1023) << 52);
}

/** e^v. */
// @ts-ignore: decorator
@inline
export function expOf(v: f64): f64 {
  const a = Math.abs(v);
  if (!(a >= TINY && a <= 700) || Math.abs(a - EDGE) < EDGE_WIDTH) return rareExpOf(v);
  const t = trunc(single(N.INV_LN2) * v + copysign<f64>(0.5, v));
  // 2^k: k + 1023 as the low bits of 2^52 + k + 1023, moved to the exponent.
  const power = reinterpret<f64>(reinterpret<u64>(t + (4503599627370496 + 1023)) << 52);
  return reduced(v, t) * power;
}

/** e^v over 2^t, t a whole number. */
// @ts-ignore: decorator
@inline
function reduced(v: f64, t: f64): f64 {
  const hi = v - t * single(N.LN2_HI);
  const lo = t * single(N.LN2_LO);
  const r = hi - lo;
  const z = r * r;
  const c = r - z * (single(N.P1) + z * (single(N.P2) + z * (single(N.P3) + z * (single(N.P4) + z * single(N.P5)))));
  return 1 - (lo - (r * c) / (2 - c) - hi);
}

function rareExpOf(v: f64): f64 {
  const a = Math.abs(v);
  if (!(a >= TINY)) return 1 + v;
  if (v > 709.782712893383973096) return Infinity;
  if (v < -745.13321910194110842) return 0;
  let k: i32 = 0;
  if (a >= HALF_LN2) k = a < THREE_HALF_LN2 ? (v < 0 ? -1 : 1) : <i32>(INV_LN2 * v + (v < 0 ? -0.5 : 0.5));
  const y = reduced(v, <f64>k);
  if (k == 1024) return y * 2 * 8.98846567431158e307;
  return k >= -1021 ? y * powerOfTwo(k) : y * powerOfTwo(k + 1000) * TWO_M1000;
}

/** Both lanes of {@link expOf}. */
// @ts-ignore: decorator
@inline
export function expOfPair(v: v128): v128 {
  const a = f64x2.abs(v);
  const usual = v128.and(f64x2.ge(a, number(N.TINY)), f64x2.le(a, number(N.LARGEST)));
  const edge = f64x2.lt(f64x2.abs(f64x2.sub(a, number(N.EDGE))), number(N.EDGE_WIDTH));
  // Not by returns: the optimiser computes what they return before it asks whether to.
  let w: v128;
  if (i64x2.all_true(v128.andnot(usual, edge))) {
    const half = v128.or(v128.and(v, f64x2.splat(-0.0)), number(N.HALF));
    const k = f64x2.trunc(f64x2.add(f64x2.mul(number(N.INV_LN2), v), half));
    const hi = f64x2.sub(v, f64x2.mul(k, number(N.LN2_HI)));
    const lo = f64x2.mul(k, number(N.LN2_LO));
    const r = f64x2.sub(hi, lo);
    const z = f64x2.mul(r, r);
    let p = f64x2.add(number(N.P4), f64x2.mul(z, number(N.P5)));
    p = f64x2.add(number(N.P3), f64x2.mul(z, p));
    p = f64x2.add(number(N.P2), f64x2.mul(z, p));
    p = f64x2.add(number(N.P1), f64x2.mul(z, p));
    const c = f64x2.sub(r, f64x2.mul(z, p));
    const q = f64x2.div(f64x2.mul(r, c), f64x2.sub(number(N.TWO), c));
    const y = f64x2.sub(number(N.ONE), f64x2.sub(f64x2.sub(lo, q), hi));
    // 2^k: k + 1023 as the low bits of 2^52 + k + 1023, moved to the exponent.
    const biased = f64x2.add(k, number(N.BIASED));
    w = f64x2.mul(y, i64x2.shl(biased, 52));
  } else w = rareExpOfPair(v);
  return w;
}

function rareExpOfPair(v: v128): v128 {
  return f64x2.replace_lane(f64x2.splat(rareExpOf(f64x2.extract_lane(v, 0))), 1, rareExpOf(f64x2.extract_lane(v, 1)));
}

/** log(x) of a positive normal number. Where k = 0 fdlibm leaves out terms that are 0 there. */
// @ts-ignore: decorator
@inline
export function logOf(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let hx = <i32>(bits >> 32);
  let k = (hx >> 20) - 1023;
  hx &= 0x000fffff;
  const i = (hx + 0x95f64) & 0x100000;
  const m = reinterpret<f64>((<u64>(<u32>(hx | (i ^ 0x3ff00000))) << 32) | (bits & 0xffffffff));
  k += i >> 20;
  const dk = <f64>k;
  const f = m - 1;
  if ((0x000fffff & (2 + hx)) < 3) return rareLog(f, dk);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (LG2 + w * (LG4 + w * LG6));
  const t2 = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
  const R = t2 + t1;
  if (((hx - 0x6147a) | (0x6b851 - hx)) > 0) {
    const half = 0.5 * f * f;
    return dk * LN2_HI - (half - (s * (half + R) + dk * LN2_LO) - f);
  }
  return dk * LN2_HI - (s * (f - R) - dk * LN2_LO - f);
}

/** Next to a power of two. */
function rareLog(f: f64, dk: f64): f64 {
  if (f == 0) return dk == 0 ? 0 : dk * LN2_HI + dk * LN2_LO;
  const R = f * f * (0.5 - 0.33333333333333333 * f);
  return dk == 0 ? f - R : dk * LN2_HI - (R - dk * LN2_LO - f);
}

/** Both lanes of {@link logOf}. */
// @ts-ignore: decorator
@inline
export function logOfPair(x: v128): v128 {
  const fraction = v128.and(x, i64x2.splat(0x000fffffffffffff));
  const high = i64x2.shr_u(fraction, 32);
  // 0, 1 or the two largest: next to a power of two.
  const near = i64x2.lt_s(v128.and(i64x2.add(high, i64x2.splat(2)), i64x2.splat(0xfffff)), i64x2.splat(3));
  let y: v128;
  if (v128.any_true(near)) y = rareLogOfPair(x);
  else {
    const i = v128.and(i64x2.add(fraction, i64x2.splat(0x95f6400000000)), i64x2.splat(0x10000000000000));
    const m = v128.or(fraction, v128.xor(i, i64x2.splat(0x3ff0000000000000)));
    const k = i64x2.sub(i64x2.add(i64x2.shr_u(x, 52), i64x2.shr_u(i, 52)), i64x2.splat(1023));
    // 1.5 * 2^52 + k, less what was added.
    const dk = f64x2.sub(i64x2.add(k, i64x2.splat(0x4338000000000000)), number(N.SHIFTED));
    const f = f64x2.sub(m, number(N.ONE));
    const s = f64x2.div(f, f64x2.add(number(N.TWO), f));
    const z = f64x2.mul(s, s);
    const w = f64x2.mul(z, z);
    let t1 = f64x2.add(number(N.LG4), f64x2.mul(w, number(N.LG6)));
    t1 = f64x2.mul(w, f64x2.add(number(N.LG2), f64x2.mul(w, t1)));
    let t2 = f64x2.add(number(N.LG5), f64x2.mul(w, number(N.LG7)));
    t2 = f64x2.add(number(N.LG3), f64x2.mul(w, t2));
    t2 = f64x2.mul(z, f64x2.add(number(N.LG1), f64x2.mul(w, t2)));
    const R = f64x2.add(t2, t1);
    const half = f64x2.mul(f64x2.mul(number(N.HALF), f), f);
    const low = f64x2.mul(dk, number(N.LN2_LO));
    const middle = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, R)), low));
    const outer = f64x2.sub(f64x2.mul(s, f64x2.sub(f, R)), low);
    const inside = v128.and(i64x2.gt_s(high, i64x2.splat(0x61479)), i64x2.lt_s(high, i64x2.splat(0x6b852)));
    const part = v128.bitselect(middle, outer, inside);
    y = f64x2.sub(f64x2.mul(dk, number(N.LN2_HI)), f64x2.sub(part, f));
  }
  return y;
}

function rareLogOfPair(x: v128): v128 {
  return f64x2.replace_lane(f64x2.splat(logOf(f64x2.extract_lane(x, 0))), 1, logOf(f64x2.extract_lane(x, 1)));
}
