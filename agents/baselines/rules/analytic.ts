import {
  lelandVolatility,
  whalleyWilmottHalfWidth,
  zakamoulineHalfWidth,
  zakamoulineVolatility,
} from "../../../env/options/bands.ts";
import { symmetricBand } from "../band-rule.ts";
import type { BaselineDefinition, ParameterSpec } from "../baseline.ts";
import { makeCentre } from "../centre.ts";
import type { FeatureReader } from "../feature-reader.ts";
import { CENTRE, CENTRE_LEANS, INITIAL_HEDGE, INTERVAL, RISK_AVERSION } from "../parameters.ts";
import { rehedgeEvery } from "./interval.ts";

/** How much of a rule's own change of variance the centre takes. */
const CENTRE_ADJUSTMENT: ParameterSpec = {
  name: "centreAdjustment",
  unit: "fraction",
  description:
    "Share of the rule's change of variance that the centre takes: 0 = Black-Scholes, 1 = raised for a short book, -1 = lowered for one.",
  low: -2,
  high: 2,
  scale: "linear",
  start: 1,
  minimum: -10,
  maximum: 10,
};

/** Variance is kept above this fraction when more than the whole adjustment is taken. */
const SMALLEST_FACTOR = 0.05;

/** Columns from which the formulas take their inputs. */
function inputs(read: FeatureReader) {
  return {
    spot: read.need("spot"),
    gammaPercent: read.need("gamma_percent"),
    costRateBps: read.need("cost_rate_bps"),
    years: read.need("years_left"),
    volatility: read.need("implied_volatility"),
  };
}

/** Multiplier of volatility that takes `share` of the way from `volatility`² to `adjusted`². */
function partOf(adjusted: number, volatility: number, share: number): number {
  if (!(volatility > 0)) return 1;
  const ratio = adjusted / volatility;
  return share === 1 ? ratio : Math.sqrt(Math.max(1 + share * (ratio * ratio - 1), SMALLEST_FACTOR));
}

export const WHALLEY_WILMOTT: BaselineDefinition = {
  id: "whalley-wilmott",
  summary: "The asymptotic exponential-utility band, traded to its edge.",
  source: "A. E. Whalley & P. Wilmott, Mathematical Finance 7 (1997) 307.",
  reference: true,
  parameters: [RISK_AVERSION, INITIAL_HEDGE, ...CENTRE],
  anchors: [
    { riskAversion: 1e-15, initialHedge: 0 },
    { riskAversion: 1e18, initialHedge: 1 },
  ],
  band: (params, context, read) => {
    const at = inputs(read);
    const { rate } = context;
    const riskAversion = params.riskAversion!;
    return symmetricBand(params, read, makeCentre(params, context, read), (features, o) => {
      const spot = features[o + at.spot]!;
      const gamma = (100 * features[o + at.gammaPercent]!) / spot;
      const cost = 1e-4 * features[o + at.costRateBps]!;
      return whalleyWilmottHalfWidth(spot, gamma, cost, riskAversion, rate, features[o + at.years]!);
    });
  },
};

export const ZAKAMOULINE: BaselineDefinition = {
  id: "zakamouline",
  summary: "The fitted exponential-utility band around the delta at a modified volatility, traded to its edge.",
  source: "V. Zakamouline, Quantitative Finance 6 (2006) 435.",
  reference: true,
  parameters: [RISK_AVERSION, INITIAL_HEDGE, CENTRE_ADJUSTMENT, ...CENTRE_LEANS],
  anchors: [
    { riskAversion: 1e-15, initialHedge: 0, centreAdjustment: 0 },
    { riskAversion: 1e18, initialHedge: 1, centreAdjustment: 0 },
    { initialHedge: 0 },
  ],
  band: (params, context, read) => {
    const at = inputs(read);
    const { rate } = context;
    const riskAversion = params.riskAversion!;
    const share = params.centreAdjustment!;
    const factor = (features: Float64Array, o: number) => {
      if (share === 0) return 1;
      const spot = features[o + at.spot]!;
      const gamma = (100 * features[o + at.gammaPercent]!) / spot;
      const cost = 1e-4 * features[o + at.costRateBps]!;
      const volatility = features[o + at.volatility]!;
      const years = features[o + at.years]!;
      return partOf(zakamoulineVolatility(spot, gamma, volatility, cost, riskAversion, rate, years), volatility, share);
    };
    return symmetricBand(params, read, makeCentre(params, context, read, factor), (features, o) => {
      const spot = features[o + at.spot]!;
      const gamma = (100 * features[o + at.gammaPercent]!) / spot;
      const cost = 1e-4 * features[o + at.costRateBps]!;
      const volatility = features[o + at.volatility]!;
      return zakamoulineHalfWidth(spot, gamma, volatility, cost, riskAversion, rate, features[o + at.years]!);
    });
  },
};

export const LELAND: BaselineDefinition = {
  id: "leland",
  summary: "Full rehedges at fixed intervals to the delta at a volatility that carries the costs.",
  source: "H. E. Leland, Journal of Finance 40 (1985) 1283; long books: T. Hoggard, A. E. Whalley & P. Wilmott (1994).",
  reference: false,
  parameters: [
    { ...INTERVAL, start: 0.05, description: "Time between full rehedges; never less than the decision interval." },
    { ...INITIAL_HEDGE, description: "Share of a full rehedge at the first decision." },
    CENTRE_ADJUSTMENT,
    ...CENTRE_LEANS,
  ],
  anchors: [
    { interval: 1e6, initialHedge: 0, centreAdjustment: 0 },
    { interval: 0, initialHedge: 1, centreAdjustment: 0 },
    { interval: 0, initialHedge: 1, centreAdjustment: 1 },
  ],
  band: (params, context, read) => {
    const at = inputs(read);
    const share = params.centreAdjustment!;
    const seconds = Math.max(context.decisionSeconds, 3600 * params.interval!);
    const intervalYears = seconds / (context.daysPerYear * 86_400);
    const factor = (features: Float64Array, o: number) => {
      if (share === 0) return 1;
      const volatility = features[o + at.volatility]!;
      const cost = 1e-4 * features[o + at.costRateBps]!;
      return partOf(
        lelandVolatility(features[o + at.gammaPercent]!, volatility, cost, intervalYears),
        volatility,
        share,
      );
    };
    return rehedgeEvery(params, read, makeCentre(params, context, read, factor));
  },
};
