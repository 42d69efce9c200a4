import type { BandRule } from "../../../src/core/contracts/heads.ts";
import { symmetricBand } from "../band-rule.ts";
import type { BaselineDefinition, ParameterSpec, Params } from "../baseline.ts";
import { makeCentre, type RowFunction } from "../centre.ts";
import type { FeatureReader } from "../feature-reader.ts";
import { CENTRE, HALF_WIDTH, INITIAL_HEDGE, REBALANCE_TO } from "../parameters.ts";
import {
  FLOW_LEANS,
  FLOW_WAITING,
  hasFlow,
  logToxicity,
  TOXICITY_EXPONENT,
  withFlowCentre,
  withFlowWaiting,
} from "./flow.ts";
import { WAITING, withWaiting } from "./waiting.ts";

/** Where the regressors of the log half-width are 0, and the floors that keep their logarithms finite. */
export const REFERENCE = {
  costBps: 10,
  smallestCostBps: 0.01,
  gammaPercent: 0.02,
  smallestGammaPercent: 1e-4,
  timeLeft: 0.5,
  smallestTimeLeft: 1e-3,
  smallestVolatilityRatio: 0.1,
  largestVolatilityRatio: 10,
} as const;

const exponent = (name: string, of: string, low: number, high: number, start: number): ParameterSpec => ({
  name,
  unit: "power",
  description: `Power of ${of} in the half-width.`,
  low,
  high,
  scale: "linear",
  start,
  minimum: -20,
  maximum: 20,
  silent: 0,
});

const COST_EXPONENT = exponent("costExponent", "total cost", 0, 1, 1 / 3);
const AT_REFERENCE: ParameterSpec = {
  ...HALF_WIDTH,
  description: "Half the width of the band where every regressor is at its reference.",
  maximum: Number.MAX_VALUE,
};
const NEVER_LIKE = { halfWidth: 1e6, initialHedge: 0, waitMultiple: 1, costExponent: 0 };
const DELTA_LIKE = { halfWidth: 0, initialHedge: 1, waitMultiple: 1, costExponent: 0 };
const FLAT = { waitMultiple: 1, costExponent: 0 };
/** Where gas dominates: few trades, nearly to the centre, and not while gas is dear. */
const GAS_LIKE = { halfWidth: 0.12, costExponent: 0.5, rebalanceTo: 0.9, waitAbove: 0.25, waitMultiple: 3 };

export const GAS_AWARE: BaselineDefinition = {
  id: "gas-aware",
  summary:
    "A fixed band that widens with the total cost of a trade, gas included, and waits while the base fee is high.",
  source: "Log-linear in cost, after the power law of A. E. Whalley & P. Wilmott (1997); the wait rule is ours.",
  reference: true,
  parameters: [AT_REFERENCE, COST_EXPONENT, REBALANCE_TO, ...WAITING, INITIAL_HEDGE, ...CENTRE],
  anchors: [NEVER_LIKE, DELTA_LIKE, FLAT, GAS_LIKE],
  band: (params, context, read) => {
    const costAt = read.need("cost_rate_bps");
    const halfWidth = params.halfWidth!;
    const power = params.costExponent!;
    const gasAt = power === 0 ? 0 : read.want("gas_cost_bps");
    const width = (features: Float64Array, o: number) => {
      if (power === 0) return halfWidth;
      const cost = Math.max(features[o + costAt]! + features[o + gasAt]!, REFERENCE.smallestCostBps);
      return halfWidth * (cost / REFERENCE.costBps) ** power;
    };
    return withWaiting(symmetricBand(params, read, makeCentre(params, context, read), width), params, read);
  },
};

