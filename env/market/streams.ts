/** The `index` of each exogenous stream in the indexed draws of an episode; the bin is the simulation step. */
export const STREAM = {
  /** Return of the step. */
  price: 0,
  /** Where inside the step's bridge an included transaction finds the price. */
  bridge: 1,
  impliedVolatility: 2,
  /** Reverts of transactions, one a slot: 8 + slot. */
  revert: 8,
  /** Where a recorded window starts; bin 0 for the price, 1 for the fee. */
  window: 4,
  // 16 to 63: env/chain/fee-market.ts; 64 to 127: price models; 200 to 223: outages and inclusion; 4096 to 36871: order flow.
} as const;
