import { ConfigError } from "../../core/errors.ts";
import { type Lattice, makeLattice } from "./lattice.ts";
import { type HedgeProblem, terminalCost } from "./problem.ts";
import { bestTrade, TRADE_WIDTH } from "./trades.ts";

/** The optimal trades of a problem on its lattice: plain data. */
export interface Optimum {
  readonly riskAversion: number;
  /** The least entropic cost of the whole episode, in the objective's unit, from an unhedged start. */
  readonly value: number;
  /** Log price between nodes, and of the first node at each decision. [T] */
  readonly step: number;
  readonly first: Float64Array;
  readonly nodes: number;
  /** TRADE_WIDTH numbers a node, [T*nodes*TRADE_WIDTH]; units of the underlying. Nodes that no path reaches hold their nearest reached one's. */
  readonly trades: Float64Array;
}

export interface SolveOptions {
  /** 2 halves the spacings of price and hedge. */
  readonly resolution?: number;
  /** Takes the place of the problem's own lattice, e.g. a binomial tree. */
  readonly lattice?: Lattice;
}

/** Numbers of the table of trades at most: 160 MB. */
const LARGEST_TABLE = 2e7;
/** Hedge nodes at most; beyond them the optimum is a speculation on the drift. */
const MOST_HEDGES = 2000;

/** Why the problem is too large to solve, or undefined. */
export function tooLarge(p: HedgeProblem, riskAversion: number): string | undefined {
  const { reach, hedges } = makeLattice(p, riskAversion, 1);
  if (p.intervals.length * (2 * reach + 1) * TRADE_WIDTH > LARGEST_TABLE)
    return `its ${p.intervals.length} decisions make too large a table.`;
  if (hedges.length > MOST_HEDGES)
    return `at risk aversion ${riskAversion} its drift asks for positions many times the book: a speculation, not a hedge.`;
  return undefined;
}

/**
 * The optimum of hedging under an entropic objective (1/a) ln E exp(a c), discrete decisions, proportional costs and a fixed cost of each trade
 * (S. Hodges & A. Neuberger, Review of Futures Markets 8, 1989; M. Davis, V. Panas & T. Zariphopoulou, SIAM J. Control Optim. 31, 1993).
 * For exponential utility costs so far factor out, so the state is (decision, price, hedge):
 *   G_t(S, h) = min over h' of  cost(h' - h, S) + (1/a) ln E exp(a [ -(gain of h' from S to S') + G_{t+1}(S', h') ]).
 * Prices live on nodes that move with the mean log price (lattice.ts); expectations are sums over nodes with normal weights, cut at
 * seven standard deviations of an interval. For a short call the uncut expectation is infinite at any risk aversion (a lognormal has no
 * exponential moment): what lies beyond seven standard deviations of one interval is met once in 10^12 decisions and is left out.
 * @throws ConfigError where the problem is too large, see {@link tooLarge}
 */
export function solveOptimum(p: HedgeProblem, riskAversion: number, options: SolveOptions = {}): Optimum {
  const reason = tooLarge(p, riskAversion);
  if (reason !== undefined || !(riskAversion > 0))
    throw new ConfigError(`There is no dp-optimum: ${reason ?? "it needs a risk aversion above 0."}`, {
      which: "riskAversion",
      value: riskAversion,
      fix: "Use a higher risk aversion, or fewer decisions.",
    });
  const lattice = options.lattice ?? makeLattice(p, riskAversion, options.resolution ?? 1);
  const { hedges, reach, step, middle } = lattice;
  const H = hedges.length;
  const N = 2 * reach + 1;
  const T = p.intervals.length;
  const trades = new Float64Array(T * N * TRADE_WIDTH);
  const first = Float64Array.from({ length: T }, (_, t) => middle[t]! - reach * step);
  const priceAt = (t: number, i: number) => Math.exp(middle[t]! + (i - reach) * step);
  let next: Float64Array = new Float64Array(N * H);
  let now: Float64Array = new Float64Array(N * H);
  for (let i = 0; i < N; i++) {
    const price = priceAt(T, i);
    for (let k = 0; k < H; k++) next[i * H + k] = terminalCost(p, hedges[k]!, price) / p.unitUsd;
  }
  const expectation = new Expectation(N, H, riskAversion);
  const hold = new Float64Array(H);
  for (let t = T - 1; t >= 0; t--) {
    const growth = p.growth[t]! / p.unitUsd;
    const growthNext = p.growth[t + 1]! / p.unitUsd;
    for (let i = 0; i < N; i++) {
      const worth = p.carry * growthNext * priceAt(t + 1, i);
      for (let k = 0; k < H; k++) next[i * H + k]! -= hedges[k]! * worth;
    }
    const [low, high] = reached(lattice, t);
    expectation.prepare(next, ...reached(lattice, t + 1));
    for (let i = low; i <= high; i++) {
      const price = priceAt(t, i);
      expectation.at(i, lattice.laws[t]!, hold);
      const paid = p.carry * price * (growth - p.income[t]! * growthNext);
      for (let k = 0; k < H; k++) hold[k]! += hedges[k]! * paid;
      bestTrade(
        hold,
        now.subarray(i * H, (i + 1) * H),
        hedges,
        p.buyRate * price * growth,
        p.sellRate * price * growth,
        (p.fixedUsd + p.fixedShare * price) * growth,
        trades,
        (t * N + i) * TRADE_WIDTH,
      );
    }
    spread(trades, t * N * TRADE_WIDTH, N, low, high);
    [next, now] = [now, next];
  }
  const start = reach * H + hedges.indexOf(0);
  const value = next[start]! - (p.premium * p.growth[0]!) / p.unitUsd;
  return { riskAversion, value, step, first, nodes: N, trades };
}

