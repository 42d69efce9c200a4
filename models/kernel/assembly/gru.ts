import { LINEAR } from "./activate";
import { pad, pointer, word } from "./dense";
import { addTransposed, transpose } from "./panels";
import { product } from "./product";
import { tanh4 } from "./tanh";
import { floats, padded, putSome, some } from "./vectors";

/**
 * A gated recurrent unit over sequences, with the reset gate after the hidden product, as PyTorch's:
 * r = s(x Wr + br + h Ur + cr), z = s(x Wz + bz + h Uz + cz), n = tanh(x Wn + bn + r (h Un + cn)), h' = (1 - z) n + z h; s is the logistic function.
 * Rows are t*B+b. Described by words (i32) that models/kernel/gru.ts writes; pointers are byte offsets.
 */
const STEPS: usize = 0;
const BATCH: usize = 4;
const INPUTS: usize = 8;
const HIDDEN: usize = 12;
const X: usize = 16;
/** The state before the first step [B*H]. */
const STATE: usize = 20;
/** Bytes [T*B], 1 where the state is zeroed before the step; 0: nowhere. */
const RESETS: usize = 24;
/** Parameters: W [I*3H], b [3H], U [H*3H], c [3H]; and their gradients. */
const VALUES: usize = 28;
const GRADIENTS: usize = 32;
/** x W + b, and h U + c. [T*B*3H] each. */
const FROM_X: usize = 36;
const FROM_H: usize = 40;
/** The state each step started from, after resets. [T*B*H] */
const BEFORE: usize = 44;
/** r, z, n. [T*B*3H] */
const GATES: usize = 48;
/** The state after each step [T*B*H], and its gradient from outside. */
const Y: usize = 52;
const DY: usize = 56;
/** Gradients of the two sums before the gates [T*B*padded(3H)], zeros beyond 3H. */
const D_FROM_X: usize = 60;
const D_FROM_H: usize = 64;
/** dL/dx [T*B*I], or 0 where it is not wanted; dL/dstate [B*H]. */
const DX: usize = 68;
const D_STATE: usize = 72;
/** dL/dh that goes back through the hidden product. [B*H] */
const CARRY: usize = 76;
/** Floats: see models/kernel/gru.ts. */
const SCRATCH: usize = 80;

/** Rows whose gradients of the weights are summed together, so that they stay in the first-level cache. */
const BLOCK: i32 = 128;

/** 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2. */
// @ts-ignore: decorator
@inline
function logistic(x: v128): v128 {
  const half = f32x4.splat(0.5);
  return f32x4.add(half, f32x4.mul(half, tanh4(f32x4.mul(half, x))));
}

/** to [B*H] = from, with zeros in the rows that `resets` marks. */
function carryOver(from: usize, to: usize, resets: usize, batch: i32, hidden: i32): void {
  memory.copy(to, from, floats(batch * hidden));
  if (resets == 0) return;
  for (let b = 0; b < batch; b++)
    if (load<u8>(resets + <usize>b)) memory.fill(to + floats(b * hidden), 0, floats(hidden));
}

/** One step of the gates for `batch` rows. */
function gates(fromX: usize, fromH: usize, before: usize, out: usize, y: usize, batch: i32, hidden: i32): void {
  const part = floats(hidden);
  const one = f32x4.splat(1);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < hidden; i += 4) {
      const left = hidden - i;
      const at = floats(i);
      const r = logistic(f32x4.add(some(fromX + at, left), some(fromH + at, left)));
      const z = logistic(f32x4.add(some(fromX + part + at, left), some(fromH + part + at, left)));
      const n = tanh4(f32x4.add(some(fromX + 2 * part + at, left), f32x4.mul(r, some(fromH + 2 * part + at, left))));
      putSome(out + at, r, left);
      putSome(out + part + at, z, left);
      putSome(out + 2 * part + at, n, left);
      putSome(y + at, f32x4.add(f32x4.mul(f32x4.sub(one, z), n), f32x4.mul(z, some(before + at, left))), left);
    }
    fromX += 3 * part;
    fromH += 3 * part;
    out += 3 * part;
    before += part;
    y += part;
  }
}

