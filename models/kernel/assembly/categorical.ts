import { exp2Lanes, log2Lanes } from "./exponential";
import { pair, pairOf, pairOfSingles } from "./pairs";

/**
 * Independent categorical heads over a batch, in float64, two rows at a time. The order of all operations is that of the plain TypeScript in
 * models/distributions/categorical.ts. Where rows are odd the last one fills both lanes.
 */
/** The logit that stands in for a forbidden choice. */
const FORBIDDEN: f64 = -1e8;

/** All ones in the lanes whose choice is allowed. */
// @ts-ignore: decorator
@inline
function allowedLanes(mask: usize, at0: i32, at1: i32): v128 {
  const m0: i64 = load<u8>(mask + <usize>at0) != 0 ? -1 : 0;
  const m1: i64 = load<u8>(mask + <usize>at1) != 0 ? -1 : 0;
  return i64x2.replace_lane(i64x2.splat(m0), 1, m1);
}

/**
 * Writes of one head of two rows the log-probabilities to `logP` [n*2], lanes side by side, and after them the probabilities. Returns whether both rows
 * have an allowed choice and a finite largest logit.
 */
// @ts-ignore: decorator
@inline
function loadHead(y: usize, mask: usize, at0: i32, at1: i32, n: i32, logP: usize): bool {
  let largest = f64x2.splat(-Infinity);
  for (let i = 0; i < n; i++) {
    let v = pairOfSingles(y + (<usize>(at0 + i) << 2), y + (<usize>(at1 + i) << 2));
    if (mask != 0) v = v128.bitselect(v, f64x2.splat(-Infinity), allowedLanes(mask, at0 + i, at1 + i));
    largest = f64x2.max(largest, v);
  }
  const zero = f64x2.sub(largest, largest);
  if (!(f64x2.extract_lane(zero, 0) == 0 && f64x2.extract_lane(zero, 1) == 0)) return false;
  const p = logP + (<usize>n << 4);
  let sum = f64x2.splat(0);
  for (let i = 0; i < n; i++) {
    const v = pairOfSingles(y + (<usize>(at0 + i) << 2), y + (<usize>(at1 + i) << 2));
    let shifted = f64x2.sub(v, largest);
    if (mask != 0) shifted = v128.bitselect(shifted, f64x2.splat(FORBIDDEN), allowedLanes(mask, at0 + i, at1 + i));
    const e = exp2Lanes(shifted);
    v128.store(logP + (<usize>i << 4), shifted);
    v128.store(p + (<usize>i << 4), e);
    sum = f64x2.add(sum, e);
  }
  const shift = log2Lanes(sum);
  for (let at = logP; at < p; at += 16) v128.store(at, f64x2.sub(v128.load(at), shift));
  for (let at = p; at < p + (<usize>n << 4); at += 16) v128.store(at, f64x2.div(v128.load(at), sum));
  return true;
}

/** The index that a stored action is, or -1 where it is no choice of a head of n. */
// @ts-ignore: decorator
@inline
function choiceOf(action: usize, n: i32): i32 {
  const value = load<f64>(action);
  const index = <i32>value;
  return <f64>index == value && index >= 0 && index < n ? index : -1;
}

/**
 * Writes log p and, unless it is 0, the entropy [rows] (f64) of independent categorical heads over logits y (f32) [rows*outputs]. `choices` (i32) [heads].
 * mask (bytes) [rows*outputs], or 0. `logP` is scratch: 32 bytes a choice of the largest head. `action` 0: no log p is wanted.
 * Returns false where a row cannot be evaluated; the caller says why.
 */
