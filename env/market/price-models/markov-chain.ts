import { ConfigError } from "../../../src/core/errors.ts";
import { matrixExponential } from "./matrix-exponential.ts";
import type { Regime } from "./price-model.ts";

/** A finite Markov chain in continuous time. */
export interface MarkovChain {
  readonly states: number;
  /** Mean stay in each state, years. [N] */
  readonly meanYears: Float64Array;
  /** Probability that the next state is at most j, given the present one. [N × N] */
  readonly cumulativeNext: Float64Array;
  /** Rates a year; rows add to 0. [N × N] */
  readonly generator: Float64Array;
  /** Shares of time spent in each state in the long run. [N] */
  readonly stationary: Float64Array;
}

function nextProbabilities(regimes: readonly Regime[], i: number): number[] {
  const n = regimes.length;
  const given = regimes[i]!.next;
  if (given === undefined) return regimes.map((_, j) => (n === 1 || j === i ? 0 : 1 / (n - 1)));
  const sum = given.reduce((s, p) => s + p, 0);
  const fine = given.length === n && given.every((p) => p >= 0) && given[i] === 0;
  if (fine && (n === 1 ? sum === 0 : Math.abs(sum - 1) < 1e-9)) return given.map((p) => (n === 1 ? 0 : p / sum));
  throw new ConfigError("The probabilities of the next regime are not a law over the other regimes.", {
    which: `scenario.market.price.regimes[${i}].next`,
    value: given,
    fix: `Give ${n} numbers of at least 0 that add to 1, one for each regime in order, with 0 at place ${i}.`,
  });
}

/** Solves pi Q = 0, sum pi = 1 by elimination with pivoting; undefined where the long run depends on the start. */
function stationaryLaw(generator: Float64Array, n: number): Float64Array | undefined {
  const rows = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: n + 1 }, (_, i) => (j === n - 1 ? 1 : i === n ? 0 : generator[i * n + j]!)),
  );
  const scale = generator.reduce((m, x) => Math.max(m, Math.abs(x)), 1);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    if (Math.abs(rows[pivot]![c]!) < 1e-13 * (pivot === n - 1 ? 1 : scale)) return undefined;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      for (let k = c; k <= n; k++) rows[r]![k]! -= factor * rows[c]![k]!;
    }
  }
  const law = Float64Array.from(rows, (row, i) => Math.max(0, row[n]! / row[i]!));
  const sum = law.reduce((s, p) => s + p, 0);
  return law.map((p) => p / sum);
}

/** The chain of a list of regimes. `hoursPerYear` turns their mean stays into years. Throws a ConfigError for a malformed `next`. */
export function markovChain(regimes: readonly Regime[], hoursPerYear: number): MarkovChain {
  const n = regimes.length;
  const meanYears = Float64Array.from(regimes, (r) => r.meanHours / hoursPerYear);
  const cumulativeNext = new Float64Array(n * n);
  const generator = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const next = nextProbabilities(regimes, i);
    let below = 0;
    for (let j = 0; j < n; j++) {
      below += next[j]!;
      cumulativeNext[i * n + j] = below;
      generator[i * n + j] = n === 1 ? 0 : (j === i ? -1 : next[j]!) / meanYears[i]!;
    }
  }
  const stationary = stationaryLaw(generator, n);
  if (stationary === undefined)
    throw new ConfigError("The regimes fall into groups that never meet: there is no long-run law.", {
      which: "scenario.market.price.regimes",
      value: regimes.map((r) => r.next),
      fix: "Give every regime a way to every other.",
    });
  return { states: n, meanYears, cumulativeNext, generator, stationary };
}

/** Mean and variance of the integral of `rates` (by state) over `years`, given the state at its start. Two arrays [N]. */
export function integralMoments(
  chain: MarkovChain,
  rates: Float64Array,
  years: number,
): { mean: Float64Array; variance: Float64Array } {
  // exp of [[Q, D, 0], [0, Q, D], [0, 0, Q]] holds the first moment in its second block and half the second moment in its third.
  const n = chain.states;
  const size = 3 * n;
  const block = new Float64Array(size * size);
  for (let part = 0; part < 3; part++)
    for (let i = 0; i < n; i++) {
      const row = (part * n + i) * size + part * n;
      for (let j = 0; j < n; j++) block[row + j] = chain.generator[i * n + j]!;
      if (part < 2) block[row + n + i] = rates[i]!;
    }
  const e = matrixExponential(block, size, years);
  const sum = (i: number, part: number) =>
    e.subarray(i * size + part * n, i * size + (part + 1) * n).reduce((s, x) => s + x, 0);
  const mean = Float64Array.from({ length: n }, (_, i) => sum(i, 1));
  return { mean, variance: mean.map((m, i) => Math.max(0, 2 * sum(i, 2) - m * m)) };
}
