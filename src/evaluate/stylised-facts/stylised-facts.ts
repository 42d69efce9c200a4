import { ContractError, expectLength } from "../../core/errors.ts";
import { autocorrelation } from "./autocorrelation.ts";
import { meanCorrelation } from "./correlation.ts";
import type { FactRow, FactsSample } from "./facts-sample.ts";
import { fanoFactor } from "./fano.ts";
import { hillIndex } from "./hill.ts";
import { impactExponent } from "./impact.ts";
import { excessKurtosis, kurtosisRatio } from "./kurtosis.ts";
import { LOG_LAGS, powerLawExponent } from "./power-law.ts";
import { type AdditiveStatistic, type BootstrapOptions, type Estimated, estimated } from "./resampled.ts";
import { aggregated } from "./series.ts";

const BASE_SECONDS = 300;
/** Aggregation of the kurtosis's second return: the longest of these, in base returns, that leaves 200 values. */
const COARSE = [288, 96, 24, 12];
const FEWEST_COARSE = 200;
const NO_MEMORY_LAGS = Array.from({ length: 19 }, (_, i) => i + 2);
const FIRST_LAGS = [1, 2, 3];
const LEVERAGE_LAGS = Array.from({ length: 10 }, (_, i) => i + 1);
const TAIL_SHARE = 0.02;

const powerOf = (acf: readonly number[], noise: number): number =>
  powerLawExponent(LOG_LAGS, acf, { floor: 2 * noise });

/** How a row is judged: marks with an interval need the whole of it, and the point estimate where there is none. */
type Judge = (e: Estimated & { value: number }) => boolean | null;
const above =
  (mark: number): Judge =>
  (e) =>
    (e.ci95?.[0] ?? e.value) > mark;
const below =
  (mark: number): Judge =>
  (e) =>
    (e.ci95?.[1] ?? e.value) < mark;
const within =
  (low: number, high: number): Judge =>
  (e) =>
    e.value >= low && e.value <= high;
const notAbove =
  (mark: number): Judge =>
  (e) =>
    (e.ci95?.[0] ?? e.value) <= mark;
const reported: Judge = () => null;

function expectSample(sample: FactsSample): void {
  if (!(sample.stepSeconds > 0))
    throw new ContractError("A sample needs the length of its step.", {
      which: "stepSeconds",
      value: sample.stepSeconds,
      fix: "Give the seconds between two successive returns.",
    });
  for (const name of ["volume", "signedVolume", "trades"] as const) {
    expectLength(sample[name], sample.returns.length, name);
    for (const [i, x] of sample.returns.entries()) expectLength(sample[name][i]!, x.length, `${name}[${i}]`);
  }
  for (const name of ["returns", "volume", "signedVolume", "trades"] as const)
    for (const [i, x] of sample[name].entries()) {
      const bad = x.findIndex((v) => !Number.isFinite(v));
      if (bad >= 0)
        throw new ContractError("A sample holds a number that is not finite.", {
          which: `${name}[${i}][${bad}]`,
          value: x[bad],
          fix: "Give finite numbers only.",
        });
    }
}

/**
 * The stylised facts of R. Cont, "Empirical properties of asset returns: stylized facts and statistical issues", Quantitative Finance 1 (2001)
 * 223, and of order flow, as a table. Returns are summed to five minutes, or taken as they are where the step is longer.
 * One-sided marks (above 0, below 1) ask for the whole 95% interval over episodes, ranges for the point estimate; the largest of many
 * autocorrelations, which noise alone lifts, fails only where its whole interval is above the mark.
 * Throws a ContractError for arrays that do not belong together or hold numbers that are not finite.
 */
