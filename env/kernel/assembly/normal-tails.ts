import { expOfPair } from "./elementary";

/** Numbers that one call may hold. */
const MOST: i32 = 256;

/** In: a >= 0. Out: e^(-a²/2), and the probability beyond a. [f64 each] */
const A = memory.data(MOST * 8, 16);
const E = memory.data(MOST * 8, 16);
const P = memory.data(MOST * 8, 16);

export function tailsIn(): usize {
  return A;
}
export function tailsDensity(): usize {
  return E;
}
export function tailsOut(): usize {
  return P;
}

/** src/core/normal.ts, normalTail. */
function tail(a: f64, e: f64): f64 {
  if (a < 7.07106781186547) {
    let n = 3.52624965998911e-2 * a + 0.700383064443688;
    n = n * a + 6.37396220353165;
    n = n * a + 33.912866078383;
    n = n * a + 112.079291497871;
    n = n * a + 221.213596169931;
    n = n * a + 220.206867912376;
    let d = 8.83883476483184e-2 * a + 1.75566716318264;
    d = d * a + 16.064177579207;
    d = d * a + 86.7807322029461;
    d = d * a + 296.564248779674;
    d = d * a + 637.333633378831;
    d = d * a + 793.826512519948;
    d = d * a + 440.413735824752;
    return (e * n) / d;
  }
  if (a > 37) return 0;
  let f = a + 0.65;
  f = a + 4 / f;
  f = a + 3 / f;
  f = a + 2 / f;
  f = a + 1 / f;
  return e / f / 2.506628274631;
}

/** The bound of the body, the coefficients of its numerator, then of its denominator, highest powers first; see elementary.ts for why they are loaded. */
const BODY = memory.data<f64>(
  [
    7.07106781186547, 3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
    221.213596169931, 220.206867912376, 8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461,
    296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752,
  ],
  16,
);

// @ts-ignore: decorator
@inline
function number(i: usize): v128 {
  return v128.load64_splat(BODY + (i << 3));
}

// @ts-ignore: decorator
@inline
function horner(n: v128, a: v128, i: usize): v128 {
  return f64x2.add(f64x2.mul(n, a), number(i));
}

/** The probabilities beyond a, 0 or more, given e = e^(-a²/2). */
// @ts-ignore: decorator
@inline
export function tailsOfPair(a: v128, e: v128): v128 {
  const body = i64x2.bitmask(f64x2.lt(a, number(0)));
  let p: v128;
  if (body == 3) {
    let m = horner(number(1), a, 2);
    m = horner(m, a, 3);
    m = horner(m, a, 4);
    m = horner(m, a, 5);
    m = horner(m, a, 6);
    m = horner(m, a, 7);
    let d = horner(number(8), a, 9);
    d = horner(d, a, 10);
    d = horner(d, a, 11);
    d = horner(d, a, 12);
    d = horner(d, a, 13);
    d = horner(d, a, 14);
    d = horner(d, a, 15);
    p = f64x2.div(f64x2.mul(e, m), d);
  } else if (body == 0) {
    let f = f64x2.add(a, f64x2.splat(0.65));
    f = f64x2.add(a, f64x2.div(f64x2.splat(4), f));
    f = f64x2.add(a, f64x2.div(f64x2.splat(3), f));
    f = f64x2.add(a, f64x2.div(f64x2.splat(2), f));
    f = f64x2.add(a, f64x2.div(f64x2.splat(1), f));
    p = f64x2.div(f64x2.div(e, f), f64x2.splat(2.506628274631));
    p = v128.andnot(p, f64x2.gt(a, f64x2.splat(37)));
  } else {
    p = f64x2.splat(tail(f64x2.extract_lane(a, 0), f64x2.extract_lane(e, 0)));
    p = f64x2.replace_lane(p, 1, tail(f64x2.extract_lane(a, 1), f64x2.extract_lane(e, 1)));
  }
  return p;
}

/** Works on the first n numbers, two at a time. What lies past them is garbage in, garbage out. */
export function normalTails(n: i32): void {
  for (let i: i32 = 0; i < n; i += 2) {
    const at = <usize>i << 3;
    const a = v128.load(A + at);
    const e = expOfPair(f64x2.mul(f64x2.mul(f64x2.splat(-0.5), a), a));
    v128.store(E + at, e);
    v128.store(P + at, tailsOfPair(a, e));
  }
}
