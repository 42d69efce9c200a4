import type { Metaorder } from "./facts-sample.ts";
import { powerLawExponent } from "./power-law.ts";
import type { AdditiveStatistic } from "./resampled.ts";

const BINS = 12;
const FEWEST_PER_BIN = 20;
/** Blocks of successive orders that are resampled in the place of episodes. */
const BLOCKS = 200;
const PER_BIN = 4;

/**
 * The exponent d of move ~ size^d: orders in twelve bins of equal number by size, the mean move of each against its mean log size, by least
 * squares on logarithms weighted with (mean / standard error)², the inverse variance of a logarithm. Means first: the move of one order is mostly noise
 * and often negative. Bins whose mean is not positive drop out; NaN with fewer than 240 orders. Square-root law: Donier & Bonart (2015), 1/2.
 */
export function impactExponent(orders: readonly Metaorder[]): AdditiveStatistic {
  if (orders.length < BINS * FEWEST_PER_BIN) return { parts: [], value: () => Number.NaN };
  const sizes = Float64Array.from(orders, (o) => o.size).sort();
  const edges = Array.from({ length: BINS - 1 }, (_, j) => sizes[Math.floor(((j + 1) * sizes.length) / BINS)]!);
  const parts = Array.from({ length: BLOCKS }, () => new Float64Array(PER_BIN * BINS));
  for (const [i, { size, move }] of orders.entries()) {
    let bin = 0;
    while (bin < BINS - 1 && size >= edges[bin]!) bin++;
    const part = parts[Math.floor((i * BLOCKS) / orders.length)]!;
    const at = PER_BIN * bin;
    part[at]! += 1;
    part[at + 1]! += Math.log(size);
    part[at + 2]! += move;
    part[at + 3]! += move * move;
  }
  return {
    parts,
    value: (sums) => {
      const x: number[] = [];
      const y: number[] = [];
      const weights: number[] = [];
      for (let at = 0; at < sums.length; at += PER_BIN) {
        const n = sums[at]!;
        if (n < 2) continue;
        const mean = sums[at + 2]! / n;
        const variance = Math.max(sums[at + 3]! / n - mean * mean, 1e-12 * mean * mean);
        x.push(Math.exp(sums[at + 1]! / n));
        y.push(mean);
        weights.push((mean * mean * n) / variance);
      }
      return -powerLawExponent(x, y, { weights });
    },
  };
}
