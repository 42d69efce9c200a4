import seedrandom from "seedrandom";
import { ContractError } from "./errors.ts";
import { inverseNormalCdf } from "./normal.ts";

/**
 * Randomness, by name. `seedrandom` turns (run seed, stream name, index) into the 128-bit state of a small fast generator
 * (xoshiro128**, Blackman and Vigna 2018), so that streams are independent of one another and of the number of workers.
 * Exogenous draws of the market are instead indexed by (stream, time bin, index): see {@link IndexedRandom}.
 */
export interface RandomState {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** Four 32-bit words from a run seed, a stream name and an index. */
export function deriveState(seed: number | string, stream: string, index = 0): RandomState {
  const source = seedrandom(`greekgym/${seed}/${stream}/${index}`);
  const word = () => source.int32() >>> 0;
  const state = { a: word(), b: word(), c: word(), d: word() };
  // The all-zero state is the one fixed point of the generator.
  return (state.a | state.b | state.c | state.d) === 0 ? { ...state, a: 1 } : state;
}

/** A 32-bit seed derived from a run seed, a stream name and an index. */
export function deriveSeed(seed: number | string, stream: string, index = 0): number {
  return deriveState(seed, stream, index).a;
}

const TO_UNIT = 1 / 4294967296;

/** A sequential generator: xoshiro128**. Its state can be saved and loaded exactly. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | string, stream: string, index = 0) {
    const s = deriveState(seed, stream, index);
    this.#a = s.a | 0;
    this.#b = s.b | 0;
    this.#c = s.c | 0;
    this.#d = s.d | 0;
  }

  /** The next 32-bit unsigned integer. */
  uint32(): number {
    let result = Math.imul(this.#b, 5);
    result = Math.imul((result << 7) | (result >>> 25), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** Uniform on the open interval (0, 1), 52 bits. */
  uniform(): number {
    const high = this.uint32() >>> 6;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low + 0.5) / 4503599627370496;
  }

  /** Uniform integer in [0, n). The bias is below n / 2^32. */
  integer(n: number): number {
    return Math.floor(this.uint32() * TO_UNIT * n);
  }

  /** Standard normal by inversion of one uniform, so that streams stay aligned draw by draw. */
  normal(): number {
    return inverseNormalCdf(this.uniform());
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle(array: { [i: number]: number; length: number }): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const t = array[i]!;
      array[i] = array[j]!;
      array[j] = t;
    }
  }

  saveState(): RandomState {
    return { a: this.#a >>> 0, b: this.#b >>> 0, c: this.#c >>> 0, d: this.#d >>> 0 };
  }

  loadState(state: RandomState): void {
    for (const k of ["a", "b", "c", "d"] as const)
      if (!Number.isInteger(state[k]))
        throw new ContractError("A random stream's state is malformed.", { which: k, value: state[k] });
    this.#a = state.a | 0;
    this.#b = state.b | 0;
    this.#c = state.c | 0;
    this.#d = state.d | 0;
  }
}

/** Two rounds of a 32-bit avalanche (murmur3's finaliser constants) over one word. */
function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** What the draws of one (key, bin) have in common: with it, many of them cost less. See {@link uniformOf}. */
export function binWord(key: number, bin: number): number {
  return mix(key ^ Math.imul(bin + 1, 0x9e3779b1));
}

/** The part of a draw that is the bin's alone. */
export function binSalt(bin: number): number {
  return Math.imul(bin ^ 0x5bd1e995, 0x27d4eb2f);
}

/** {@link IndexedRandom.uniform} for (key, bin, index), given the bin's word and salt. */
export function uniformOf(word: number, salt: number, key: number, index: number): number {
  const y = mix(word ^ Math.imul(index + 1, 0x7feb352d) ^ (key >>> 7));
  const high = mix(y ^ salt) >>> 6;
  const low = mix(word + Math.imul(y, 0x846ca68b)) >>> 6;
  return (high * 67108864 + low + 0.5) / 4503599627370496;
}

/**
 * Draws indexed by (key, time bin, index): the value depends on nothing that was drawn before. Two contenders on one seed see the
 * same shocks even after their trades differ, and a saved episode needs no generator state.
 * `key` comes from {@link deriveSeed}; keep one key for each (episode, stream).
 */
export const IndexedRandom = {
  /** Uniform on (0, 1) with 52 bits for (key, bin, index). */
  uniform(key: number, bin: number, index = 0): number {
    return uniformOf(binWord(key, bin), binSalt(bin), key, index);
  },

  /** Writes the standard normals for (key, bin, index), (key, bin, index + 1), … to out[0 … n - 1]: the values of {@link IndexedRandom.normal}. */
  normals(out: Float64Array, n: number, key: number, bin: number, index: number): void {
    const word = binWord(key, bin);
    const salt = binSalt(bin);
    for (let i = 0; i < n; i++) out[i] = inverseNormalCdf(uniformOf(word, salt, key, index + i));
  },

  /** Standard normal for (key, bin, index), by inversion. */
  normal(key: number, bin: number, index = 0): number {
    return inverseNormalCdf(IndexedRandom.uniform(key, bin, index));
  },
};

/** The three splits of every comparison, and their codes in episode keys. */
export const SPLITS = ["train", "select", "test"] as const;
export type Split = (typeof SPLITS)[number];

const MASK30 = 0x3fffffff;

/**
 * The key of one episode's exogenous draws. For a run seed it is a bijection of (episode, split), episode < 2^30, and its two lowest bits
 * are the split: train, select and test never share a key, whatever their seeds.
 */
export function episodeKey(seedWord: number, split: Split, episode: number): number {
  let h = (episode ^ seedWord) & MASK30;
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d) & MASK30;
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39) & MASK30;
  h ^= h >>> 15;
  return (h << 2) | SPLITS.indexOf(split) | 0;
}
