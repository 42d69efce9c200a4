import { activate, LINEAR, multiplyBySlope } from "./activate";
import { addColumnSums, addTransposed, packMatrix, packTransposed, productOfRows, SPARE, transpose } from "./panels";
import { product } from "./product";
import { addThinWeights, THIN, thinBackward, thinForward } from "./thin";
import { floats, padded } from "./vectors";

/**
 * The dense layers of one network over a range of rows. A network is described by words (i32) in memory, written by
 * models/kernel/network-words.ts; pointers are byte offsets.
 */
// The header.
const LAYERS: usize = 0;
const BATCH: usize = 4;
const X: usize = 8;
/** Where dL/dx goes; 0 where it is not wanted. */
const DX: usize = 12;
const VALUES: usize = 16;
const GRADIENTS: usize = 20;
const PARAMETERS: usize = 24;
const SHARDS: usize = 28;
/** Gradients of the shards but the first, whose are the network's own, one after another, `SHARD_BYTES` apart. */
const SHARD_GRADIENTS: usize = 32;
const SHARD_BYTES: usize = 36;
/** Scratch of the members of a team, one after another, `SCRATCH_BYTES` apart. */
const SCRATCH: usize = 40;
const SCRATCH_BYTES: usize = 44;
/** dL/dy of the last layer. */
const DY: usize = 48;
/** The largest padded number of inputs or outputs of a layer. */
const WIDEST: usize = 52;
/** Bytes from the beginning of a scratch to what `productOfRows` needs for edges: SPARE floats, then four of the widest rows. */
const EDGES: usize = 56;
/** What gradients hold that is old, and counts as 0, when a backward pass begins: 1 the network's own, 2 those of the other shards. */
const OLD: usize = 60;
const HEADER: usize = 64;
// Each layer.
const INPUTS: usize = 0;
const OUTPUTS: usize = 4;
const ACTIVATION: usize = 8;
/** Byte offsets in the flat parameter vector. */
const WEIGHT: usize = 12;
const BIAS: usize = 16;
const Y: usize = 20;
const LAYER: usize = 24;

/** Rows that go through all layers together, so that what one layer writes is in the caches when the next reads it. */
const BLOCK: i32 = 64;
/** Rows from which on copying weights into panels pays. Fewer take plain rows of weights: the bits are the same. */
const WORTH_PACKING: i32 = 32;

// @ts-ignore: decorator
@inline
export function word(p: usize, field: usize): i32 {
  return load<i32>(p + field);
}

// @ts-ignore: decorator
@inline
export function pointer(p: usize, field: usize): usize {
  return <usize>load<u32>(p + field);
}

/** The row at which part `i` of `n` begins: whole fours, which the products like best. */
// @ts-ignore: decorator
@inline
function firstRow(batch: i32, i: i32, n: i32): i32 {
  return min(batch, (((batch + 3) >> 2) * i) / n << 2);
}

/** Where thread `member` has its scratch. */
// @ts-ignore: decorator
@inline
function scratchOf(network: usize, member: i32): usize {
  return pointer(network, SCRATCH) + <usize>member * pointer(network, SCRATCH_BYTES);
}

/** Copies rows of `width` floats into rows of `paddedWidth`, zeros between. Plain loops: calls to copy a few bytes cost more. */
export function pad(from: usize, to: usize, rows: i32, width: i32, paddedWidth: i32): void {
  const bytes = <usize>width << 2;
  const rest = (<usize>paddedWidth << 2) - bytes;
  for (let i = 0; i < rows; i++) {
    for (const end = from + bytes; from < end; from += 4) {
      store<f32>(to, load<f32>(from));
      to += 4;
    }
    for (const end = to + rest; to < end; to += 4) store<f32>(to, 0);
  }
}

/** Floats of a layer's weights as they are copied for a forward pass. */
// @ts-ignore: decorator
@inline
function panelsOf(inputs: i32, outputs: i32): i32 {
  return outputs <= THIN ? outputs * padded(inputs) : inputs * padded(outputs);
}

/**
 * Copies the weights for `forwardRows` of the same member: into panels, or, for a few rows, with zeros beyond the columns where they are needed.
 * Scratch: `panelsOf` and padded(outputs) floats a layer, then a spare tile and 4 floats for each of the widest layer.
 */
