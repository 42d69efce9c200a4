import { multiplyAdd } from "./multiply-add";
import { floats, padded, putSome, some } from "./vectors";

/**
 * Matrix products of many rows, by tiles of four rows and eight columns. B is first copied into panels: what a tile reads of it then lies in one piece, eight numbers
 * a step of the sum, one step after the other. What lies beyond a matrix is zero. A is read where it lies, but for last rows or columns that are no whole four.
 */

/** Floats in which a tile that hangs over an edge is made. */
export const SPARE: i32 = 32;

/** Copies four rows of a matrix: step t of the panel is what they have in column t. Rows beyond `rows` are zero. `step` bytes from a step to the next. */
function packRows(from: usize, rowBytes: usize, rows: i32, steps: i32, to: usize, step: usize): void {
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
 * Puts eight floats, or adds them to what is there. They go through shuffles that end where they began: V8 (11 to 12) orders arithmetic by what needs it, and two
 * sums that one shuffle needs are computed side by side, two multiplications, then two additions. Where both kinds take turns, Zen 3 sends all of a kind to one
 * half of its units, and a tile takes a tenth longer (2026-11-23).
 */
// @ts-ignore: decorator
@inline
function put(to: usize, low: v128, high: v128, add: bool): void {
  const even = v128.shuffle<i64>(low, high, 0, 2);
  const odd = v128.shuffle<i64>(low, high, 1, 3);
  low = v128.shuffle<i64>(even, odd, 0, 2);
  high = v128.shuffle<i64>(even, odd, 1, 3);
  v128.store(to, add ? f32x4.add(v128.load(to), low) : low);
  v128.store(to, add ? f32x4.add(v128.load(to, 16), high) : high, 16);
}

/** Puts four rows, in the order given. */
// @ts-ignore: decorator
@inline
function putRows(
  p: usize, lp: v128, hp: v128, q: usize, lq: v128, hq: v128, r: usize, lr: v128, hr: v128, t: usize, lt: v128, ht: v128, add: bool,
): void {
  put(p, lp, hp, add);
  put(q, lq, hq, add);
  put(r, lr, hr, add);
  put(t, lt, ht, add);
}

/** Copies the first `columns` of eight columns of `rows` <= 4 rows. No other memory is touched: threads share all of it. */
function copyTile(from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, columns: i32): void {
  const bytes = floats(min(8, columns));
  for (let i = min(4, rows); i > 0; i--) {
    for (let j: usize = 0; j < bytes; j += 4) store<f32>(to + j, load<f32>(from + j));
    from += fromBytes;
    to += toBytes;
  }
}

/**
 * One tile of C: its first `rows` of four rows, `rowBytes` apart, and its first `columns` of eight columns. `across`: A's four numbers of a step lie side by side,
 * `aBytes` from one step's to the next's; otherwise its four rows do, `aBytes` from row to row, and are read where they lie. Each element is
 * summed in the order of the steps from its bias on, where there is one; then it is stored, or added to what is there. A tile that hangs over C's edge is made in
 * `spare`.
 *
 * The shape is for V8, which looks for interrupts once a turn (so that a turn has several steps), puts all loads of a block of code before its arithmetic
 * where nothing holds them (so that each step is a block, or the operands would not fit the registers), and orders a block's instructions from its last backwards. A
 * step's arithmetic is needed by its own end, and ends are looked at in the order in which they stand: with the last step's first, each step's loads
 * come just before their use. The ends put the rows in orders of their own, or the compiler would make one of them.
 */
// @ts-ignore: decorator
@inline
function tile(across: bool, a: usize, aBytes: usize, b: usize, steps: i32, bias: usize, c: usize, rowBytes: usize, rows: i32, columns: i32, add: bool, spare: usize): void {
  const whole = rows >= 4 && columns >= 8;
  const to = whole ? c : spare;
  const apart: usize = whole ? rowBytes : 32;
  if (add && !whole) copyTile(c, rowBytes, spare, 32, rows, columns);
  let l0 = bias ? v128.load(bias) : f32x4.splat(0);
  let h0 = bias ? v128.load(bias, 16) : f32x4.splat(0);
  let l1 = l0, l2 = l0, l3 = l0;
  let h1 = h0, h2 = h0, h3 = h0;
  let low: v128, high: v128, s: v128;
  const step: usize = across ? aBytes : 4;
  const end = a + <usize>steps * step;
  let p0 = a;
  let p1 = p0 + aBytes;
  let p2 = p1 + aBytes;
  let p3 = p2 + aBytes;
  while (true) {
    low = v128.load(b); high = v128.load(b, 16);
    s = across ? v128.load32_splat(a) : v128.load32_splat(p0); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
    s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
    s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
    s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
    a += step;
    if (a < end) {
      low = v128.load(b, 32); high = v128.load(b, 48);
      s = across ? v128.load32_splat(a) : v128.load32_splat(p0, 4); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
      s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1, 4); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
      s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2, 4); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
      s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3, 4); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
      a += step;
      if (a < end) {
        low = v128.load(b, 64); high = v128.load(b, 80);
        s = across ? v128.load32_splat(a) : v128.load32_splat(p0, 8); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
        s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1, 8); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
        s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2, 8); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
        s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3, 8); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
        a += step;
        if (a < end) {
          low = v128.load(b, 96); high = v128.load(b, 112);
          s = across ? v128.load32_splat(a) : v128.load32_splat(p0, 12); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
          s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1, 12); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
          s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2, 12); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
          s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3, 12); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
          a += step;
          if (a < end) {
            low = v128.load(b, 128); high = v128.load(b, 144);
            s = across ? v128.load32_splat(a) : v128.load32_splat(p0, 16); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
            s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1, 16); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
            s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2, 16); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
            s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3, 16); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
            a += step;
            if (a < end) {
              low = v128.load(b, 160); high = v128.load(b, 176);
              s = across ? v128.load32_splat(a) : v128.load32_splat(p0, 20); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
              s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1, 20); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
              s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2, 20); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
              s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3, 20); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
              a += step;
              if (a < end) {
                low = v128.load(b, 192); high = v128.load(b, 208);
                s = across ? v128.load32_splat(a) : v128.load32_splat(p0, 24); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
                s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1, 24); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
                s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2, 24); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
                s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3, 24); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
                a += step;
                if (a < end) {
                  low = v128.load(b, 224); high = v128.load(b, 240);
                  s = across ? v128.load32_splat(a) : v128.load32_splat(p0, 28); l0 = multiplyAdd(s, low, l0); h0 = multiplyAdd(s, high, h0);
                  s = across ? v128.load32_splat(a, 4) : v128.load32_splat(p1, 28); l1 = multiplyAdd(s, low, l1); h1 = multiplyAdd(s, high, h1);
                  s = across ? v128.load32_splat(a, 8) : v128.load32_splat(p2, 28); l2 = multiplyAdd(s, low, l2); h2 = multiplyAdd(s, high, h2);
                  s = across ? v128.load32_splat(a, 12) : v128.load32_splat(p3, 28); l3 = multiplyAdd(s, low, l3); h3 = multiplyAdd(s, high, h3);
                  a += step;
                  b += 256;
                  if (!across) {
                    p0 += 32;
                    p1 += 32;
                    p2 += 32;
                    p3 += 32;
                  }
                  if (a < end) continue;
                  putRows(to, l0, h0, to + apart, l1, h1, to + 2 * apart, l2, h2, to + 3 * apart, l3, h3, add);
                  break;
                }
                putRows(to, l0, h0, to + apart, l1, h1, to + 3 * apart, l3, h3, to + 2 * apart, l2, h2, add);
                break;
              }
              putRows(to, l0, h0, to + 2 * apart, l2, h2, to + 3 * apart, l3, h3, to + apart, l1, h1, add);
              break;
            }
            putRows(to + apart, l1, h1, to + 2 * apart, l2, h2, to + 3 * apart, l3, h3, to, l0, h0, add);
            break;
          }
          putRows(to + apart, l1, h1, to, l0, h0, to + 2 * apart, l2, h2, to + 3 * apart, l3, h3, add);
          break;
        }
        putRows(to + apart, l1, h1, to, l0, h0, to + 3 * apart, l3, h3, to + 2 * apart, l2, h2, add);
        break;
      }
      putRows(to + 2 * apart, l2, h2, to, l0, h0, to + 3 * apart, l3, h3, to + apart, l1, h1, add);
      break;
    }
    putRows(to + 2 * apart, l2, h2, to + apart, l1, h1, to + 3 * apart, l3, h3, to, l0, h0, add);
    break;
  }
  if (!whole) copyTile(spare, 32, c, rowBytes, rows, columns);
}

