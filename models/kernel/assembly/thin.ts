import { multiplyAdd } from "./multiply-add";
import { floats, padded, putSome, some } from "./vectors";

/**
 * Layers of at most four outputs, such as the value of a critic: tiles of eight columns would compute zeros. Weights are transposed first (panels.ts): W^T
 * [n*padded(inputs)], zeros beyond the inputs.
 */
export const THIN: i32 = 4;

/** The sum of a[i] b[i] over `length`: by four vectors, whose lanes are added at the end. b has zeros up to whole vectors. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, length: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let left = length;
  for (; left >= 16; left -= 16) {
    s0 = multiplyAdd(v128.load(a), v128.load(b), s0);
    s1 = multiplyAdd(v128.load(a, 16), v128.load(b, 16), s1);
    s2 = multiplyAdd(v128.load(a, 32), v128.load(b, 32), s2);
    s3 = multiplyAdd(v128.load(a, 48), v128.load(b, 48), s3);
    a += 64;
    b += 64;
  }
  for (; left > 0; left -= 4) {
    s0 = multiplyAdd(some(a, left), v128.load(b), s0);
    a += 16;
    b += 16;
  }
  s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  s0 = f32x4.add(s0, v128.shuffle<f32>(s0, s0, 2, 3, 0, 1));
  return f32x4.extract_lane(s0, 0) + f32x4.extract_lane(s0, 1);
}

/** y [rows*n] = x [rows*inputs] W + bias. A row has the same bits in any batch. */
export function thinForward(x: usize, transposed: usize, bias: usize, y: usize, rows: i32, inputs: i32, n: i32): void {
  const stride = floats(padded(inputs));
  for (const end = x + floats(rows * inputs); x < end; x += floats(inputs)) {
    let w = transposed;
    for (let j = 0; j < n; j++) {
      store<f32>(y, dot(x, w, inputs) + load<f32>(bias + floats(j)));
      w += stride;
      y += 4;
    }
  }
}

/** Adds the lanes of v to the first `left` of four floats, `apart` bytes apart. */
// @ts-ignore: decorator
@inline
function scatter(to: usize, apart: usize, v: v128, left: i32): void {
  if (left > 0) store<f32>(to, load<f32>(to) + f32x4.extract_lane(v, 0));
  if (left > 1) store<f32>(to + apart, load<f32>(to + apart) + f32x4.extract_lane(v, 1));
  if (left > 2) store<f32>(to + 2 * apart, load<f32>(to + 2 * apart) + f32x4.extract_lane(v, 2));
  if (left > 3) store<f32>(to + 3 * apart, load<f32>(to + 3 * apart) + f32x4.extract_lane(v, 3));
}

/** dW [inputs*n] += x^T dz: x [rows*inputs], dz [rows*n]. */
export function addThinWeights(x: usize, dz: usize, dw: usize, rows: i32, inputs: i32, n: i32): void {
  const rowX = floats(inputs);
  const rowZ = floats(n);
  for (let j = 0; j < n; j++) {
    const z = dz + floats(j);
    const end = z + <usize>rows * rowZ;
    let i = 0;
    for (; i + 32 <= inputs; i += 32) {
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
      let p = x + floats(i);
      for (let q = z; q < end; q += rowZ) {
        const d = v128.load32_splat(q);
        s0 = multiplyAdd(d, v128.load(p), s0);
        s1 = multiplyAdd(d, v128.load(p, 16), s1);
        s2 = multiplyAdd(d, v128.load(p, 32), s2);
        s3 = multiplyAdd(d, v128.load(p, 48), s3);
        s4 = multiplyAdd(d, v128.load(p, 64), s4);
        s5 = multiplyAdd(d, v128.load(p, 80), s5);
        s6 = multiplyAdd(d, v128.load(p, 96), s6);
        s7 = multiplyAdd(d, v128.load(p, 112), s7);
        p += rowX;
      }
      const to = dw + floats(i * n + j);
      scatter(to, rowZ, s0, 4);
      scatter(to + 4 * rowZ, rowZ, s1, 4);
      scatter(to + 8 * rowZ, rowZ, s2, 4);
      scatter(to + 12 * rowZ, rowZ, s3, 4);
      scatter(to + 16 * rowZ, rowZ, s4, 4);
      scatter(to + 20 * rowZ, rowZ, s5, 4);
      scatter(to + 24 * rowZ, rowZ, s6, 4);
      scatter(to + 28 * rowZ, rowZ, s7, 4);
    }
    for (; i < inputs; i += 4) {
      let sum = f32x4.splat(0);
      let p = x + floats(i);
      for (let q = z; q < end; q += rowZ) {
        sum = multiplyAdd(v128.load32_splat(q), some(p, inputs - i), sum);
        p += rowX;
      }
      scatter(dw + floats(i * n + j), rowZ, sum, inputs - i);
    }
  }
}

/** dx [rows*inputs] = dz W^T: dz [rows*n]. */
export function thinBackward(dz: usize, transposed: usize, dx: usize, rows: i32, inputs: i32, n: i32): void {
  const stride = floats(padded(inputs));
  for (const end = dz + floats(rows * n); dz < end; dz += floats(n)) {
    const d0 = v128.load32_splat(dz);
    let w = transposed;
    let left = inputs;
    for (; left >= 16; left -= 16) {
      let s0 = f32x4.mul(d0, v128.load(w));
      let s1 = f32x4.mul(d0, v128.load(w, 16));
      let s2 = f32x4.mul(d0, v128.load(w, 32));
      let s3 = f32x4.mul(d0, v128.load(w, 48));
      let v = w;
      for (let j = 1; j < n; j++) {
        const d = v128.load32_splat(dz + floats(j));
        v += stride;
        s0 = multiplyAdd(d, v128.load(v), s0);
        s1 = multiplyAdd(d, v128.load(v, 16), s1);
        s2 = multiplyAdd(d, v128.load(v, 32), s2);
        s3 = multiplyAdd(d, v128.load(v, 48), s3);
      }
      v128.store(dx, s0);
      v128.store(dx, s1, 16);
      v128.store(dx, s2, 32);
      v128.store(dx, s3, 48);
      w += 64;
      dx += 64;
    }
    for (; left > 0; left -= 4) {
      let sum = f32x4.mul(d0, v128.load(w));
      for (let j = 1; j < n; j++)
        sum = multiplyAdd(v128.load32_splat(dz + floats(j)), v128.load(w + <usize>j * stride), sum);
      putSome(dx, sum, left);
      w += 16;
      dx += floats(min(4, left));
    }
  }
}
