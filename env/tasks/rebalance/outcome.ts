import { type Accounts, PART, PART_COUNT } from "./accounts.ts";

/** One finished episode, per environment that finished at the last step. Arrays [B]; costs and parts in the objective's unit. */
export interface EpisodeOutcome {
  readonly episode: Int32Array;
  readonly cost: Float64Array;
  readonly fees: Float64Array;
  readonly gas: Float64Array;
  readonly slippage: Float64Array;
  readonly maxDrawdown: Float64Array;
  /** Units of the underlying for one unit of book. */
  readonly turnover: Float64Array;
  readonly rebalances: Float64Array;
  readonly reverts: Float64Array;
  /** Share of decisions after which exposure stood outside the scenario's bounds. */
  readonly outsideBounds: Float64Array;
  /** Total delta for one unit of book after each decision's trade, under the account's delta convention, averaged over time. */
  readonly exposure: Float64Array;
  /** What a delta of one unit of book, held all along, would have earned: the price's move in the objective's unit. */
  readonly move: Float64Array;
  /** [B*PART_COUNT], profit parts in the objective's unit. */
  readonly attribution: Float64Array;
}

export function makeOutcome(batch: number): EpisodeOutcome {
  const b = () => new Float64Array(batch);
  return {
    episode: new Int32Array(batch),
    cost: b(),
    fees: b(),
    gas: b(),
    slippage: b(),
    maxDrawdown: b(),
    turnover: b(),
    rebalances: b(),
    reverts: b(),
    outsideBounds: b(),
    exposure: b(),
    move: b(),
    attribution: new Float64Array(batch * PART_COUNT),
  };
}

/** Writes the finished episode of environment b. `unit` is the objective's unit in USD, `outside` the share of decisions outside bounds, `exposure` the mean delta for one unit of book. */
export function recordOutcome(
  outcome: EpisodeOutcome,
  b: number,
  accounts: Accounts,
  episode: number,
  unit: number,
  bookSize: number,
  outside: number,
  exposure: number,
): void {
  const { totals, attribution } = accounts;
  const profit = accounts.numeraireProfit(b);
  outcome.episode[b] = episode;
  outcome.cost[b] = -profit / unit;
  outcome.fees[b] = totals.fees[b]! / unit;
  outcome.gas[b] = totals.gas[b]! / unit;
  outcome.slippage[b] = totals.slippage[b]! / unit;
  outcome.maxDrawdown[b] = totals.maxDrawdown[b]! / unit;
  outcome.turnover[b] = totals.turnover[b]! / bookSize;
  outcome.rebalances[b] = totals.rebalances[b]!;
  outcome.reverts[b] = totals.reverts[b]!;
  outcome.outsideBounds[b] = outside;
  outcome.exposure[b] = exposure;
  outcome.move[b] = (bookSize * (accounts.price[b]! - accounts.initialPrice[b]!)) / unit;
  for (let p = 0; p < PART_COUNT; p++)
    outcome.attribution[b * PART_COUNT + p] = attribution[b * PART_COUNT + p]! / unit;
  // Counted in coin, what all wealth gained or lost against the dollar is no profit: the collateral part takes it back.
  outcome.attribution[b * PART_COUNT + PART.collateral]! += (profit - accounts.profit[b]!) / unit;
}