/**
 * Up to four rows of C = A B + bias: A [rows*steps] where it lies, all panels of B, bias [padded(n)] or 0 for none. Spare: SPARE floats, then four rows of A
 * for a last few, which are completed by zeros: a tile reads four.
 */
export function productOfRows(a: usize, b: usize, steps: i32, bias: usize, c: usize, rows: i32, n: i32, spare: usize): void {
  const rowA = floats(steps);
  if (rows < 4) {
    const strip = spare + floats(SPARE);
    memory.copy(strip, a, <usize>rows * rowA);
    memory.fill(strip + <usize>rows * rowA, 0, <usize>(4 - rows) * rowA);
    a = strip;
  }
  const row = floats(n);
  for (let j = 0; j < n; j += 8) {
    const column = floats(j);
    tile(false, a, rowA, b, steps, bias ? bias + column : 0, c + column, row, rows, n - j, false, spare);
    b += <usize>steps << 5;
  }
}

/** db += the column sums of dz [rows*width], its first `outputs` columns. Four vectors at a time: one alone would wait for its own sums. */
export function addColumnSums(dz: usize, db: usize, rows: i32, outputs: i32, width: i32): void {
  const row = <usize>width << 2;
  const bytes = <usize>rows * row;
  let j = 0;
  for (; j + 16 <= outputs; j += 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let p = dz + (<usize>j << 2);
    for (const end = p + bytes; p < end; p += row) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      s2 = f32x4.add(s2, v128.load(p, 32));
      s3 = f32x4.add(s3, v128.load(p, 48));
    }
    const to = db + (<usize>j << 2);
    v128.store(to, f32x4.add(v128.load(to), s0));
    v128.store(to, f32x4.add(v128.load(to, 16), s1), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), s2), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), s3), 48);
  }
  for (; j < outputs; j += 4) {
    let sum = f32x4.splat(0);
    let p = dz + (<usize>j << 2);
    for (const end = p + bytes; p < end; p += row) sum = f32x4.add(sum, some(p, outputs - j));
    const to = db + (<usize>j << 2);
    putSome(to, f32x4.add(some(to, outputs - j), sum), outputs - j);
  }
}

