import type { InitialGains, Network } from "../../src/core/contracts/network.ts";
import type { Random } from "../../src/core/random.ts";

export type OrthogonalGains = InitialGains;

/**
 * Orthogonal weights (Saxe et al. 2014) and zero biases, in place. Each weight matrix has orthonormal rows or columns, whichever are
 * fewer, times its gain; the directions are uniform (Haar). A network that draws its own parameters is asked to do so instead.
 */
export function orthogonalInitialise(network: Network, random: Random, gains: OrthogonalGains): void {
  if (network.initialise) {
    network.initialise(random, gains);
    return;
  }
  const { slices, values } = network.parameters;
  const weights = slices.filter((slice) => slice.shape.length === 2);
  values.fill(0);
  for (const [i, { shape, offset, length }] of weights.entries()) {
    const gain = i === weights.length - 1 ? gains.outputGain : (gains.hiddenGain ?? Math.SQRT2);
    orthogonalMatrix(values.subarray(offset, offset + length), [shape[0]!, shape[1]!], gain, random);
  }
}

/** Writes `gain` times a matrix [rows*columns] with orthonormal rows or columns, whichever are fewer. */
export function orthogonalMatrix(
  out: Float32Array,
  [rows, columns]: readonly [number, number],
  gain: number,
  random: Random,
): void {
  const basis = orthonormalRows(Math.min(rows, columns), Math.max(rows, columns), random);
  const wide = rows <= columns;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      // A gain of 0 must not leave -0, which other formats would show.
      out[r * columns + c] = gain === 0 ? 0 : gain * (wide ? basis[r]![c]! : basis[c]![r]!);
}

/** `count` orthonormal vectors of `width` >= count by Gram-Schmidt on normal draws, done twice for accuracy ("twice is enough", Parlett). */
function orthonormalRows(count: number, width: number, random: Random): Float64Array[] {
  const rows: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const row = Float64Array.from({ length: width }, () => random.normal());
    for (let pass = 0; pass < 2; pass++)
      for (const earlier of rows) {
        const along = dot(row, earlier);
        for (let j = 0; j < width; j++) row[j]! -= along * earlier[j]!;
      }
    const norm = Math.sqrt(dot(row, row));
    rows.push(row.map((v) => v / norm));
  }
  return rows;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
