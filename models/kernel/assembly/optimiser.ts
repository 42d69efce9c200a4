import { reduce } from "./dense";

/** The words (i32) of one parameter set, written by models/kernel/parameters.ts; pointers are byte offsets. */
const VALUES: usize = 0;
const GRADIENTS: usize = 4;
const NUMBERS: usize = 8;
/** The network whose shards of gradients have to be added up first; 0 where there is nothing to add. */
const APART: usize = 12;
/** Adam's moments. */
const FIRST: usize = 16;
const SECOND: usize = 20;
/** (f32) The coefficients of one step. */
const BETA1: usize = 24;
const REST1: usize = 28;
const BETA2: usize = 32;
const REST2: usize = 36;
const STEP_SIZE: usize = 40;
const SECOND_SCALE: usize = 44;
const EPSILON: usize = 48;
const KEEP: usize = 52;
/** (f32) What `scaleGradients` multiplies by. */
const FACTOR: usize = 56;
/** (f64) What `sumGradientSquares` found. */
const SQUARES: usize = 64;

// @ts-ignore: decorator
@inline
function pointer(p: usize, field: usize): usize {
  return <usize>load<u32>(p + field);
}

/** How many numbers a parameter set has. */
export function numbersOf(set: usize): i32 {
  return load<i32>(set + NUMBERS);
}

/** The set's sum of squares of all gradients, those of shards added up. */
export function sumGradientSquares(set: usize): void {
  const apart = pointer(set, APART);
  if (apart != 0) reduce(apart);
  store<f64>(set + SQUARES, sumSquares(pointer(set, GRADIENTS), numbersOf(set)));
}

/** Multiplies the set's gradients by its factor. */
export function scaleGradients(set: usize): void {
  scale(pointer(set, GRADIENTS), numbersOf(set), load<f32>(set + FACTOR));
}

/** One Adam step over the set's numbers [from, to), both whole fours but the end. */
export function adamStep(set: usize, from: i32, to: i32): void {
  const offset = <usize>from << 2;
  adam(
    pointer(set, VALUES) + offset, pointer(set, GRADIENTS) + offset, pointer(set, FIRST) + offset, pointer(set, SECOND) + offset, to - from,
    load<f32>(set + BETA1), load<f32>(set + REST1), load<f32>(set + BETA2), load<f32>(set + REST2), load<f32>(set + STEP_SIZE),
    load<f32>(set + SECOND_SCALE), load<f32>(set + EPSILON), load<f32>(set + KEEP),
  );
}

/**
 * One Adam step over n numbers, with decoupled weight decay; the arithmetic, operation by operation, of plainAdamBackend in models/optim/adam.ts.
 */
function adam(
  values: usize, gradients: usize, first: usize, second: usize, n: i32,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, stepSize: f32, secondScale: f32, epsilon: f32, keep: f32,
): void {
  const end = <usize>n << 2;
  const whole = end & ~15;
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const g = v128.load(gradients + i);
    const m = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(first + i)), f32x4.mul(f32x4.splat(rest1), g));
    const v = f32x4.add(
      f32x4.mul(f32x4.splat(beta2), v128.load(second + i)),
      f32x4.mul(f32x4.splat(rest2), f32x4.mul(g, g)),
    );
    v128.store(first + i, m);
    v128.store(second + i, v);
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(secondScale)), f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(stepSize), m), root);
    v128.store(values + i, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(values + i)), step));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(gradients + i);
    const m = beta1 * load<f32>(first + i) + rest1 * g;
    const v = beta2 * load<f32>(second + i) + rest2 * (g * g);
    store<f32>(first + i, m);
    store<f32>(second + i, v);
    const root = sqrt<f32>(v) * secondScale + epsilon;
    store<f32>(values + i, keep * load<f32>(values + i) - (stepSize * m) / root);
  }
}

/** Sum of squares of n numbers, in two float64 lanes. */
function sumSquares(p: usize, n: i32): f64 {
  const end = p + (<usize>n << 2);
  const whole = p + ((<usize>n << 2) & ~15);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; p < whole; p += 16) {
    const v = v128.load(p);
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; p < end; p += 4) {
    const v = <f64>load<f32>(p);
    sum += v * v;
  }
  return sum;
}

/** Sets n numbers to 0. */
export function zero(p: usize, n: i32): void {
  memory.fill(p, 0, <usize>n << 2);
}

/** Multiplies n numbers by `factor`. */
function scale(p: usize, n: i32, factor: f32): void {
  const end = p + (<usize>n << 2);
  const whole = p + ((<usize>n << 2) & ~15);
  for (; p < whole; p += 16) v128.store(p, f32x4.mul(v128.load(p), f32x4.splat(factor)));
  for (; p < end; p += 4) store<f32>(p, load<f32>(p) * factor);
}
