import { multiplyAdd } from "./multiply-add";

/**
 * tanh of four lanes, as 2t / (1 + t^2) of t = tanh(x/2) = x P(x^2) / Q(x^2), which costs no second division: 2pq / (p^2 + q^2). P and Q are of
 * degrees 2 and 3, fitted to t on [-4.15, 4.15] by least squares of tanh's relative error, reweighted towards its peaks (Lawson's method): 6e-9 before
 * float32 rounding, 3.6e-7 after, over all numbers from 5e-10 to 32. All coefficients are positive, so nothing cancels; the largest value is 1 - 6e-8.
 * Beyond 8.3 it stays at its value there. A NaN stays a NaN: pmin and pmax return their first operand when they cannot compare.
 */
// @ts-ignore: decorator
@inline
export function tanh4(input: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(input, f32x4.splat(8.3)), f32x4.splat(-8.3));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(5.7503544667270035e-5);
  p = multiplyAdd(p, z, f32x4.splat(0.014903935603797436));
  p = multiplyAdd(p, z, f32x4.splat(0.5));
  p = f32x4.mul(x, p);
  let q = f32x4.splat(1.2453218687369372e-6);
  q = multiplyAdd(q, z, f32x4.splat(0.0012101390166208148));
  q = multiplyAdd(q, z, f32x4.splat(0.11314116418361664));
  q = multiplyAdd(q, z, f32x4.splat(1));
  return f32x4.div(f32x4.mul(f32x4.add(p, p), q), f32x4.add(f32x4.mul(p, p), f32x4.mul(q, q)));
}