/** Weights [rows*3H] with rows of padded(3H), where they are not so already. */
// @ts-ignore: decorator
@inline
function paddedWeights(from: usize, to: usize, rows: i32, width: i32): usize {
  if (padded(width) == width) return from;
  pad(from, to, rows, width, padded(width));
  return to;
}

/** y [T*B*H]: the states after each step. Scratch: (I + H + 2) * padded(3H) floats. */
export function gruForward(gru: usize): void {
  const steps = word(gru, STEPS);
  const batch = word(gru, BATCH);
  const inputs = word(gru, INPUTS);
  const hidden = word(gru, HIDDEN);
  const width = 3 * hidden;
  const wide = padded(width);
  const values = pointer(gru, VALUES);
  const bias = values + floats(inputs * width);
  const hiddenWeight = bias + floats(width);
  const scratch = pointer(gru, SCRATCH);
  const w = paddedWeights(values, scratch, inputs, width);
  const b = paddedWeights(bias, scratch + floats(inputs * wide), 1, width);
  const u = paddedWeights(hiddenWeight, scratch + floats((inputs + 1) * wide), hidden, width);
  const c = paddedWeights(hiddenWeight + floats(hidden * width), scratch + floats((inputs + 1 + hidden) * wide), 1, width);
  const fromX = pointer(gru, FROM_X);
  const fromH = pointer(gru, FROM_H);
  const before = pointer(gru, BEFORE);
  const y = pointer(gru, Y);
  product(pointer(gru, X), w, b, fromX, steps * batch, width, wide, inputs, inputs, LINEAR);
  for (let t = 0; t < steps; t++) {
    const row = t * batch;
    const resets = pointer(gru, RESETS);
    const start = before + floats(row * hidden);
    carryOver(
      t == 0 ? pointer(gru, STATE) : y + floats((row - batch) * hidden), start,
      resets == 0 ? 0 : resets + <usize>row, batch, hidden,
    );
    const sums = floats(row * width);
    product(start, u, c, fromH + sums, batch, width, wide, hidden, hidden, LINEAR);
    gates(fromX + sums, fromH + sums, start, pointer(gru, GATES) + sums, y + floats(row * hidden), batch, hidden);
  }
}

/** One step back through the gates: writes the gradients of both sums and to `carry` what reaches the state it started from beside the hidden product. */
function gatesBackward(
  dy: usize, carry: usize, gatesAt: usize, fromH: usize, before: usize, dFromX: usize, dFromH: usize, batch: i32, hidden: i32,
): void {
  const part = floats(hidden);
  const row = floats(padded(3 * hidden));
  const one = f32x4.splat(1);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < hidden; i += 4) {
      const left = hidden - i;
      const at = floats(i);
      const d = f32x4.add(some(dy + at, left), some(carry + at, left));
      const r = some(gatesAt + at, left);
      const z = some(gatesAt + part + at, left);
      const n = some(gatesAt + 2 * part + at, left);
      const dN = f32x4.mul(f32x4.mul(d, f32x4.sub(one, z)), f32x4.sub(one, f32x4.mul(n, n)));
      const dR = f32x4.mul(
        f32x4.mul(dN, some(fromH + 2 * part + at, left)), f32x4.mul(r, f32x4.sub(one, r)),
      );
      const dZ = f32x4.mul(
        f32x4.mul(d, f32x4.sub(some(before + at, left), n)), f32x4.mul(z, f32x4.sub(one, z)),
      );
      putSome(dFromX + at, dR, left);
      putSome(dFromX + part + at, dZ, left);
      putSome(dFromX + 2 * part + at, dN, left);
      putSome(dFromH + at, dR, left);
      putSome(dFromH + part + at, dZ, left);
      putSome(dFromH + 2 * part + at, f32x4.mul(dN, r), left);
      putSome(carry + at, f32x4.mul(d, z), left);
    }
    for (let at: usize = 3 * part; at < row; at += 4) {
      store<f32>(dFromX + at, 0);
      store<f32>(dFromH + at, 0);
    }
    dy += part;
    carry += part;
    gatesAt += 3 * part;
    fromH += 3 * part;
    before += part;
    dFromX += row;
    dFromH += row;
  }
}

