import { makeMarket } from "../../../env/tasks/rebalance/make-market.ts";
import type { ScenarioData } from "../../../env/tasks/rebalance/scenario-data.ts";
import type { Split } from "../../core/random.ts";
import type { Experiment } from "../experiment.ts";
import { sortedQuantile } from "../statistics/quantile.ts";

export interface BaseFeeLevelsInput {
  readonly experiment: Experiment;
  readonly data: ScenarioData;
  readonly split: Split;
  readonly seed: number;
  readonly episodes?: number;
  readonly probabilities?: readonly number[];
}

/**
 * Quantiles of the base fee over all steps of the first episodes, gwei, ascending; levels within 1% of the one before are left out, so a
 * constant fee gives one level. At decisions, the policies saw fees like these.
 */
export function baseFeeLevels({
  experiment,
  data,
  split,
  seed,
  episodes = 32,
  probabilities = [0.1, 0.5, 0.9],
}: BaseFeeLevelsInput): number[] {
  const { scenario } = experiment;
  const market = makeMarket({ scenario, batch: 1, seed, split, data });
  const fees = new Float64Array(episodes * market.steps);
  for (let episode = 0; episode < episodes; episode++) {
    market.start(0, episode);
    for (let step = 0; step < market.steps; step++) {
      fees[episode * market.steps + step] = market.frame.baseFeeGwei[0]!;
      market.advance(0, step);
    }
  }
  fees.sort();
  const levels: number[] = [];
  for (const p of probabilities) {
    const level = sortedQuantile(fees, p);
    if (levels.length === 0 || level > 1.01 * levels.at(-1)!) levels.push(level);
  }
  return levels;
}
