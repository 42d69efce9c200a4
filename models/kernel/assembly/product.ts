import { activation4 as activate } from "./activate";
import { multiplyAdd } from "./multiply-add";
import { putWide } from "./vectors";

/**
 * C = activation(A B + bias): A [m*k] row-major, B [k*paddedN] with zeros beyond n, bias [paddedN] or 0 for none, C [m*n] row-major.
 * Tiles of 4 rows by 8 columns: eight accumulators, each loaded number of A spread over four lanes. Every element is summed in the
 * order of k, starting at its bias, whatever tile it falls into: a row has the same bits in any batch.
 */
export function product(
  a: usize, b: usize, bias: usize, c: usize,
  m: i32, n: i32, paddedN: i32, k: i32, strideA: i32, activation: i32,
): void {
  const rowA = <usize>strideA << 2;
  const rowB = <usize>paddedN << 2;
  const rowC = <usize>n << 2;
  const bytesK = <usize>k << 2;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    const a0 = a + <usize>i * rowA;
    const c0 = c + <usize>i * rowC;
    for (let j = 0; j < n; j += 8) {
      const column = <usize>j << 2;
      let l0 = bias ? v128.load(bias + column) : f32x4.splat(0);
      let h0 = bias ? v128.load(bias + column, 16) : f32x4.splat(0);
      let l1 = l0, l2 = l0, l3 = l0;
      let h1 = h0, h2 = h0, h3 = h0;
      let q = b + column;
      let p0 = a0;
      let p1 = a0 + rowA;
      let p2 = p1 + rowA;
      let p3 = p2 + rowA;
      for (const end = a0 + bytesK; p0 < end; ) {
        const low = v128.load(q);
        const high = v128.load(q, 16);
        let s = v128.load32_splat(p0);
        l0 = multiplyAdd(s, low, l0);
        h0 = multiplyAdd(s, high, h0);
        s = v128.load32_splat(p1);
        l1 = multiplyAdd(s, low, l1);
        h1 = multiplyAdd(s, high, h1);
        s = v128.load32_splat(p2);
        l2 = multiplyAdd(s, low, l2);
        h2 = multiplyAdd(s, high, h2);
        s = v128.load32_splat(p3);
        l3 = multiplyAdd(s, low, l3);
        h3 = multiplyAdd(s, high, h3);
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
        q += rowB;
      }
      const columns = n - j;
      let to = c0 + column;
      putWide(to, activate(l0, activation), activate(h0, activation), columns);
      to += rowC;
      putWide(to, activate(l1, activation), activate(h1, activation), columns);
      to += rowC;
      putWide(to, activate(l2, activation), activate(h2, activation), columns);
      to += rowC;
      putWide(to, activate(l3, activation), activate(h3, activation), columns);
    }
  }
  for (; i < m; i++) {
    const a0 = a + <usize>i * rowA;
    for (let j = 0; j < n; j += 8) {
      const column = <usize>j << 2;
      let low = bias ? v128.load(bias + column) : f32x4.splat(0);
      let high = bias ? v128.load(bias + column, 16) : f32x4.splat(0);
      let q = b + column;
      for (let p = a0; p < a0 + bytesK; p += 4) {
        const s = v128.load32_splat(p);
        low = multiplyAdd(s, v128.load(q), low);
        high = multiplyAdd(s, v128.load(q, 16), high);
        q += rowB;
      }
      putWide(c + <usize>i * rowC + column, activate(low, activation), activate(high, activation), n - j);
    }
  }
}
