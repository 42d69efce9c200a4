import { bandTrade, writeExposureTrade } from "../../../models/heads/band-clamp.ts";
import type { Band, BandRule } from "../../../src/core/contracts/heads.ts";
import { INTENT_WIDTH, writeTrade } from "../../../src/core/contracts/intent.ts";
import type { Policy, PolicyContext } from "../../../src/core/contracts/policy.ts";
import { symmetricBand } from "../band-rule.ts";
import type { BaselineDefinition, ParameterSpec, Params } from "../baseline.ts";
import { makeCentre } from "../centre.ts";
import type { FeatureReader } from "../feature-reader.ts";
import { CENTRE, HALF_WIDTH, INITIAL_HEDGE, REBALANCE_TO } from "../parameters.ts";
import { REFERENCE } from "./adaptive.ts";

/** Most options traded at once, for one unit of book: an option about to expire has no gamma worth buying. */
const MOST_OPTIONS = 3;
/** A unit with less gamma or vega than this cannot be used to trade it. */
const SMALLEST_UNIT = 1e-9;

const optionSlot = (context: PolicyContext) => context.slots.findIndex((s) => s.kind === "option");
const hasOption = (context: PolicyContext) => optionSlot(context) > 0;

const GREEK_BAND: ParameterSpec = {
  name: "gammaHalfWidth",
  unit: "delta per unit of book for a 1% move",
  description: "Half the width of the band of total gamma, which the option slot keeps.",
  low: 1e-4,
  high: 0.5,
  scale: "log",
  start: 0.01,
  minimum: 0,
  maximum: Number.POSITIVE_INFINITY,
  appliesTo: hasOption,
};

/** How far `value` is outside ±halfWidth, signed. */
function excess(value: number, halfWidth: number): number {
  return value > halfWidth ? value - halfWidth : value < -halfWidth ? value + halfWidth : 0;
}

/** The delta band, whose width follows gamma where `gammaExponent` says so. */
function deltaBand(params: Params, context: PolicyContext, read: FeatureReader): BandRule {
  const gammaAt = read.need("gamma_percent");
  const halfWidth = params.halfWidth!;
  const power = params.gammaExponent ?? 0;
  return symmetricBand(params, read, makeCentre(params, context, read), (features, o) => {
    if (power === 0) return halfWidth;
    const gamma = Math.max(Math.abs(features[o + gammaAt]!), REFERENCE.smallestGammaPercent);
    return halfWidth * (gamma / REFERENCE.gammaPercent) ** power;
  });
}

/**
 * Bands on gamma and vega kept with the first option slot, then a band on the delta that this leaves kept with the first slot. Where gamma and
 * vega ask for opposite trades of the one option, gamma has its way; where they agree, the larger trade is made.
 */
function decideWithOption(params: Params, context: PolicyContext, read: FeatureReader): Policy["decide"] | undefined {
  const slot = optionSlot(context);
  if (slot <= 0) return undefined;
  const rule = deltaBand(params, context, read);
  const gammaAt = read.need("gamma_percent");
  const vegaAt = read.need("vega_percent");
  const deltaAt = read.need("delta");
  const hedgeDelta = read.need("slot0_unit_delta");
  const unitDelta = read.need(`slot${slot}_unit_delta`);
  const unitGamma = read.need(`slot${slot}_unit_gamma_percent`);
  const unitVega = read.need(`slot${slot}_unit_vega_percent`);
  const gammaHalfWidth = params.gammaHalfWidth!;
  const vegaHalfWidth = params.vegaHalfWidth ?? Number.POSITIVE_INFINITY;
  const { bookSize } = context;
  const most = MOST_OPTIONS * bookSize;
  const width = context.schema.features.length;
  const slots = context.slots.length;
  const band: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
  const unitsFor = (over: number, unit: number) => {
    if (over === 0 || !(unit > SMALLEST_UNIT)) return 0;
    return Math.min(Math.max((-over * bookSize) / unit, -most), most);
  };
  return (batch, features, _available, _memory, _mask, out) => {
    for (let b = 0; b < batch; b++) {
      const o = b * width;
      const intent = b * slots * INTENT_WIDTH;
      const forGamma = unitsFor(excess(features[o + gammaAt]!, gammaHalfWidth), features[o + unitGamma]!);
      const forVega = unitsFor(excess(features[o + vegaAt]!, vegaHalfWidth), features[o + unitVega]!);
      const units =
        forGamma === 0 || (forGamma * forVega > 0 && Math.abs(forVega) > Math.abs(forGamma)) ? forVega : forGamma;
      for (let s = 1; s < slots; s++) writeTrade(out, intent + s * INTENT_WIDTH, s, s === slot ? units : 0);
      rule.band(features, o, band);
      const change = bandTrade(features[o + deltaAt]! + (units * features[o + unitDelta]!) / bookSize, band);
      writeExposureTrade(out, intent, 0, change, bookSize, features[o + hedgeDelta]!);
    }
  };
}

export const GREEKS_BAND: BaselineDefinition = {
  id: "greeks-band",
  summary:
    "Bands on gamma and vega kept with an option, and on delta; without an option a delta band that follows gamma.",
  source:
    "The gamma band beside J. Cao et al., Gamma and vega hedging using deep distributional RL, Frontiers in AI 6 (2023).",
  reference: true,
  parameters: [
    HALF_WIDTH,
    {
      name: "gammaExponent",
      unit: "power",
      description: "Power of |gamma| in the half-width of the delta band.",
      low: -0.5,
      high: 1.5,
      scale: "linear",
      start: 2 / 3,
      minimum: -20,
      maximum: 20,
      appliesTo: (context) => !hasOption(context),
    },
    { ...REBALANCE_TO, appliesTo: (context) => !hasOption(context) },
    GREEK_BAND,
    {
      ...GREEK_BAND,
      name: "vegaHalfWidth",
      unit: "fraction of spot for a vol point",
      description: "Half the width of the band of total vega, which the option slot keeps.",
      low: 1e-5,
      high: 0.1,
      start: 1e-3,
      appliesTo: (context) => hasOption(context) && context.stochasticVolatility,
    },
    INITIAL_HEDGE,
    ...CENTRE,
  ],
  anchors: [
    { halfWidth: 1e6, initialHedge: 0, gammaExponent: 0, gammaHalfWidth: 1e6, vegaHalfWidth: 1e6 },
    { halfWidth: 0, initialHedge: 1, gammaExponent: 0, gammaHalfWidth: 1e6, vegaHalfWidth: 1e6 },
    { gammaExponent: 0, gammaHalfWidth: 1e6, vegaHalfWidth: 1e6 },
  ],
  band: deltaBand,
  decide: decideWithOption,
};
