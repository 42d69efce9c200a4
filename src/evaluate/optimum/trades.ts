/** What the optimum does at one node: stays in [stayLow, stayHigh], and otherwise buys up to `buyTo` or sells down to `sellTo`. Units. */
export const TRADE = { stayLow: 0, buyTo: 1, sellTo: 2, stayHigh: 3 } as const;
export const TRADE_WIDTH = 4;
/** Stands for an edge beyond every hedge of the lattice: there staying is best. */
export const NO_EDGE = 1e9;

/**
 * One decision at one price. Reads `hold` [H], the value of leaving with each hedge; writes `value` [H], the least value of arriving with each,
 * and the four numbers of the trade at `out[at]`. With a proportional cost this is the infimal convolution of `hold` with |.|, by one pass
 * up and one down; with a fixed cost, staying where that is better. Edges are found between the nodes: targets by a parabola through
 * the three nodes around the least value, edges of staying by a straight line. Nothing is allocated.
 * @param buy @param sell cost of one unit, @param fixed cost of any trade; all in the unit of `hold`
 */
export function bestTrade(
  hold: Float64Array,
  value: Float64Array,
  hedges: Float64Array,
  buy: number,
  sell: number,
  fixed: number,
  out: Float64Array,
  at: number,
): void {
  const n = hedges.length;
  const step = hedges[1]! - hedges[0]!;
  let lowest = 0;
  let highest = 0;
  for (let k = 1; k < n; k++) {
    if (hold[k]! + buy * hedges[k]! < hold[lowest]! + buy * hedges[lowest]!) lowest = k;
    // The last among equals, so that without costs both targets agree.
    if (hold[k]! - sell * hedges[k]! < hold[highest]! - sell * hedges[highest]!) highest = k;
  }
  value[n - 1] = hold[n - 1]!;
  for (let k = n - 2; k >= 0; k--) value[k] = Math.min(hold[k]!, value[k + 1]! + buy * step);
  let below = hold[0]!;
  for (let k = 1; k < n; k++) {
    below = Math.min(hold[k]!, below + sell * step);
    if (below < value[k]!) value[k] = below;
  }
  if (fixed > 0) for (let k = 0; k < n; k++) value[k] = Math.min(hold[k]!, value[k]! + fixed);

  const buyTo = vertex(hold, hedges, step, lowest, buy);
  const sellTo = vertex(hold, hedges, step, highest, -sell);
  out[at + TRADE.buyTo] = buyTo;
  out[at + TRADE.sellTo] = Math.max(sellTo, buyTo);
  out[at + TRADE.stayLow] = fixed > 0 ? outerEdge(hold, hedges, lowest, -1, buy, fixed) : buyTo;
  out[at + TRADE.stayHigh] = fixed > 0 ? outerEdge(hold, hedges, highest, 1, -sell, fixed) : Math.max(sellTo, buyTo);
}

/** Where hold + slope x hedge is least near node k. */
function vertex(hold: Float64Array, hedges: Float64Array, step: number, k: number, slope: number): number {
  if (k === 0 || k === hedges.length - 1) return hedges[k]!;
  const left = hold[k - 1]! - slope * step;
  const right = hold[k + 1]! + slope * step;
  const curvature = left - 2 * hold[k]! + right;
  return curvature > 0 ? hedges[k]! + (0.5 * step * (left - right)) / curvature : hedges[k]!;
}

/** The first hedge, from the target outward, at which a trade to it saves more than its fixed cost. */
function outerEdge(
  hold: Float64Array,
  hedges: Float64Array,
  target: number,
  side: 1 | -1,
  slope: number,
  fixed: number,
): number {
  const least = hold[target]! + slope * hedges[target]! + fixed;
  let before = -fixed;
  for (let k = target + side; k >= 0 && k < hedges.length; k += side) {
    const saved = hold[k]! + slope * hedges[k]! - least;
    if (saved > 0) return hedges[k]! - side * Math.abs(hedges[1]! - hedges[0]!) * (saved / (saved - before));
    before = saved;
  }
  return side * NO_EDGE;
}
