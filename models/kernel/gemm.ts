/**
 * A matrix with explicit strides: element (i, j) is `data[offset + i * rowStride + j * columnStride]`.
 * A transpose is the same data with the strides exchanged.
 */
export interface StridedMatrix {
  readonly data: Float32Array;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** The whole of a row-major matrix with `columns` columns that starts at `offset`. */
export function rowMajor(data: Float32Array, columns: number, offset = 0): StridedMatrix {
  return { data, offset, rowStride: columns, columnStride: 1 };
}

/** The transpose of the same memory. */
export function transposed(m: StridedMatrix): StridedMatrix {
  return { data: m.data, offset: m.offset, rowStride: m.columnStride, columnStride: m.rowStride };
}

/**
 * C += A B in plain TypeScript. A is [m*k], B [k*n], C [m*n]. Sums are formed in float64 and rounded once,
 * in a 2x4 tile of accumulators so that each loaded number is used more than once.
 */
export function addProduct(a: StridedMatrix, b: StridedMatrix, c: StridedMatrix, m: number, n: number, k: number) {
  const { data: ad, columnStride: ak } = a;
  const { data: bd, rowStride: bk, columnStride: bj } = b;
  const { data: cd, columnStride: cj } = c;
  const fullRows = m - (m % 2);
  const fullColumns = n - (n % 4);
  for (let i = 0; i < fullRows; i += 2) {
    const a0 = a.offset + i * a.rowStride;
    const a1 = a0 + a.rowStride;
    const c0 = c.offset + i * c.rowStride;
    const c1 = c0 + c.rowStride;
    for (let j = 0; j < fullColumns; j += 4) {
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let bp = b.offset + j * bj;
      for (let p = 0, ap = 0; p < k; p++, ap += ak, bp += bk) {
        const x0 = ad[a0 + ap]!;
        const x1 = ad[a1 + ap]!;
        const w0 = bd[bp]!;
        const w1 = bd[bp + bj]!;
        const w2 = bd[bp + 2 * bj]!;
        const w3 = bd[bp + 3 * bj]!;
        s00 += x0 * w0;
        s01 += x0 * w1;
        s02 += x0 * w2;
        s03 += x0 * w3;
        s10 += x1 * w0;
        s11 += x1 * w1;
        s12 += x1 * w2;
        s13 += x1 * w3;
      }
      const q = j * cj;
      cd[c0 + q]! += s00;
      cd[c0 + q + cj]! += s01;
      cd[c0 + q + 2 * cj]! += s02;
      cd[c0 + q + 3 * cj]! += s03;
      cd[c1 + q]! += s10;
      cd[c1 + q + cj]! += s11;
      cd[c1 + q + 2 * cj]! += s12;
      cd[c1 + q + 3 * cj]! += s13;
    }
  }
  // What the tiles do not cover: the last columns of all rows, and the last row.
  for (let i = 0; i < m; i++)
    for (let j = i < fullRows ? fullColumns : 0; j < n; j++) {
      let s = 0;
      for (let p = 0; p < k; p++) s += ad[a.offset + i * a.rowStride + p * ak]! * bd[b.offset + p * bk + j * bj]!;
      cd[c.offset + i * c.rowStride + j * cj]! += s;
    }
}
