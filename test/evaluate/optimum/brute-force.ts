/**
 * The optimal hedge by enumeration, for tests: a binomial tree of few steps, every position of a grid at every node, every path. No dynamic
 * programming: costs are added up along whole paths, and each plan (a position for each node) is judged by the entropic cost of all its paths.
 */
export interface TreeProblem {
  readonly price: number;
  readonly up: number;
  readonly down: number;
  readonly upProbability: number;
  readonly payoff: (price: number) => number;
  /** One-way cost as a share of the price, and of every trade. */
  readonly rate: number;
  readonly fixed: number;
  readonly positions: readonly number[];
  readonly riskAversion: number;
}

/** Least entropic cost of two decisions (now, and at each of the two prices after one move), the hedge sold at the end. */
export function bestOfAllPlans(p: TreeProblem): { cost: number; plan: [number, number, number] } {
  const trade = (change: number, price: number) => (change === 0 ? 0 : Math.abs(change) * p.rate * price + p.fixed);
  const moves = [
    [p.up, p.upProbability],
    [p.down, 1 - p.upProbability],
  ] as const;
  let best: { cost: number; plan: [number, number, number] } = { cost: Number.POSITIVE_INFINITY, plan: [0, 0, 0] };
  for (const now of p.positions)
    for (const afterUp of p.positions)
      for (const afterDown of p.positions) {
        let sum = 0;
        for (const [i, [first, p1]] of moves.entries())
          for (const [second, p2] of moves) {
            const then = i === 0 ? afterUp : afterDown;
            const s1 = p.price * first;
            const s2 = s1 * second;
            const gain = now * (s1 - p.price) + then * (s2 - s1);
            const paid = trade(now, p.price) + trade(then - now, s1) + trade(-then, s2);
            sum += p1 * p2 * Math.exp(p.riskAversion * (p.payoff(s2) - gain + paid));
          }
        const cost = Math.log(sum) / p.riskAversion;
        if (cost < best.cost) best = { cost, plan: [now, afterUp, afterDown] };
      }
  return best;
}
