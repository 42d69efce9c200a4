import { type Arena, ArenaWords } from "./arena.ts";
import type { MlpLayout } from "./layout.ts";
import { forwardWeights, padded, SPARE, weightGradientScratch } from "./panels.ts";

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
  edges: 14,
  old: 15,
} as const;
const HEADER_WORDS = 16;
const LAYER_WORDS = 6;

/** The kernel's numbers for the activations; any other is the identity. */
const ACTIVATION = { identity: 0, tanh: 1, relu: 2 } as const;
/** Rows that the kernel takes through all layers together. */
const BLOCK = 64;

/** The largest padded number of inputs or outputs of a layer. */
function widestOf({ layers }: MlpLayout): number {
  return Math.max(...layers.map(({ inputs, outputs }) => padded(Math.max(inputs, outputs))));
}

/** Floats of the weights and biases as a forward pass copies them. */
function forwardPanels({ layers }: MlpLayout): number {
  return layers.reduce((floats, { inputs, outputs }) => floats + forwardWeights(inputs, outputs) + padded(outputs), 0);
}

/**
 * Floats of scratch that one thread needs. Forward: weights in panels, room for a tile and four rows at edges. Backward: transposed weights in
 * panels, two blocks of rows of the widest layer, a tile, four rows, and a block's panels of 64 columns and of four with a tile again.
 */
export function scratchFloats(layout: MlpLayout): number {
  const widest = widestOf(layout);
  const transposed = layout.layers.reduce((floats, { inputs, outputs }) => floats + outputs * padded(inputs), 0);
  return Math.max(
    forwardPanels(layout) + SPARE + 4 * widest,
    transposed + 2 * BLOCK * widest + SPARE + 4 * widest + weightGradientScratch(BLOCK),
  );
}

/** The words of one network in an arena. */
export class NetworkWords {
  readonly offset: number;
  readonly #words: ArenaWords;

  constructor(arena: Arena, layout: MlpLayout, hidden: keyof typeof ACTIVATION) {
    const { layers } = layout;
    this.#words = new ArenaWords(arena, HEADER_WORDS + LAYER_WORDS * layers.length);
    this.offset = this.#words.offset;
    this.set("layers", layers.length);
    this.set("widest", widestOf(layout));
    this.set("edges", 4 * forwardPanels(layout));
    for (const [l, { inputs, outputs, weightOffset, biasOffset }] of layers.entries()) {
      const activation = l === layers.length - 1 ? ACTIVATION.identity : ACTIVATION[hidden];
      this.#words.view.set(
        [inputs, outputs, activation, 4 * weightOffset, 4 * biasOffset],
        HEADER_WORDS + LAYER_WORDS * l,
      );
    }
  }

  set(word: keyof typeof WORD, value: number): void {
    this.#words.view[WORD[word]] = value;
  }

  get(word: keyof typeof WORD): number {
    return this.#words.view[WORD[word]]!;
  }

  /** Where layer `l` puts its outputs. */
  setLayer(l: number, y: number): void {
    this.#words.view[HEADER_WORDS + LAYER_WORDS * l + 5] = y;
  }
}
