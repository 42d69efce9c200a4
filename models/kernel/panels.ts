/** What models/kernel/assembly/panels.ts and thin.ts need of memory, in floats. */

/** The next multiple of 8. */
export function padded(n: number): number {
  return Math.ceil(n / 8) * 8;
}

/** A tile that hangs over an edge. */
export const SPARE = 32;

/** Outputs up to which a layer has no panels. */
export const THIN = 4;

/** The weights of a layer as a forward pass copies them. */
export function forwardWeights(inputs: number, outputs: number): number {
  return outputs <= THIN ? outputs * padded(inputs) : inputs * padded(outputs);
}

/** Columns that `addTransposed` has in panels at a time. */
const GROUP = 64;

/** Scratch of `addTransposed` over a block of `rows`. */
export function weightGradientScratch(rows: number): number {
  return (GROUP + 4) * rows + SPARE;
}