/** The nodes that a path can be at, at decision t: the first and the last. */
function reached({ laws, reach }: Lattice, t: number): [number, number] {
  let far = 0;
  for (let u = 0; u < t && far < reach; u++) far += (laws[u]!.length - 1) / 2;
  far = Math.min(far, reach);
  return [reach - far, reach + far];
}

/** Gives nodes beyond the reached ones the trades of the nearest, so that a look-up there is defined. */
function spread(trades: Float64Array, from: number, nodes: number, low: number, high: number): void {
  for (let i = 0; i < nodes; i++) {
    const nearest = Math.min(high, Math.max(low, i));
    if (nearest === i) continue;
    for (let f = 0; f < TRADE_WIDTH; f++)
      trades[from + i * TRADE_WIDTH + f] = trades[from + nearest * TRADE_WIDTH + f]!;
  }
}

/**
 * (1/a) ln of the weighted sum of exp(a x) over a window of nodes, for all hedges at once. Exponentials are taken of differences between
 * neighbouring nodes only and multiplied outward from the window's middle, so that no number is large unless the window itself is.
 */
class Expectation {
  readonly #hedges: number;
  readonly #riskAversion: number;
  /** exp(a (x[i+1] - x[i])) */
  readonly #ratios: Float64Array;
  readonly #inverse: Float64Array;
  readonly #factor: Float64Array;
  readonly #sum: Float64Array;
  #values: Float64Array = new Float64Array(0);
  #low = 0;
  #high = 0;

  constructor(nodes: number, hedges: number, riskAversion: number) {
    this.#hedges = hedges;
    this.#riskAversion = riskAversion;
    this.#ratios = new Float64Array(nodes * hedges);
    this.#inverse = new Float64Array(nodes * hedges);
    this.#factor = new Float64Array(hedges);
    this.#sum = new Float64Array(hedges);
  }

  /** Takes x [nodes*H], of which the nodes low … high hold values. */
  prepare(values: Float64Array, low: number, high: number): void {
    const H = this.#hedges;
    this.#values = values;
    this.#low = low;
    this.#high = high;
    for (let j = low * H; j < high * H; j++) {
      const ratio = Math.exp(this.#riskAversion * (values[j + H]! - values[j]!));
      this.#ratios[j] = ratio;
      this.#inverse[j] = 1 / ratio;
    }
  }

  /** Writes the result for every hedge at node i. [H] */
  at(i: number, law: Float64Array, out: Float64Array): void {
    const H = this.#hedges;
    const radius = (law.length - 1) / 2;
    const sum = this.#sum;
    const up = Math.min(radius, this.#high - i);
    const down = Math.min(radius, i - this.#low);
    let mass = 0;
    for (let k = -down; k <= up; k++) mass += law[radius + k]!;
    sum.fill(law[radius]!);
    this.#outward(this.#ratios, i * H, H, law, radius, 1, up);
    this.#outward(this.#inverse, (i - 1) * H, -H, law, radius, -1, down);
    for (let h = 0; h < H; h++) {
      const s = sum[h]! / mass;
      out[h] = Number.isFinite(s)
        ? this.#values[i * H + h]! + Math.log(s) / this.#riskAversion
        : this.#slowly(i, h, law, mass);
    }
  }

  /** Adds the terms of `count` nodes to one side of the window's middle; four nodes at a time, which halves the traffic of memory. */
  #outward(
    ratios: Float64Array,
    from: number,
    stride: number,
    law: Float64Array,
    middle: number,
    side: 1 | -1,
    count: number,
  ): void {
    const H = this.#hedges;
    const factor = this.#factor;
    const sum = this.#sum;
    factor.fill(1);
    let row = from;
    let k = 1;
    for (; k + 3 <= count; k += 4, row += 4 * stride) {
      const w1 = law[middle + side * k]!;
      const w2 = law[middle + side * (k + 1)]!;
      const w3 = law[middle + side * (k + 2)]!;
      const w4 = law[middle + side * (k + 3)]!;
      const row2 = row + stride;
      const row3 = row2 + stride;
      const row4 = row3 + stride;
      for (let h = 0; h < H; h++) {
        const f1 = factor[h]! * ratios[row + h]!;
        const f2 = f1 * ratios[row2 + h]!;
        const f3 = f2 * ratios[row3 + h]!;
        const f4 = f3 * ratios[row4 + h]!;
        sum[h]! += w1 * f1 + w2 * f2 + (w3 * f3 + w4 * f4);
        factor[h] = f4;
      }
    }
    for (; k <= count; k++, row += stride) {
      const w = law[middle + side * k]!;
      for (let h = 0; h < H; h++) {
        factor[h]! *= ratios[row + h]!;
        sum[h]! += w * factor[h]!;
      }
    }
  }

  /** The same for one hedge where a window spans more than a double can: relative to its largest exponent. */
  #slowly(i: number, h: number, law: Float64Array, mass: number): number {
    const a = this.#riskAversion;
    const radius = (law.length - 1) / 2;
    const from = Math.max(this.#low, i - radius);
    const to = Math.min(this.#high, i + radius);
    const at = (j: number) => this.#values[j * this.#hedges + h]!;
    let top = Number.NEGATIVE_INFINITY;
    for (let j = from; j <= to; j++) top = Math.max(top, at(j));
    let sum = 0;
    for (let j = from; j <= to; j++) sum += law[j - i + radius]! * Math.exp(a * (at(j) - top));
    return top + Math.log(sum / mass) / a;
  }
}
