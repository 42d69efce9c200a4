import { multiplyAdd } from "./multiply-add";
import { floats, padded, putWide, some } from "./vectors";

/**
 * Matrix products of many rows, by tiles of four rows and eight columns whose operands are first copied into panels: what a tile reads then lies
 * in one piece, a step of the sum after the other. A panel of A has four numbers a step, one of B eight; what lies beyond a matrix is zero.
 */

/** Copies four rows of a matrix: step t of the panel is what they have in column t. Rows beyond `rows` are zero. `step` bytes from a step to the next. */
export function packRows(from: usize, rowBytes: usize, rows: i32, steps: i32, to: usize, step: usize): void {
  let t = 0;
  if (rows >= 4)
    for (; t + 4 <= steps; t += 4) {
      const r0 = v128.load(from);
      const r1 = v128.load(from + rowBytes);
      const r2 = v128.load(from + 2 * rowBytes);
      const r3 = v128.load(from + 3 * rowBytes);
      const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
      v128.store(to + step, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
      v128.store(to + 2 * step, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
      v128.store(to + 3 * step, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
      from += 16;
      to += step << 2;
    }
  for (; t < steps; t++) {
    store<f32>(to, rows > 0 ? load<f32>(from) : 0);
    store<f32>(to, rows > 1 ? load<f32>(from + rowBytes) : 0, 4);
    store<f32>(to, rows > 2 ? load<f32>(from + 2 * rowBytes) : 0, 8);
    store<f32>(to, rows > 3 ? load<f32>(from + 3 * rowBytes) : 0, 12);
    from += 4;
    to += step;
  }
}

/** to [columns*paddedRows] = the transpose of from [rows*columns], zeros beyond `rows`. */
export function transpose(from: usize, to: usize, rows: i32, columns: i32, paddedRows: i32): void {
  const row = floats(columns);
  for (let i = 0; i < paddedRows; i += 4)
    packRows(from + <usize>i * row, row, rows - i, columns, to + floats(i), floats(paddedRows));
}

/** Copies four columns of a matrix: step t of the panel is what they have in row t. Columns beyond `columns` are zero. */
export function packColumns(from: usize, rowBytes: usize, columns: i32, steps: i32, to: usize): void {
  const end = to + (<usize>steps << 4);
  if (columns >= 4) {
    for (; to + 48 < end; to += 64) {
      const next = from + rowBytes;
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(next), 16);
      from = next + rowBytes;
      const last = from + rowBytes;
      v128.store(to, v128.load(from), 32);
      v128.store(to, v128.load(last), 48);
      from = last + rowBytes;
    }
  }
  for (; to < end; to += 16) {
    v128.store(to, some(from, columns));
    from += rowBytes;
  }
}

/** Copies eight columns of a matrix likewise. */
export function packWide(from: usize, rowBytes: usize, columns: i32, steps: i32, to: usize): void {
  const end = to + (<usize>steps << 5);
  if (columns >= 8) {
    for (; to + 32 < end; to += 64) {
      const next = from + rowBytes;
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(next), 32);
      v128.store(to, v128.load(next, 16), 48);
      from = next + rowBytes;
    }
  }
  for (; to < end; to += 32) {
    v128.store(to, some(from, columns));
    v128.store(to, columns > 4 ? some(from + 16, columns - 4) : f32x4.splat(0), 16);
    from += rowBytes;
  }
}

/** All panels of B [steps*n], one after another: steps * padded(n) floats. */
export function packMatrix(b: usize, steps: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    packWide(b + floats(j), floats(n), n - j, steps, to);
    to += <usize>steps << 5;
  }
}

/** All panels of the transpose of B [n*steps]: steps * padded(n) floats. */
export function packTransposed(b: usize, steps: i32, n: i32, to: usize): void {
  const row = <usize>steps << 2;
  for (let j = 0; j < n; j += 8) {
    const from = b + <usize>j * row;
    packRows(from, row, n - j, steps, to, 32);
    packRows(from + 4 * row, row, n - j - 4, steps, to + 16, 32);
    to += <usize>steps << 5;
  }
}

/**
 * One tile of C: its first `rows` of four rows, `rowBytes` apart, and its first `columns` of eight columns. Each element is summed in the order of the
 * steps from its bias on, where there is one; then it is stored, or added to what is there.
 *
 * A turn of the loop has several steps, each with an end of its own: V8 (11 to 13) puts all loads of a block of code before its arithmetic, so that blocks
 * of one step keep the operands in registers; and it looks for interrupts once a turn.
 */
