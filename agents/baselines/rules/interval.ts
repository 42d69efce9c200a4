import type { BandRule } from "../../../src/core/contracts/heads.ts";
import { holdStill, moveTo } from "../band-rule.ts";
import type { BaselineDefinition, Params } from "../baseline.ts";
import { makeCentre, type RowFunction } from "../centre.ts";
import type { FeatureReader } from "../feature-reader.ts";
import { CENTRE, INITIAL_HEDGE, INTERVAL } from "../parameters.ts";

/** Clocks that are late by less than this do not cost a decision, hours. */
const SLACK_HOURS = 1e-6;

/**
 * Rehedges fully to `centre` whenever `params.interval` hours have passed since the last own fill, and holds still between.
 * The first decision goes `params.initialHedge` of the way (1 where there is none) and starts the clock even where that is nothing.
 */
export function rehedgeEvery(params: Params, read: FeatureReader, centre: RowFunction): BandRule {
  const isFirst = read.need("is_first");
  const since = read.need("hours_since_trade");
  const exposure = read.need("delta");
  const hours = params.interval! - SLACK_HOURS;
  const initialHedge = params.initialHedge ?? 1;
  return {
    band(features, offset, out) {
      const c = centre(features, offset);
      if (features[offset + isFirst]! > 0.5) {
        const e = features[offset + exposure]!;
        moveTo(out, initialHedge === 1 ? c : e + initialHedge * (c - e));
      } else if (features[offset + since]! >= hours) moveTo(out, c);
      else holdStill(out, c);
    },
  };
}

/** Full rehedges at fixed intervals: what most vaults run. */
export const FIXED_INTERVAL: BaselineDefinition = {
  id: "interval",
  summary: "Rehedges fully when a number of hours has passed since the last trade.",
  source: "Definition; the discrete hedger of F. Black & M. Scholes (1973).",
  reference: false,
  parameters: [
    INTERVAL,
    { ...INITIAL_HEDGE, description: "Share of a full rehedge at the first decision." },
    ...CENTRE,
  ],
  anchors: [
    { interval: 1e6, initialHedge: 0 },
    { interval: 1e6, initialHedge: 1 },
    { interval: 0, initialHedge: 1 },
  ],
  band: (params, context, read) => rehedgeEvery(params, read, makeCentre(params, context, read)),
};
