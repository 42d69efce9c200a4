import { ConfigError, ContractError, expectLength } from "../core/errors.ts";
import { Random } from "../core/random.ts";
import { type Dimension, expectDimensions, fromUnit, toUnit } from "./search/box.ts";
import { searchCma } from "./search/cma.ts";
import { searchGoldenSection } from "./search/golden-section.ts";
import { lowDiscrepancyPoints } from "./search/low-discrepancy.ts";
import { refineNelderMead } from "./search/nelder-mead.ts";

export interface TuneInput {
  readonly dimensions: readonly Dimension[];
  /**
   * The objective, lower is better, of `params` [dimensions] on episodes `from` … `from + count - 1` of the training seeds, on common random
   * numbers: the same parameters give the same number. May return +Infinity (ruin), never NaN.
   */
  readonly evaluate: (params: Float64Array, episodesFrom: number, episodesCount: number) => number;
  /**
   * Points that are tried on all episodes first, e.g. a band so wide that nothing is traded, or so narrow that it is delta hedging. They may lie
   * outside the box. The result is never worse than any of them.
   */
  readonly anchors?: readonly Float64Array[];
  /** True where an anchor is known to be good, as the optimum of a simpler rule is: the search is around the best anchor, not all over the box. */
  readonly local?: boolean;
  readonly budget: {
    /** Calls of `evaluate` at most; {@link defaultTrials} unless told. */
    readonly trials?: number;
    /** Episodes of a full evaluation. */
    readonly episodes: number;
  };
  readonly seed: number | string;
}

export type TunePhase = "anchor" | "screen" | "promote" | "search" | "refine";

export interface Trial {
  readonly params: Float64Array;
  readonly objective: number;
  readonly episodes: number;
  readonly phase: TunePhase;
}

export interface TuneResult {
  readonly params: Float64Array;
  /** On all episodes of the budget. */
  readonly objective: number;
  /** Calls of `evaluate`. */
  readonly trials: number;
  /** Episodes simulated, over all trials. */
  readonly episodes: number;
  readonly history: readonly Trial[];
  /** Names of dimensions whose tuned value lies within 0.1% of an edge of the box: the box may be too small. */
  readonly atEdge: readonly string[];
}

/** Trials that a rule of d parameters gets unless told: 60 for one, 396 for eight, at most 600. */
export function defaultTrials(dimensions: number): number {
  return dimensions === 0 ? 1 : Math.min(600, 12 + 48 * dimensions);
}

interface Known {
  readonly u: Float64Array;
  readonly params: Float64Array;
  readonly value: number;
}

/** Evaluates within the budget, and remembers. */
class Bench {
  readonly history: Trial[] = [];
  readonly byEpisodes = new Map<number, Known[]>();
  readonly #input: TuneInput;
  readonly #trials: number;

  constructor(input: TuneInput, trials: number) {
    this.#input = input;
    this.#trials = trials;
  }

  get left(): number {
    return this.#trials - this.history.length;
  }

  at(episodes: number): Known[] {
    const known = this.byEpisodes.get(episodes) ?? [];
    this.byEpisodes.set(episodes, known);
    return known;
  }

