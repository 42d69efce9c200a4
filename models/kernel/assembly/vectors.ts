/** Bytes of n floats. */
// @ts-ignore: decorator
@inline
export function floats(n: i32): usize {
  return <usize>n << 2;
}

/** The next multiple of 8. */
// @ts-ignore: decorator
@inline
export function padded(n: i32): i32 {
  return (n + 7) & ~7;
}

/** Four floats, or the `n` < 4 that are left, zeros beyond. */
// @ts-ignore: decorator
@inline
export function some(p: usize, n: i32): v128 {
  if (n >= 4) return v128.load(p);
  let v = v128.load32_zero(p);
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(p, 4));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(p, 8));
  return v;
}

/** Stores four floats, or the first `n` < 4. */
// @ts-ignore: decorator
@inline
export function putSome(p: usize, v: v128, n: i32): void {
  if (n >= 4) {
    v128.store(p, v);
    return;
  }
  v128.store32_lane(p, v, 0);
  if (n > 1) v128.store32_lane(p, v, 1, 4);
  if (n > 2) v128.store32_lane(p, v, 2, 8);
}

/** Puts the first `n` of eight floats at `to`. No other memory is touched: threads share all of it. */
// @ts-ignore: decorator
@inline
export function putWide(to: usize, low: v128, high: v128, n: i32): void {
  if (n >= 8) {
    v128.store(to, low);
    v128.store(to, high, 16);
  } else putFirstOf(to, low, high, n);
}

function putFirstOf(to: usize, low: v128, high: v128, n: i32): void {
  let v = low;
  if (n & 4) {
    v128.store(to, low);
    v = high;
    to += 16;
  }
  if (n & 2) {
    v128.store64_lane(to, v, 0);
    v = v128.shuffle<f32>(v, v, 2, 3, 2, 3);
    to += 8;
  }
  if (n & 1) v128.store32_lane(to, v, 0);
}