export function stylisedFacts(
  sample: FactsSample,
  { seed = 1, resamples = 400 }: Partial<BootstrapOptions> = {},
): FactRow[] {
  expectSample(sample);
  const factor = Math.max(1, Math.round(BASE_SECONDS / sample.stepSeconds));
  const every = `${(factor * sample.stepSeconds) / 60}-minute`;
  const returns = aggregated(sample.returns, factor);
  const sizes = returns.map((x) => x.map(Math.abs));
  const squares = returns.map((x) => x.map((v) => v * v));
  const coarse = (n: number) => returns.reduce((sum, x) => sum + Math.floor(x.length / n), 0);
  const longer = COARSE.find((n) => coarse(n) >= FEWEST_COARSE) ?? COARSE[COARSE.length - 1]!;
  const signs = sample.signedVolume.map((x) => x.map(Math.sign));
  const row = (
    fact: string,
    estimator: string,
    statistic: AdditiveStatistic,
    passMark: string,
    judge: Judge,
  ): FactRow => {
    const e = estimated(statistic, { seed, resamples });
    const { value } = e;
    return { fact, estimator, ...e, passMark, passed: value === null ? null : judge({ ...e, value }) };
  };
  return [
    row(
      "autocorrelation of returns at lag 1",
      `autocorrelation of ${every} returns`,
      autocorrelation(returns, [1], (acf) => acf[0]!),
      "reported: the spread's bounce and momentum show here",
      reported,
    ),
    row(
      "no autocorrelation of returns",
      `largest |autocorrelation| of ${every} returns at lags 2 to 20`,
      autocorrelation(returns, NO_MEMORY_LAGS, (acf) => Math.max(...acf.map(Math.abs))),
      "not above 0.05 by its whole interval: the largest of 19 reads too high",
      notAbove(0.05),
    ),
    row(
      "power-law tails",
      `Hill's tail index of |${every} returns| beyond the largest ${100 * TAIL_SHARE}%`,
      hillIndex(returns, TAIL_SHARE),
      "2 to 5",
      within(2, 5),
    ),
    row("heavy tails", `excess kurtosis of ${every} returns`, excessKurtosis(returns), "above 0", above(0)),
    row(
      "aggregational normality",
      `excess kurtosis of returns over ${longer} times as long, over that of ${every} returns`,
      kurtosisRatio(returns, aggregated(returns, longer)),
      "below 1",
      below(1),
    ),
    row(
      "volatility clusters",
      `autocorrelation of |${every} returns| at lag 100`,
      autocorrelation(sizes, [100], (acf) => acf[0]!),
      "above 0",
      above(0),
    ),
    row(
      "memory of volatility decays as a power",
      `exponent b of lag^-b, least squares on the logarithms of the autocorrelations above 2 standard errors of |${every} returns| at ${LOG_LAGS.length} lags from 1 to 100`,
      autocorrelation(sizes, LOG_LAGS, powerOf),
      "0.2 to 0.4",
      within(0.2, 0.4),
    ),
    row(
      "leverage effect",
      `mean over lags 1 to 10 of the correlation of a ${every} return with a later squared one`,
      meanCorrelation(returns, squares, LEVERAGE_LAGS),
      "reported: below 0 for stock indices, weak or absent for bitcoin",
      reported,
    ),
    row(
      "volume and volatility go together",
      `correlation of ${every} volume with |return|`,
      meanCorrelation(aggregated(sample.volume, factor), sizes, [0]),
      "above 0",
      above(0),
    ),
    row(
      "order flow persists",
      `smallest autocorrelation of the sign of a step's net flow (${sample.stepSeconds} s) at lags 1 to 3`,
      autocorrelation(signs, FIRST_LAGS, (acf) => Math.min(...acf)),
      "above 0",
      above(0),
    ),
    row(
      "long memory of order flow",
      `exponent b of lag^-b of the autocorrelation of the sign of a step's net flow, as for volatility`,
      autocorrelation(signs, LOG_LAGS, powerOf),
      "reported: about 0.5 in markets; Hawkes flow with exponential kernels has short memory, so that its line is no power law",
      reported,
    ),
    row(
      "square-root impact",
      "exponent d of move ~ size^d over metaorders, means of 12 bins by size, weighted least squares on logarithms",
      impactExponent(sample.metaorders ?? []),
      "0.45 to 0.55",
      within(0.45, 0.55),
    ),
    row(
      "trades cluster",
      `Fano factor (variance over mean) of ${every} counts of trades`,
      fanoFactor(aggregated(sample.trades, factor)),
      "above 1",
      above(1),
    ),
  ];
}