export const COMPOSITE: BaselineDefinition = {
  id: "composite",
  summary:
    "Log half-width linear in the logs of cost, gamma, time left, volatility, toxicity and spread; leans, waits, partial rehedges.",
  source:
    "Nests delta-band, gas-aware, toxicity-aware and the power laws of Whalley & Wilmott (1997) and Zakamouline (2006).",
  reference: true,
  parameters: [
    AT_REFERENCE,
    COST_EXPONENT,
    {
      name: "gasSize",
      unit: "delta per unit of book",
      description: "Size of the trade over which one transaction's gas is spread: cost = rate + gas / size.",
      low: 0.02,
      high: 2,
      scale: "log",
      start: 0.2,
      minimum: 1e-6,
      maximum: Number.POSITIVE_INFINITY,
    },
    exponent("gammaExponent", "|gamma|", -0.5, 1.5, 0.5),
    exponent("timeExponent", "the share of the session that is left", -1, 1, 0),
    exponent("volatilityExponent", "1-day realised over implied volatility", -1, 1, 0),
    TOXICITY_EXPONENT,
    { ...exponent("spreadExponent", "the spread over its usual", -1, 1, 0), appliesTo: hasFlow },
    ...FLOW_LEANS,
    ...FLOW_WAITING,
    REBALANCE_TO,
    ...WAITING,
    INITIAL_HEDGE,
    ...CENTRE,
  ],
  anchors: [
    { ...NEVER_LIKE, gammaExponent: 0 },
    { ...DELTA_LIKE, gammaExponent: 0 },
    { ...FLAT, gammaExponent: 0 },
    { ...FLAT, gammaExponent: 2 / 3 },
    { ...GAS_LIKE, gammaExponent: 0, gasSize: 1 },
  ],
  band: (params, context, read) => compositeBand(params, read, () => makeCentre(params, context, read)),
};

/** The composite band around a centre, which its own reading of the flow leans further. */
export function compositeBand(params: Params, read: FeatureReader, around: () => RowFunction): BandRule {
  const costAt = read.need("cost_rate_bps");
  const gammaAt = read.need("gamma_percent");
  const timeAt = read.need("time_left");
  const impliedAt = read.need("implied_volatility");
  const halfWidth = params.halfWidth!;
  const gasSize = params.gasSize!;
  const a = params.costExponent!;
  const g = params.gammaExponent!;
  const t = params.timeExponent!;
  const v = params.volatilityExponent!;
  const x = params.toxicityExponent ?? 0;
  const s = params.spreadExponent ?? 0;
  const gasAt = a === 0 ? 0 : read.want("gas_cost_bps");
  const realisedAt = v === 0 ? 0 : read.want("realised_volatility_slow");
  const vpinAt = x === 0 ? 0 : read.need("vpin");
  const spreadAt = s === 0 ? 0 : read.need("spread_state");
  const width = (features: Float64Array, o: number) => {
    let log = 0;
    if (a !== 0) {
      const cost = features[o + costAt]! + features[o + gasAt]! / gasSize;
      log += a * Math.log(Math.max(cost, REFERENCE.smallestCostBps) / REFERENCE.costBps);
    }
    if (g !== 0) {
      const gamma = Math.max(Math.abs(features[o + gammaAt]!), REFERENCE.smallestGammaPercent);
      log += g * Math.log(gamma / REFERENCE.gammaPercent);
    }
    if (t !== 0) log += t * Math.log(Math.max(features[o + timeAt]!, REFERENCE.smallestTimeLeft) / REFERENCE.timeLeft);
    if (v !== 0) {
      const realised = features[o + realisedAt]!;
      const implied = features[o + impliedAt]!;
      // Without both there is no ratio to read.
      const ratio = realised > 0 && implied > 0 ? realised / implied : 1;
      log +=
        v * Math.log(Math.min(Math.max(ratio, REFERENCE.smallestVolatilityRatio), REFERENCE.largestVolatilityRatio));
    }
    if (x !== 0) log += x * logToxicity(features, o + vpinAt);
    if (s !== 0) log += s * features[o + spreadAt]!;
    return halfWidth * Math.exp(log);
  };
  const centre = withFlowCentre(around(), params, read);
  const band = symmetricBand(params, read, centre, width);
  return withWaiting(withFlowWaiting(band, params, read), params, read);
}
