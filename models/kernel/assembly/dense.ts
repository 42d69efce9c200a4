import { addTransposedProduct, product, RELU, TANH } from "./product";

// @ts-ignore: decorator
@inline
function padded(n: i32): i32 {
  return (n + 7) & ~7;
}

/** Copies rows of `width` floats into rows of `paddedWidth`, zeros between. */
function pad(from: usize, to: usize, rows: i32, width: i32, paddedWidth: i32): void {
  const bytes = <usize>width << 2;
  const paddedBytes = <usize>paddedWidth << 2;
  for (let i = 0; i < rows; i++) {
    memory.copy(to, from, bytes);
    memory.fill(to + bytes, 0, paddedBytes - bytes);
    from += bytes;
    to += paddedBytes;
  }
}

/** to [columns*paddedRows] = the transpose of from [rows*columns], zeros beyond `rows`. In 4x4 blocks where they are whole. */
function transpose(from: usize, to: usize, rows: i32, columns: i32, paddedRows: i32): void {
  const rowFrom = <usize>columns << 2;
  const rowTo = <usize>paddedRows << 2;
  if (paddedRows != rows) memory.fill(to, 0, <usize>columns * rowTo);
  const wholeRows = rows & ~3;
  const wholeColumns = columns & ~3;
  for (let i = 0; i < wholeRows; i += 4)
    for (let j = 0; j < wholeColumns; j += 4) {
      const p = from + <usize>i * rowFrom + (<usize>j << 2);
      const r0 = v128.load(p);
      const r1 = v128.load(p + rowFrom);
      const r2 = v128.load(p + 2 * rowFrom);
      const r3 = v128.load(p + 3 * rowFrom);
      const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      const q = to + <usize>j * rowTo + (<usize>i << 2);
      v128.store(q, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
      v128.store(q + rowTo, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
      v128.store(q + 2 * rowTo, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
      v128.store(q + 3 * rowTo, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
    }
  for (let i = 0; i < rows; i++)
    for (let j = i < wholeRows ? wholeColumns : 0; j < columns; j++)
      store<f32>(to + <usize>j * rowTo + (<usize>i << 2), load<f32>(from + <usize>i * rowFrom + (<usize>j << 2)));
}

/**
 * y = activation(x w + bias): x [batch*inputs], w [inputs*outputs], y [batch*outputs].
 * `scratch` holds (inputs + 1) * padded(outputs) floats.
 */
export function forward(
  x: usize, w: usize, bias: usize, y: usize, scratch: usize,
  batch: i32, inputs: i32, outputs: i32, activation: i32,
): void {
  const width = padded(outputs);
  if (width != outputs) {
    pad(w, scratch, inputs, outputs, width);
    const paddedBias = scratch + (<usize>(inputs * width) << 2);
    pad(bias, paddedBias, 1, outputs, width);
    product(x, scratch, paddedBias, y, batch, outputs, width, inputs, inputs, activation);
  } else product(x, w, bias, y, batch, outputs, width, inputs, inputs, activation);
}

/** dz = dy * slope, where both activations give their slope from y: 1 - y^2, and 1 where y > 0. dz may be dy. */
function multiplyBySlope(dy: usize, y: usize, dz: usize, length: i32, activation: i32): void {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  let i: usize = 0;
  const end = <usize>length << 2;
  const whole = end & ~15;
  if (activation == TANH)
    for (; i < whole; i += 16) {
      const v = v128.load(y + i);
      v128.store(dz + i, f32x4.mul(v128.load(dy + i), f32x4.sub(one, f32x4.mul(v, v))));
    }
  else
    for (; i < whole; i += 16)
      v128.store(dz + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(y + i), zero)));
  for (; i < end; i += 4) {
    const v = load<f32>(y + i);
    const d = load<f32>(dy + i);
    store<f32>(dz + i, activation == TANH ? d * (1 - v * v) : v > 0 ? d : 0);
  }
}

/** db += the column sums of dz [batch*width], its first `outputs` columns. */
function addColumnSums(dz: usize, db: usize, batch: i32, outputs: i32, width: i32): void {
  const row = <usize>width << 2;
  for (let j = 0; j < outputs; j += 4) {
    let sum = f32x4.splat(0);
    let p = dz + (<usize>j << 2);
    for (let b = 0; b < batch; b++) {
      sum = f32x4.add(sum, v128.load(p));
      p += row;
    }
    const to = db + (<usize>j << 2);
    store<f32>(to, load<f32>(to) + f32x4.extract_lane(sum, 0));
    if (j + 1 < outputs) store<f32>(to, load<f32>(to, 4) + f32x4.extract_lane(sum, 1), 4);
    if (j + 2 < outputs) store<f32>(to, load<f32>(to, 8) + f32x4.extract_lane(sum, 2), 8);
    if (j + 3 < outputs) store<f32>(to, load<f32>(to, 12) + f32x4.extract_lane(sum, 3), 12);
  }
}

/**
 * For dL/dy [batch*outputs] (overwritten): dw += x^T dz, db += sums of dz, dx = dz w^T, with dz = dy * slope of the activation at y.
 * `scratch` holds outputs * padded(inputs) + batch * padded(outputs) floats.
 */
export function backward(
  x: usize, w: usize, y: usize, dy: usize, dx: usize, dw: usize, db: usize, scratch: usize,
  batch: i32, inputs: i32, outputs: i32, activation: i32,
): void {
  const width = padded(outputs);
  const widthIn = padded(inputs);
  if (activation == TANH || activation == RELU) multiplyBySlope(dy, y, dy, batch * outputs, activation);
  let dz = dy;
  if (width != outputs) {
    dz = scratch + (<usize>(outputs * widthIn) << 2);
    pad(dy, dz, batch, outputs, width);
  }
  addTransposedProduct(x, dz, dw, batch, inputs, outputs, width);
  addColumnSums(dz, db, batch, outputs, width);
  transpose(w, scratch, inputs, outputs, widthIn);
  product(dz, scratch, 0, dx, batch, inputs, widthIn, outputs, width, 0);
}
