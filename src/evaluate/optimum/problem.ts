/**
 * The hedging problem of one book in numbers, as the ledger accounts for it (env/tasks/rebalance): everything in USD at the horizon, where
 * cash has grown at the risk-free rate. Prices follow geometric Brownian motion between decisions.
 */
export interface HedgeProblem {
  readonly initialPrice: number;
  /** A year. */
  readonly drift: number;
  /** A square-root year. */
  readonly volatility: number;
  /** Years from each decision to the next; the last ends at the horizon. [T] */
  readonly intervals: readonly number[];
  /** USD at the horizon of one USD at decision t; 1 at the horizon. [T+1] */
  readonly growth: readonly number[];
  /** Income of one unit held over interval t, as a fraction of the price at its start, paid at its end. [T] */
  readonly income: readonly number[];
  /** Profit of one unit for a price change of 1: above 1 for a perpetual marked above the index. */
  readonly carry: number;
  /** Cost of buying or selling one unit, as a fraction of the index price. */
  readonly buyRate: number;
  readonly sellRate: number;
  /** Fixed cost of every trade: `fixedUsd` + `fixedShare` x price. */
  readonly fixedUsd: number;
  readonly fixedShare: number;
  /** Premium received at the start, USD. */
  readonly premium: number;
  /** Sum of absolute leg quantities, units of the underlying. */
  readonly bookSize: number;
  /** Positions that the book's own delta can ask for, units. */
  readonly lowestTarget: number;
  readonly highestTarget: number;
  /** Value of the book at the horizon, USD, at a price. */
  readonly bookValue: (price: number) => number;
  /** Units that delivery brings in (negative: takes away) at the horizon, at a price; always 0 unless the rule is `settle`. */
  readonly delivered: (price: number) => number;
  /** False where the hedge is left at the mark. */
  readonly closes: boolean;
  /** The objective's unit, USD. */
  readonly unitUsd: number;
}

/** Cost of changing the position by `change` units at a price, USD then. */
export function tradeCost(p: HedgeProblem, change: number, price: number): number {
  if (change === 0) return 0;
  const rate = change > 0 ? p.buyRate : p.sellRate;
  return Math.abs(change) * rate * price + p.fixedUsd + p.fixedShare * price;
}

/** Cost of ending with `held` units at a price, USD: the book's loss, and closing what delivery leaves of the hedge. */
export function terminalCost(p: HedgeProblem, held: number, price: number): number {
  let cost = -p.bookValue(price);
  if (!p.closes) return cost;
  const units = p.delivered(price);
  // Only what is held with the opposite sign of the delivery is closed by it (Ledger.deliver).
  const left = held * units < 0 ? Math.sign(held) * Math.max(0, Math.abs(held) - Math.abs(units)) : held;
  cost += tradeCost(p, -left, price);
  return cost;
}
