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