  evaluate(u: Float64Array, episodes: number, phase: TunePhase, exact?: Float64Array): Known | undefined {
    if (this.left <= 0) return undefined;
    const params = exact ?? fromUnit(this.#input.dimensions, u);
    const value = this.#input.evaluate(params, 0, episodes);
    if (Number.isNaN(value))
      throw new ContractError("The objective of a trial is not a number.", {
        which: this.#input.dimensions.map(({ name }, i) => `${name} = ${params[i]}`).join(", "),
        value,
        fix: "Find out why the episodes' accounting broke at these parameters.",
      });
    const known = { u: Float64Array.from(u), params: Float64Array.from(params), value };
    this.history.push({ params: known.params, objective: value, episodes, phase });
    this.at(episodes).push(known);
    return known;
  }
}

/** The best `count` points, one of each exact value: equal costs on common random numbers are the same behaviour (a plateau). */
function bestDistinct(points: readonly Known[], count: number): Known[] {
  const sorted = [...points].sort((a, b) => a.value - b.value);
  return sorted.filter((point, i) => i === 0 || point.value !== sorted[i - 1]!.value).slice(0, count);
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
}

/**
 * Tunes a rule's parameters: anchors and start on all episodes; an even screen of the whole box on an eighth of the episodes; the best of it
 * promoted to more episodes (successive halving, Jamieson and Talwalkar, 2016); a local search from the best basins; a last refinement on all
 * episodes. One parameter is searched by golden section, more by covariance matrix adaptation with a quadratic model, then downhill simplex.
 * The same seed gives the same result.
 * @throws ConfigError for a malformed range or a budget too small, ContractError where an objective is NaN
 */
export function tune(input: TuneInput): TuneResult {
  const { dimensions, budget } = input;
  const d = dimensions.length;
  expectDimensions(dimensions);
  const anchors = input.anchors ?? [];
  for (const [i, anchor] of anchors.entries()) expectLength(anchor, d, `anchors[${i}]`);
  const trials = budget.trials ?? Math.max(defaultTrials(d), 1 + anchors.length);
  if (!Number.isInteger(budget.episodes) || budget.episodes < 1)
    throw new ConfigError("Tuning needs episodes.", { which: "budget.episodes", value: budget.episodes });
  if (!Number.isInteger(trials) || trials < 1 + anchors.length)
    throw new ConfigError("Tuning needs more trials.", {
      which: "budget.trials",
      value: trials,
      fix: `Give at least ${1 + anchors.length}: the start and every anchor.`,
    });

  const full = budget.episodes;
  const bench = new Bench(input, trials);
  const start = Float64Array.from(dimensions, (dimension) => dimension.start);
  const known = [start, ...anchors].map(
    (params) => bench.evaluate(toUnit(dimensions, params), full, "anchor", params)!,
  );
  if (d === 1) tuneOne(bench, full, known, input.seed);
  else if (d > 1) tuneMany(bench, full, known, d, input.seed, input.local ? LOCAL : GLOBAL);

  const best = bench.at(full).reduce((a, b) => (b.value < a.value ? b : a));
  return {
    params: Float64Array.from(best.params),
    objective: best.value,
    trials: bench.history.length,
    episodes: bench.history.reduce((sum, trial) => sum + trial.episodes, 0),
    history: bench.history,
    atEdge: dimensions.filter((_, i) => best.u[i]! < 1e-3 || best.u[i]! > 1 - 1e-3).map(({ name }) => name),
  };
}

function screen(bench: Bench, points: readonly Float64Array[], full: number): Known[] {
  const low = Math.max(Math.min(full, 32), Math.ceil(full / 8));
  return points.map((u) => bench.evaluate(u, low, "screen")).filter((point) => point !== undefined);
}

function tuneOne(bench: Bench, full: number, known: readonly Known[], seed: number | string): void {
  const random = new Random(seed, "evaluate/tuner");
  const count = Math.max(1, Math.round(0.35 * bench.left));
  // One point in each of equal strata.
  const points = Array.from({ length: count }, (_, i) => Float64Array.of((i + random.uniform()) / count));
  const promoted = bestDistinct(screen(bench, points, full), Math.max(1, Math.round(0.2 * bench.left)))
    .map(({ u }) => bench.evaluate(u, full, "promote"))
    .filter((point) => point !== undefined);
  const step = 1 / count;
  const first = bestDistinct([...promoted, ...known], 1)[0]!;
  const search = (from: Known, trials: number) => {
    const stop = bench.left - trials;
    const evaluate = (x: number) =>
      bench.left > stop ? bench.evaluate(Float64Array.of(x), full, "refine")?.value : undefined;
    searchGoldenSection({ x: from.u[0]!, value: from.value }, step, evaluate, 1e-4);
  };
  search(first, Math.ceil(0.65 * bench.left));
  // A second basin, away from the first.
  const second = bestDistinct([...promoted, ...known], promoted.length + known.length).find(
    (point) => distance(point.u, first.u) > 1.5 * step,
  );
  if (second !== undefined && bench.left > 4) search(second, bench.left);
}

/** How a budget is shared out, and how far the search reaches at first, as a part of the box. */
interface Strategy {
  /** Part of the trials that look all over the box, and that search from the best basin. */
  readonly screen: number;
  readonly search: number;
  readonly sigma: number;
}
const GLOBAL: Strategy = { screen: 0.25, search: 0.36, sigma: 0.15 };
const LOCAL: Strategy = { screen: 0.05, search: 0.65, sigma: 0.05 };

function tuneMany(
  bench: Bench,
  full: number,
  known: readonly Known[],
  d: number,
  seed: number | string,
  strategy: Strategy,
): void {
  const random = new Random(seed, "evaluate/tuner");
  const mid = Math.max(Math.min(full, 32), Math.ceil(full / 2));
  const budget = bench.left;
  const screened = screen(bench, lowDiscrepancyPoints(Math.round(strategy.screen * budget), d, random), full);
  // The screen's best, the start and the anchors meet on half of the episodes.
  for (const { u } of [...bestDistinct(screened, Math.max(2, Math.round(0.07 * budget))), ...bestDistinct(known, 3)])
    bench.evaluate(u, mid, "promote");

  const basins = bestDistinct(bench.at(mid), bench.at(mid).length);
  let from: Known | undefined = basins[0];
  let factor: Float64Array | undefined;
  let best = Number.POSITIVE_INFINITY;
  const searched: Float64Array[] = [];
  // Too few trials for a search and a refinement: a local search takes all but a last look at its best.
  const hurried = strategy === LOCAL && budget < 6 * d;
  const reserve = hurried ? 2 : Math.round(0.22 * budget);
  // The first basin gets most of the trials; what it leaves goes to basins far from those searched.
  for (let restart = 0; from !== undefined && bench.left > reserve + (hurried ? 0 : 2 * d); restart++) {
    const share = hurried ? 1 : restart === 0 ? strategy.search : 0.12;
    const stop = Math.max(reserve, bench.left - Math.round(share * budget));
    const evaluate = (u: Float64Array) => (bench.left > stop ? bench.evaluate(u, mid, "search")?.value : undefined);
    searched.push(from.u);
    const result = searchCma({ start: from.u, sigma: strategy.sigma, random, evaluate, archive: bench.at(mid) });
    const value = bestDistinct(bench.at(mid), 1)[0]!.value;
    if (value < best) {
      best = value;
      factor = result.factor;
    }
    from = basins.find((basin) => searched.every((u) => distance(u, basin.u) > 0.15));
  }

  for (const { u } of bestDistinct(bench.at(mid), Math.max(2, Math.round(0.02 * budget))))
    bench.evaluate(u, full, "promote");
  refine(bench, full, d, factor);
  // A budget too small for the search still buys a full look at the next best of the screen.
  for (const { u } of bestDistinct(screened, screened.length))
    if (bench.at(full).every((point) => distance(point.u, u) > 0)) bench.evaluate(u, full, "promote");
}

/** Downhill simplex on all episodes, shaped by the search's covariance, started again from the best while trials are left. */
function refine(bench: Bench, full: number, d: number, factor: Float64Array | undefined): void {
  const evaluate = (u: Float64Array) => bench.evaluate(u, full, "refine")?.value;
  for (let size = 1; bench.left > d + 2 && size > 1e-3; size /= 4) {
    const best = bestDistinct(bench.at(full), 1)[0]!;
    const simplex: { u: Float64Array; value: number }[] = [best];
    for (let k = 0; k < d; k++) {
      const edge = best.u.map((x, i) => {
        const shape = size * (factor?.[i * d + k] ?? 0) + (i === k ? 0.005 * size : 0);
        // Away from a wall of the box.
        return x + shape > 1 || x + shape < 0 ? x - shape : x + shape;
      });
      const u = edge.map((x) => Math.min(1, Math.max(0, x)));
      const value = evaluate(u);
      if (value === undefined) return;
      simplex.push({ u, value });
    }
    refineNelderMead(simplex, evaluate, 1e-4);
  }
}
