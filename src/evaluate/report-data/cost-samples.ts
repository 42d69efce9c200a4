import type { PlayedContender } from "../compare.ts";

/** Episode costs of one contender, in the objective's unit. */
export interface CostSample {
  readonly id: string;
  readonly costs: readonly number[];
}

/**
 * Every contender's episode costs, in episode order, at most `max` of each, evenly spaced. Training seeds of something learned are pooled,
 * one after the other.
 */
export function costSamples(played: readonly PlayedContender[], max = 2000): CostSample[] {
  return played.map(({ id, tables }) => {
    const all = tables.flatMap((table) => Array.from(table.costs));
    if (all.length <= max) return { id, costs: all };
    return { id, costs: Array.from({ length: max }, (_, i) => all[Math.floor((i * all.length) / max)]!) };
  });
}
