/**
 * a b + c. In the relaxed build it may be rounded once instead of twice, as the processor likes best: faster, and the bits then depend on the machine.
 * In the other builds it is always rounded twice.
 */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}