// @ts-ignore: decorator
@inline
function tile(a: usize, b: usize, steps: i32, bias: usize, c: usize, rowBytes: usize, rows: i32, columns: i32, add: bool): void {
  let l0 = bias ? v128.load(bias) : f32x4.splat(0);
  let h0 = bias ? v128.load(bias, 16) : f32x4.splat(0);
  let l1 = l0, l2 = l0, l3 = l0;
  let h1 = h0, h2 = h0, h3 = h0;
  let low: v128, high: v128, s: v128;
  const end = a + (<usize>steps << 4);
  while (true) {
    low = v128.load(b);
    high = v128.load(b, 16);
    s = v128.load32_splat(a);
    l0 = multiplyAdd(s, low, l0);
    h0 = multiplyAdd(s, high, h0);
    s = v128.load32_splat(a, 4);
    l1 = multiplyAdd(s, low, l1);
    h1 = multiplyAdd(s, high, h1);
    s = v128.load32_splat(a, 8);
    l2 = multiplyAdd(s, low, l2);
    h2 = multiplyAdd(s, high, h2);
    s = v128.load32_splat(a, 12);
    l3 = multiplyAdd(s, low, l3);
    h3 = multiplyAdd(s, high, h3);
    a += 16;
    b += 32;
    if (a >= end) break;

    low = v128.load(b);
    high = v128.load(b, 16);
    s = v128.load32_splat(a);
    l0 = multiplyAdd(s, low, l0);
    h0 = multiplyAdd(s, high, h0);
    s = v128.load32_splat(a, 4);
    l1 = multiplyAdd(s, low, l1);
    h1 = multiplyAdd(s, high, h1);
    s = v128.load32_splat(a, 8);
    l2 = multiplyAdd(s, low, l2);
    h2 = multiplyAdd(s, high, h2);
    s = v128.load32_splat(a, 12);
    l3 = multiplyAdd(s, low, l3);
    h3 = multiplyAdd(s, high, h3);
    a += 16;
    b += 32;
    if (a >= end) break;

    low = v128.load(b);
    high = v128.load(b, 16);
    s = v128.load32_splat(a);
    l0 = multiplyAdd(s, low, l0);
    h0 = multiplyAdd(s, high, h0);
    s = v128.load32_splat(a, 4);
    l1 = multiplyAdd(s, low, l1);
    h1 = multiplyAdd(s, high, h1);
    s = v128.load32_splat(a, 8);
    l2 = multiplyAdd(s, low, l2);
    h2 = multiplyAdd(s, high, h2);
    s = v128.load32_splat(a, 12);
    l3 = multiplyAdd(s, low, l3);
    h3 = multiplyAdd(s, high, h3);
    a += 16;
    b += 32;
    if (a >= end) break;

    low = v128.load(b);
    high = v128.load(b, 16);
    s = v128.load32_splat(a);
    l0 = multiplyAdd(s, low, l0);
    h0 = multiplyAdd(s, high, h0);
    s = v128.load32_splat(a, 4);
    l1 = multiplyAdd(s, low, l1);
    h1 = multiplyAdd(s, high, h1);
    s = v128.load32_splat(a, 8);
    l2 = multiplyAdd(s, low, l2);
    h2 = multiplyAdd(s, high, h2);
    s = v128.load32_splat(a, 12);
    l3 = multiplyAdd(s, low, l3);
    h3 = multiplyAdd(s, high, h3);
    a += 16;
    b += 32;
    if (a >= end) break;
  }
  putWide(c, l0, h0, columns, add);
  if (rows < 2) return;
  c += rowBytes;
  putWide(c, l1, h1, columns, add);
  if (rows < 3) return;
  c += rowBytes;
  putWide(c, l2, h2, columns, add);
  if (rows < 4) return;
  putWide(c + rowBytes, l3, h3, columns, add);
}

/** Up to four rows of C = A B + bias: A's panel, all panels of B, bias [padded(n)] or 0 for none. */
export function productOfRows(a: usize, b: usize, steps: i32, bias: usize, c: usize, rows: i32, n: i32): void {
  const row = floats(n);
  for (let j = 0; j < n; j += 8) {
    const column = floats(j);
    tile(a, b, steps, bias ? bias + column : 0, c + column, row, rows, n - j, false);
    b += <usize>steps << 5;
  }
}

/**
 * C [m*n] += A^T B: A [rows*m], B [rows*n] in rows of `strideB`. Few enough rows, and A's panels and one of B stay in the first-level cache.
 * Scratch: rows * (padded(m) + 8) floats.
 */
export function addTransposed(
  a: usize, b: usize, c: usize, rows: i32, m: i32, n: i32, strideB: i32, scratch: usize,
): void {
  const rowA = floats(m);
  const rowB = floats(strideB);
  const rowC = floats(n);
  const panelBytes = <usize>rows << 4;
  const panelB = scratch + floats(rows * padded(m));
  let panel = scratch;
  for (let i = 0; i < m; i += 4) {
    packColumns(a + floats(i), rowA, m - i, rows, panel);
    panel += panelBytes;
  }
  for (let j = 0; j < n; j += 8) {
    packWide(b + floats(j), rowB, n - j, rows, panelB);
    panel = scratch;
    for (let i = 0; i < m; i += 4) {
      tile(panel, panelB, rows, 0, c + <usize>i * rowC + floats(j), rowC, m - i, n - j, true);
      panel += panelBytes;
    }
  }
}