export function prepareForward(network: usize, member: i32): void {
  const layers = word(network, LAYERS);
  const values = pointer(network, VALUES);
  const packed = word(network, BATCH) >= WORTH_PACKING;
  let space = scratchOf(network, member);
  let layer = network + HEADER;
  for (let l = 0; l < layers; l++) {
    const inputs = word(layer, INPUTS);
    const outputs = word(layer, OUTPUTS);
    const width = padded(outputs);
    const weight = values + pointer(layer, WEIGHT);
    const bias = space + floats(panelsOf(inputs, outputs));
    if (outputs <= THIN) transpose(weight, space, inputs, outputs, padded(inputs));
    else if (packed) packMatrix(weight, inputs, outputs, space);
    else if (width != outputs) pad(weight, space, inputs, outputs, width);
    if (width != outputs) pad(values + pointer(layer, BIAS), bias, 1, outputs, width);
    space = bias + floats(width);
    layer += LAYER;
  }
}

/** Rows [from, to) of y = f(x) through all layers. */
export function forwardRows(network: usize, member: i32, from: i32, to: i32): void {
  const layers = word(network, LAYERS);
  const values = pointer(network, VALUES);
  const packed = word(network, BATCH) >= WORTH_PACKING;
  for (let start = from; start < to; start += BLOCK) {
    const rows = min(BLOCK, to - start);
    let x = pointer(network, X);
    let layer = network + HEADER;
    let space = scratchOf(network, member);
    const spare = scratchOf(network, member) + pointer(network, EDGES);
    for (let l = 0; l < layers; l++) {
      const inputs = word(layer, INPUTS);
      const outputs = word(layer, OUTPUTS);
      const activation = word(layer, ACTIVATION);
      const width = padded(outputs);
      const whole = width == outputs;
      const copied = space + floats(panelsOf(inputs, outputs));
      const bias = whole ? values + pointer(layer, BIAS) : copied;
      const y = pointer(layer, Y);
      const a = x + floats(start * inputs);
      const c = y + floats(start * outputs);
      if (outputs <= THIN) {
        thinForward(a, space, bias, c, rows, inputs, outputs);
        activate(c, rows * outputs, activation);
      } else if (packed)
        for (let i = 0; i < rows; i += 4) {
          const n = min(4, rows - i);
          productOfRows(a + floats(i * inputs), space, inputs, bias, c + floats(i * outputs), n, outputs, spare);
          activate(c + floats(i * outputs), n * outputs, activation);
        }
      else {
        const weight = whole ? values + pointer(layer, WEIGHT) : space;
        product(a, weight, bias, c, rows, outputs, width, inputs, inputs, activation);
      }
      space = copied + floats(width);
      x = y;
      layer += LAYER;
    }
  }
}

/** y = f(x) for the whole batch, in this thread. */
export function forward(network: usize): void {
  prepareForward(network, 0);
  forwardRows(network, 0, 0, word(network, BATCH));
}

/** Rows in a batch. */
export function batchOf(network: usize): i32 {
  return word(network, BATCH);
}

/** Parts of a batch whose gradients are summed apart. */
export function shardsOf(network: usize): i32 {
  return word(network, SHARDS);
}

/**
 * Gradients of rows [from, to) are added at `gradients`; `transposed` holds the panels of the transposed weights of all layers. Gradients of hidden
 * layers, each times its activation's slope, live for one block alone, in `space`: two blocks of rows of the widest layer, in turn. They never leave the caches.
 */
