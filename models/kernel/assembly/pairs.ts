/** Float64 lanes put together from two places. */

// @ts-ignore: decorator
@inline
export function pair(a: f64, b: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(a), 1, b);
}

/** Two float32 numbers as float64 lanes. */
// @ts-ignore: decorator
@inline
export function pairOfSingles(p: usize, q: usize): v128 {
  return pair(<f64>load<f32>(p), <f64>load<f32>(q));
}

/** Two float64 numbers. */
// @ts-ignore: decorator
@inline
export function pairOf(p: usize, q: usize): v128 {
  return pair(load<f64>(p), load<f64>(q));
}