/** a [n] += b [n]. */
function add(a: usize, b: usize, n: i32): void {
  let i: usize = 0;
  const whole = floats(n & ~3);
  for (; i < whole; i += 16) v128.store(a + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
  for (; i < floats(n); i += 4) store<f32>(a + i, load<f32>(a + i) + load<f32>(b + i));
}

/** Adds the gradients of a product's weights and bias: dW += A^T D, db += the column sums of D. Scratch: what `addTransposed` needs for BLOCK rows. */
function addWeightGradients(a: usize, d: usize, dw: usize, rows: i32, inputs: i32, width: i32, scratch: usize): void {
  const wide = padded(width);
  const db = dw + floats(inputs * width);
  for (let start = 0; start < rows; start += BLOCK) {
    const n = min(BLOCK, rows - start);
    const from = d + floats(start * wide);
    addTransposed(a + floats(start * inputs), from, dw, db, n, inputs, width, wide, scratch);
  }
}

/**
 * Truncated backpropagation through time over the steps of the last forward: adds the gradients of all parameters, writes dL/dstate and, where it is
 * wanted, dL/dx. Scratch: 3H * (padded(H) + padded(I)) + B * H floats, and afterwards, in the same place,
 * what `addWeightGradients` needs.
 */
export function gruBackward(gru: usize): void {
  const steps = word(gru, STEPS);
  const batch = word(gru, BATCH);
  const inputs = word(gru, INPUTS);
  const hidden = word(gru, HIDDEN);
  const width = 3 * hidden;
  const wide = padded(width);
  const hiddenWeight = floats((inputs + 1) * width);
  const values = pointer(gru, VALUES);
  const gradients = pointer(gru, GRADIENTS);
  const dFromX = pointer(gru, D_FROM_X);
  const dFromH = pointer(gru, D_FROM_H);
  const before = pointer(gru, BEFORE);
  const carry = pointer(gru, CARRY);
  const resets = pointer(gru, RESETS);
  const back = pointer(gru, SCRATCH);
  const backX = back + floats(width * padded(hidden));
  const through = backX + floats(width * padded(inputs));
  transpose(values + hiddenWeight, back, hidden, width, padded(hidden));
  memory.fill(carry, 0, floats(batch * hidden));
  for (let t = steps - 1; t >= 0; t--) {
    const row = t * batch;
    const dh = dFromH + floats(row * wide);
    gatesBackward(
      pointer(gru, DY) + floats(row * hidden), carry, pointer(gru, GATES) + floats(row * width),
      pointer(gru, FROM_H) + floats(row * width), before + floats(row * hidden), dFromX + floats(row * wide), dh, batch, hidden,
    );
    product(dh, back, 0, through, batch, hidden, padded(hidden), width, wide, LINEAR);
    add(carry, through, batch * hidden);
    if (resets != 0)
      for (let b = 0; b < batch; b++)
        if (load<u8>(resets + <usize>(row + b))) memory.fill(carry + floats(b * hidden), 0, floats(hidden));
  }
  memory.copy(pointer(gru, D_STATE), carry, floats(batch * hidden));
  const rows = steps * batch;
  addWeightGradients(pointer(gru, X), dFromX, gradients, rows, inputs, width, back);
  addWeightGradients(before, dFromH, gradients + hiddenWeight, rows, hidden, width, back);
  const dx = pointer(gru, DX);
  if (dx == 0) return;
  transpose(values, backX, inputs, width, padded(inputs));
  product(dFromX, backX, 0, dx, rows, inputs, padded(inputs), width, wide, LINEAR);
}