function backwardRows(network: usize, from: i32, to: i32, gradients: usize, transposed: usize, space: usize): void {
  const layers = word(network, LAYERS);
  const widest = word(network, WIDEST);
  const blockBytes = floats(widest * BLOCK);
  const spare = space + 2 * blockBytes;
  const panels = spare + floats(SPARE + 4 * widest);
  for (let start = from; start < to; start += BLOCK) {
    const rows = min(BLOCK, to - start);
    let layer = network + HEADER + <usize>layers * LAYER;
    let w = transposed;
    let dz: usize = 0;
    let next = space;
    let other = space + blockBytes;
    for (let l = layers - 1; l >= 0; l--) {
      layer -= LAYER;
      const inputs = word(layer, INPUTS);
      const outputs = word(layer, OUTPUTS);
      if (l == layers - 1) dz = pointer(network, DY) + floats(start * outputs);
      const offset = floats(start * inputs);
      const x = (l == 0 ? pointer(network, X) : pointer(layer - LAYER, Y)) + offset;
      let dx = next;
      if (l == 0) dx = pointer(network, DX) == 0 ? 0 : pointer(network, DX) + offset;
      const dw = gradients + pointer(layer, WEIGHT);
      const thin = outputs <= THIN;
      const db = gradients + pointer(layer, BIAS);
      if (thin) {
        addThinWeights(x, dz, dw, rows, inputs, outputs);
        addColumnSums(dz, db, rows, outputs, outputs);
      } else addTransposed(x, dz, dw, db, rows, inputs, outputs, outputs, panels);
      const before = l == 0 ? LINEAR : word(layer - LAYER, ACTIVATION);
      if (dx != 0 && thin) {
        thinBackward(dz, w, dx, rows, inputs, outputs);
        multiplyBySlope(dx, x, rows * inputs, before);
      } else if (dx != 0)
        for (let i = 0; i < rows; i += 4) {
          const n = min(4, rows - i);
          const row = floats(i * inputs);
          productOfRows(dz + floats(i * outputs), w, outputs, 0, dx + row, n, inputs, spare);
          multiplyBySlope(dx + row, x + row, n * inputs, before);
        }
      w += floats(outputs * padded(inputs));
      dz = dx;
      next = other;
      other = dx;
    }
  }
}

/**
 * Copies the transposed weights into panels, for `backwardShard` of the same member. Scratch: outputs * padded(inputs) floats a layer. Returns the
 * scratch's free end.
 */
export function prepareBackward(network: usize, member: i32): usize {
  const layers = word(network, LAYERS);
  let space = scratchOf(network, member);
  let layer = network + HEADER + <usize>layers * LAYER;
  for (let l = layers - 1; l >= 0; l--) {
    layer -= LAYER;
    const inputs = word(layer, INPUTS);
    const outputs = word(layer, OUTPUTS);
    const weight = pointer(network, VALUES) + pointer(layer, WEIGHT);
    if (l > 0 || pointer(network, DX) != 0) {
      if (outputs <= THIN) transpose(weight, space, inputs, outputs, padded(inputs));
      else packTransposed(weight, outputs, inputs, space);
    }
    space += floats(outputs * padded(inputs));
  }
  return space;
}

/**
 * The gradients of shard `s` of the batch, and dL/dx of its rows where wanted. Those of the first are added to the network's gradients at
 * once, others to the shard's own, and `reduce` has to follow before they are read. dL/dy is overwritten. `space` holds two blocks of
 * rows of the widest layer, 4 floats more for each of its units, 68 for each row of a block, and two spare tiles.
 */
export function backwardShard(network: usize, member: i32, s: i32, space: usize): void {
  const batch = word(network, BATCH);
  const shards = word(network, SHARDS);
  const own = s == 0;
  const gradients = own
    ? pointer(network, GRADIENTS)
    : pointer(network, SHARD_GRADIENTS) + <usize>(s - 1) * pointer(network, SHARD_BYTES);
  if (word(network, OLD) & (own ? 1 : 2)) memory.fill(gradients, 0, <usize>word(network, PARAMETERS) << 2);
  const from = firstRow(batch, s, shards);
  const to = firstRow(batch, s + 1, shards);
  backwardRows(network, from, to, gradients, scratchOf(network, member), space);
}

/** All shards, in this thread. */
export function backward(network: usize): void {
  const space = prepareBackward(network, 0);
  const shards = word(network, SHARDS);
  for (let s = 0; s < shards; s++) backwardShard(network, 0, s, space);
}

/** Adds the gradients of all other shards to the network's, in the order of the shards, whoever computed them. */
export function reduce(network: usize): void {
  const stride = pointer(network, SHARD_BYTES);
  const all = <usize>(word(network, SHARDS) - 1) * stride;
  let from = pointer(network, SHARD_GRADIENTS);
  let to = pointer(network, GRADIENTS);
  const end = to + floats(word(network, PARAMETERS));
  for (const whole = end - 15; to < whole; to += 16) {
    let sum = v128.load(to);
    for (let s: usize = 0; s < all; s += stride) sum = f32x4.add(sum, v128.load(from + s));
    v128.store(to, sum);
    from += 16;
  }
  for (; to < end; to += 4) {
    let sum = load<f32>(to);
    for (let s: usize = 0; s < all; s += stride) sum += load<f32>(from + s);
    store<f32>(to, sum);
    from += 4;
  }
}
