import type { Arena } from "./arena.ts";
import type { MlpLayout } from "./layout.ts";

/** How models/kernel/assembly/dense.ts finds a network in memory: a header of words (i32), then words for each layer. */
export const WORD = {
  layers: 0,
  batch: 1,
  x: 2,
  dx: 3,
  values: 4,
  gradients: 5,
  parameters: 6,
  shards: 7,
  shardGradients: 8,
  shardBytes: 9,
  scratch: 10,
  scratchBytes: 11,
  dy: 12,
  widest: 13,
} as const;
const HEADER_WORDS = 14;
const LAYER_WORDS = 6;

/** The kernel's numbers for the activations; any other is the identity. */
const ACTIVATION = { identity: 0, tanh: 1, relu: 2 } as const;
/** Rows that the kernel takes through all layers together. */
const BLOCK = 128;

const padded = (n: number) => Math.ceil(n / 8) * 8;

/** Floats of scratch that one thread needs: padded weights forward; transposed weights and three blocks of rows backward. */
export function scratchFloats({ layers }: MlpLayout): number {
  let forward = 0;
  let backward = 0;
  let widest = 0;
  for (const { inputs, outputs } of layers) {
    forward += (inputs + 1) * padded(outputs);
    backward += outputs * padded(inputs);
    widest = Math.max(widest, padded(outputs));
  }
  return Math.max(forward, backward + 3 * BLOCK * widest);
}

/** The words of one network in an arena. */
export class NetworkWords {
  readonly offset: number;
  readonly #arena: Arena;
  readonly #length: number;
  #words: Int32Array;

  constructor(arena: Arena, { layers }: MlpLayout, hidden: keyof typeof ACTIVATION) {
    this.#arena = arena;
    this.#length = HEADER_WORDS + LAYER_WORDS * layers.length;
    this.offset = arena.allocate(this.#length);
    this.#words = arena.words(this.offset, this.#length);
    this.set("layers", layers.length);
    this.set("widest", Math.max(...layers.map((l) => padded(l.outputs))));
    for (const [l, { inputs, outputs, weightOffset, biasOffset }] of layers.entries()) {
      const activation = l === layers.length - 1 ? ACTIVATION.identity : ACTIVATION[hidden];
      this.#view().set([inputs, outputs, activation, 4 * weightOffset, 4 * biasOffset], HEADER_WORDS + LAYER_WORDS * l);
    }
  }

  set(word: keyof typeof WORD, value: number): void {
    this.#view()[WORD[word]] = value;
  }

  /** Where layer `l` puts its outputs. */
  setLayer(l: number, y: number): void {
    this.#view()[HEADER_WORDS + LAYER_WORDS * l + 5] = y;
  }

  /** Made anew where growth has detached it. */
  #view(): Int32Array {
    if (this.#words.length !== this.#length) this.#words = this.#arena.words(this.offset, this.#length);
    return this.#words;
  }
}