export function categoricalEvaluate(
  y: usize, action: usize, mask: usize, rows: i32, choices: usize, heads: i32, outputs: i32, logP: usize, out: usize, entropyOut: usize,
): bool {
  for (let b = 0; b < rows; b += 2) {
    const next = min(b + 1, rows - 1);
    let at0 = b * outputs;
    let at1 = next * outputs;
    let log0: f64 = 0;
    let log1: f64 = 0;
    let entropies = f64x2.splat(0);
    for (let head = 0; head < heads; head++) {
      const n = load<i32>(choices + (<usize>head << 2));
      if (!loadHead(y, mask, at0, at1, n, logP)) return false;
      if (action != 0) {
        const c0 = choiceOf(action + (<usize>(b * heads + head) << 3), n);
        const c1 = choiceOf(action + (<usize>(next * heads + head) << 3), n);
        if (c0 < 0 || c1 < 0) return false;
        log0 += load<f64>(logP + (<usize>c0 << 4));
        log1 += load<f64>(logP + (<usize>c1 << 4), 8);
      }
      if (entropyOut != 0) {
        let entropy = f64x2.splat(0);
        for (let i: usize = 0; i < <usize>n; i++)
          entropy = f64x2.sub(entropy, f64x2.mul(v128.load(logP + ((<usize>n + i) << 4)), v128.load(logP + (i << 4))));
        entropies = f64x2.add(entropies, entropy);
      }
      at0 += n;
      at1 += n;
    }
    if (action != 0) {
      store<f64>(out + (<usize>next << 3), log1);
      store<f64>(out + (<usize>b << 3), log0);
    }
    if (entropyOut != 0) {
      store<f64>(entropyOut + (<usize>next << 3), f64x2.extract_lane(entropies, 1));
      store<f64>(entropyOut + (<usize>b << 3), f64x2.extract_lane(entropies, 0));
    }
  }
  return true;
}

/** Writes dL/dy (f32): dlogp_a/dy_i = [i = a] - p_i, dH/dy_i = -p_i (log p_i + H), 0 for a forbidden choice. `logP` as above. */
export function categoricalBackward(
  y: usize, action: usize, mask: usize, rows: i32, choices: usize, heads: i32, outputs: i32, logP: usize,
  dLogProbability: usize, dEntropy: usize, dy: usize,
): bool {
  for (let b = 0; b < rows; b += 2) {
    const next = min(b + 1, rows - 1);
    const dl = pairOf(dLogProbability + (<usize>b << 3), dLogProbability + (<usize>next << 3));
    const de = pairOf(dEntropy + (<usize>b << 3), dEntropy + (<usize>next << 3));
    let at0 = b * outputs;
    let at1 = next * outputs;
    for (let head = 0; head < heads; head++) {
      const n = load<i32>(choices + (<usize>head << 2));
      if (!loadHead(y, mask, at0, at1, n, logP)) return false;
      const c0 = choiceOf(action + (<usize>(b * heads + head) << 3), n);
      const c1 = choiceOf(action + (<usize>(next * heads + head) << 3), n);
      if (c0 < 0 || c1 < 0) return false;
      const probabilities = logP + (<usize>n << 4);
      let entropy = f64x2.splat(0);
      for (let i: usize = 0; i < <usize>n; i++)
        entropy = f64x2.sub(entropy, f64x2.mul(v128.load(probabilities + (i << 4)), v128.load(logP + (i << 4))));
      for (let i = 0; i < n; i++) {
        const v = v128.load(logP + (<usize>i << 4));
        const p = v128.load(probabilities + (<usize>i << 4));
        const hit = pair(i == c0 ? 1 : 0, i == c1 ? 1 : 0);
        let d = f64x2.sub(
          f64x2.mul(dl, f64x2.sub(hit, p)),
          f64x2.mul(f64x2.mul(de, p), f64x2.add(v, entropy)),
        );
        if (mask != 0) d = v128.and(d, allowedLanes(mask, at0 + i, at1 + i));
        d = f32x4.demote_f64x2_zero(d);
        store<f32>(dy + (<usize>(at1 + i) << 2), f32x4.extract_lane(d, 1));
        store<f32>(dy + (<usize>(at0 + i) << 2), f32x4.extract_lane(d, 0));
      }
      at0 += n;
      at1 += n;
    }
  }
  return true;
}
