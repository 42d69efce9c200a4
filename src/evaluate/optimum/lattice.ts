import type { HedgeProblem } from "./problem.ts";

/** Widths in standard deviations at which one interval's normal law and the whole domain end. */
export const INTERVAL_SDS = 7;
export const DOMAIN_SDS = 7;
/** Log-price nodes in one standard deviation of the horizon's log price, at resolution 1. */
const NODES_PER_SD = 22;
/** Hedge nodes for one unit of book, at resolution 1. */
const NODES_PER_UNIT = 100;
/** The hedge may go beyond the book's own deltas by this share of the book's size. */
const HEDGE_MARGIN = 0.15;

/** Log prices and hedges at which values are kept. */
export interface Lattice {
  /** Log price between nodes. */
  readonly step: number;
  /** Nodes to either side of the middle one. */
  readonly reach: number;
  /** Log price of the middle node at decision t: the mean of the log price. [T+1] */
  readonly middle: Float64Array;
  /** Probabilities of going -radius … +radius nodes over interval t, relative to the middle. */
  readonly laws: readonly Float64Array[];
  /** Hedges, units, evenly spaced, 0 among them. [H] */
  readonly hedges: Float64Array;
  readonly hedgeStep: number;
}

/**
 * Probabilities of an interval's log return on the nodes. The trapezoid rule with normal weights errs by exp(-2 pi^2 (sd/step)^2) on smooth
 * functions, less than 1e-8 from sd = step on; a shorter interval gets three nodes with the exact variance.
 */
export function intervalLaw(sd: number, step: number): Float64Array {
  const ratio = sd / step;
  if (ratio < 1) {
    const side = 0.5 * ratio * ratio;
    return Float64Array.of(side, 1 - 2 * side, side);
  }
  const radius = Math.ceil(INTERVAL_SDS * ratio);
  const law = Float64Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / ratio) ** 2));
  const sum = law.reduce((s, w) => s + w, 0);
  return law.map((w) => w / sum);
}

/**
 * Position that drift alone would hold: mean-variance, drift x unit / (a volatility^2 price), where the drift over the whole horizon pays a
 * purchase at all; else 0. Units.
 */
function speculation(p: HedgeProblem, riskAversion: number): number {
  const years = p.intervals.reduce((s, x) => s + x, 0);
  const excess = p.drift + (Math.log(p.growth[p.intervals.length]!) - Math.log(p.growth[0]!)) / years;
  const income = p.income.reduce((s, x) => s + x, 0) / years;
  const edge = excess + income;
  if (Math.abs(edge) * years <= Math.min(p.buyRate, p.sellRate)) return 0;
  return (edge * p.unitUsd) / (riskAversion * p.volatility ** 2 * p.initialPrice * p.carry);
}

/** The lattice of a problem; `resolution` 2 halves both spacings. The nodes move with the mean log price, so that every interval starts and ends on them. */
export function makeLattice(p: HedgeProblem, riskAversion: number, resolution: number): Lattice {
  const sds = p.intervals.map((years) => p.volatility * Math.sqrt(years));
  const total = Math.sqrt(sds.reduce((s, x) => s + x * x, 0));
  const step = Math.min(sds[0]!, total / NODES_PER_SD) / resolution;
  const middle = new Float64Array(p.intervals.length + 1);
  middle[0] = Math.log(p.initialPrice);
  for (const [t, years] of p.intervals.entries())
    middle[t + 1] = middle[t]! + (p.drift - 0.5 * p.volatility ** 2) * years;
  const hedgeStep = p.bookSize / (NODES_PER_UNIT * resolution);
  const own = HEDGE_MARGIN * p.bookSize;
  const drift = 1.5 * speculation(p, riskAversion);
  const low = Math.floor((Math.min(0, p.lowestTarget) - own + Math.min(0, drift)) / hedgeStep);
  const high = Math.ceil((Math.max(0, p.highestTarget) + own + Math.max(0, drift)) / hedgeStep);
  return {
    step,
    reach: Math.ceil((DOMAIN_SDS * total) / step),
    middle,
    laws: sds.map((sd) => intervalLaw(sd, step)),
    hedges: Float64Array.from({ length: high - low + 1 }, (_, k) => (low + k) * hedgeStep),
    hedgeStep,
  };
}
