import { tanh4 } from "./tanh";
import { putSome, some } from "./vectors";

export const LINEAR: i32 = 0;
export const TANH: i32 = 1;
export const RELU: i32 = 2;

// @ts-ignore: decorator
@inline
export function activation4(z: v128, activation: i32): v128 {
  if (activation == TANH) return tanh4(z);
  // pmax(z, 0) returns its first operand, z, when z is NaN.
  if (activation == RELU) return f32x4.pmax(z, f32x4.splat(0));
  return z;
}

/** y = f(y) for `length` floats. Four vectors of tanh at a time: one alone waits for its own division. */
export function activate(y: usize, length: i32, activation: i32): void {
  if (activation == LINEAR) return;
  let left = length;
  if (activation == TANH)
    for (; left >= 16; left -= 16) {
      const a = tanh4(v128.load(y));
      const b = tanh4(v128.load(y, 16));
      const c = tanh4(v128.load(y, 32));
      const d = tanh4(v128.load(y, 48));
      v128.store(y, a);
      v128.store(y, b, 16);
      v128.store(y, c, 32);
      v128.store(y, d, 48);
      y += 64;
    }
  for (; left > 0; left -= 4) {
    putSome(y, activation4(some(y, left), activation), left);
    y += 16;
  }
}

/** The derivative of the activation where it gave y: 1 - y^2, and 1 where y > 0; times d. */
// @ts-ignore: decorator
@inline
function throughActivation(d: v128, y: v128, activation: i32): v128 {
  if (activation == TANH) return f32x4.mul(d, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)));
  return v128.and(d, f32x4.gt(y, f32x4.splat(0)));
}

/** d *= slope, for `length` floats. */
export function multiplyBySlope(d: usize, y: usize, length: i32, activation: i32): void {
  if (activation == LINEAR) return;
  let left = length;
  if (activation == TANH)
    for (; left >= 16; left -= 16) {
      v128.store(d, throughActivation(v128.load(d), v128.load(y), TANH));
      v128.store(d, throughActivation(v128.load(d, 16), v128.load(y, 16), TANH), 16);
      v128.store(d, throughActivation(v128.load(d, 32), v128.load(y, 32), TANH), 32);
      v128.store(d, throughActivation(v128.load(d, 48), v128.load(y, 48), TANH), 48);
      d += 64;
      y += 64;
    }
  for (; left > 0; left -= 4) {
    putSome(d, throughActivation(some(d, left), some(y, left), activation), left);
    d += 16;
    y += 16;
  }
}
