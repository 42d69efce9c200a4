import { activation4 as activate } from "./activate";
import { multiplyAdd } from "./multiply-add";

/** Stores the first `n` < 8 of eight floats. No memory but `to` is touched: threads share all of it. */
function storeFirst(to: usize, low: v128, high: v128, n: i32): void {
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

/** Adds the first `n` < 8 of eight floats to what is at `to`. */
function addFirst(to: usize, low: v128, high: v128, n: i32): void {
  let v = low;
  if (n & 4) {
    v128.store(to, f32x4.add(v128.load(to), low));
    v = high;
    to += 16;
  }
  if (n & 2) {
    v128.store64_lane(to, f32x4.add(v128.load64_zero(to), v), 0);
    v = v128.shuffle<f32>(v, v, 2, 3, 2, 3);
    to += 8;
  }
  if (n & 1) store<f32>(to, load<f32>(to) + f32x4.extract_lane(v, 0));
}

/** Puts eight columns at `c`, or their first `columns`. */
// @ts-ignore: decorator
@inline
function put(c: usize, low: v128, high: v128, columns: i32): void {
  if (columns >= 8) {
    v128.store(c, low);
    v128.store(c, high, 16);
  } else storeFirst(c, low, high, columns);
}

/** Adds eight columns to what is at `c`, or their first `columns`. */
// @ts-ignore: decorator
@inline
function addTo(c: usize, low: v128, high: v128, columns: i32): void {
  if (columns >= 8) {
    v128.store(c, f32x4.add(v128.load(c), low));
    v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
  } else addFirst(c, low, high, columns);
}

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
      put(to, activate(l0, activation), activate(h0, activation), columns);
      to += rowC;
      put(to, activate(l1, activation), activate(h1, activation), columns);
      to += rowC;
      put(to, activate(l2, activation), activate(h2, activation), columns);
      to += rowC;
      put(to, activate(l3, activation), activate(h3, activation), columns);
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
      put(c + <usize>i * rowC + column, activate(low, activation), activate(high, activation), n - j);
    }
  }
}

/**
 * C += A^T B: A [rows*m] row-major, B [rows*paddedN] with zeros beyond n, C [m*n] row-major. The tiles are those of `product`. Call it with
 * few enough rows that A and B stay in the first-level cache.
 */
export function addTransposedProduct(
  a: usize, b: usize, c: usize, rows: i32, m: i32, n: i32, paddedN: i32,
): void {
  const rowA = <usize>m << 2;
  const rowB = <usize>paddedN << 2;
  const rowC = <usize>n << 2;
  const bytesB = <usize>rows * rowB;
  let i = 0;
  for (; i + 4 <= m; i += 4)
    for (let j = 0; j < n; j += 8) {
      const column = <usize>j << 2;
      let l0 = f32x4.splat(0), l1 = l0, l2 = l0, l3 = l0;
      let h0 = l0, h1 = l0, h2 = l0, h3 = l0;
      let p = a + (<usize>i << 2);
      let q = b + column;
      for (const end = q + bytesB; q < end; ) {
        const low = v128.load(q);
        const high = v128.load(q, 16);
        let s = v128.load32_splat(p);
        l0 = multiplyAdd(s, low, l0);
        h0 = multiplyAdd(s, high, h0);
        s = v128.load32_splat(p, 4);
        l1 = multiplyAdd(s, low, l1);
        h1 = multiplyAdd(s, high, h1);
        s = v128.load32_splat(p, 8);
        l2 = multiplyAdd(s, low, l2);
        h2 = multiplyAdd(s, high, h2);
        s = v128.load32_splat(p, 12);
        l3 = multiplyAdd(s, low, l3);
        h3 = multiplyAdd(s, high, h3);
        p += rowA;
        q += rowB;
      }
      const columns = n - j;
      let to = c + <usize>i * rowC + column;
      addTo(to, l0, h0, columns);
      to += rowC;
      addTo(to, l1, h1, columns);
      to += rowC;
      addTo(to, l2, h2, columns);
      to += rowC;
      addTo(to, l3, h3, columns);
    }
  for (; i < m; i++)
    for (let j = 0; j < n; j += 8) {
      const column = <usize>j << 2;
      let low = f32x4.splat(0);
      let high = f32x4.splat(0);
      let p = a + (<usize>i << 2);
      let q = b + column;
      for (const end = q + bytesB; q < end; ) {
        const s = v128.load32_splat(p);
        low = multiplyAdd(s, v128.load(q), low);
        high = multiplyAdd(s, v128.load(q, 16), high);
        p += rowA;
        q += rowB;
      }
      addTo(c + <usize>i * rowC + column, low, high, n - j);
    }
}