/** Copies sixteen columns into two panels, one `panel` bytes after the other, and adds their sums at db. */
function packAndSum(from: usize, rowBytes: usize, steps: i32, to: usize, panel: usize, db: usize): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (const end = to + panel; to < end; to += 32) {
    const v0 = v128.load(from);
    const v1 = v128.load(from, 16);
    const v2 = v128.load(from, 32);
    const v3 = v128.load(from, 48);
    s0 = f32x4.add(s0, v0);
    s1 = f32x4.add(s1, v1);
    s2 = f32x4.add(s2, v2);
    s3 = f32x4.add(s3, v3);
    v128.store(to, v0);
    v128.store(to, v1, 16);
    v128.store(to + panel, v2);
    v128.store(to + panel, v3, 16);
    from += rowBytes;
  }
  v128.store(db, f32x4.add(v128.load(db), s0));
  v128.store(db, f32x4.add(v128.load(db, 16), s1), 16);
  v128.store(db, f32x4.add(v128.load(db, 32), s2), 32);
  v128.store(db, f32x4.add(v128.load(db, 48), s3), 48);
}

/** Columns of B that are in panels at a time: of 64 rows they stay in the first-level cache, beside what four columns of A and C need. */
const GROUP: i32 = 64;

/**
 * C [m*n] += A^T B and db [n] += the column sums of B: A [rows*m], B [rows*n] in rows of `strideB`. A need not be copied, but for its last columns where they
 * are fewer than four. Scratch: (GROUP + 4) * rows + SPARE floats.
 */
export function addTransposed(
  a: usize, b: usize, c: usize, db: usize, rows: i32, m: i32, n: i32, strideB: i32, scratch: usize,
): void {
  const rowA = floats(m);
  const rowB = floats(strideB);
  const rowC = floats(n);
  const panel = <usize>rows << 5;
  const last = scratch + floats(rows * GROUP);
  const spare = last + (<usize>rows << 4);
  if (m & 3) packColumns(a + floats(m & ~3), rowA, m & 3, rows, last);
  for (let start = 0; start < n; start += GROUP) {
    const end = min(n, start + GROUP);
    let j = start;
    let to = scratch;
    for (; j + 16 <= end; j += 16) {
      packAndSum(b + floats(j), rowB, rows, to, panel, db + floats(j));
      to += 2 * panel;
    }
    if (j < end) addColumnSums(b + floats(j), db + floats(j), rows, end - j, strideB);
    for (; j < end; j += 8) {
      packWide(b + floats(j), rowB, n - j, rows, to);
      to += panel;
    }
    for (let i = 0; i < m; i += 4) {
      const whole = i + 4 <= m;
      const strip = whole ? a + floats(i) : last;
      const row = c + <usize>i * rowC;
      let columns = scratch;
      for (j = start; j < end; j += 8) {
        tile(true, strip, whole ? rowA : 16, columns, rows, 0, row + floats(j), rowC, m - i, n - j, true, spare);
        columns += panel;
      }
    }
  }
}
