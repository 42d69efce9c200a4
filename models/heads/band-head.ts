import type { Band, BandRule, HeadSpec } from "../../src/core/contracts/heads.ts";
import { INTENT_WIDTH, writeTrade } from "../../src/core/contracts/intent.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import type { Actions, BoxHead } from "./action-head.ts";
import { bandTrade, writeExposureTrade } from "./band-clamp.ts";
import { bounds, columnOf, expectPositive, unitAction } from "./head-features.ts";

/** Positions of the outputs of the band head. */
export const BAND_ACTION = { lower: 0, upper: 1, centre: 2, rebalanceTo: 3 } as const;

/**
 * Changes a band, in place, by the head's outputs from actions[a] on: distances of the edges from the centre, a shift of the whole, and
 * where outside trades end.
 */
export function applyResidual(band: Band, actions: Actions, a: number, scale: number): void {
  const lower = unitAction(actions[a + BAND_ACTION.lower]!, a);
  const upper = unitAction(actions[a + BAND_ACTION.upper]!, a + 1);
  const centre = unitAction(actions[a + BAND_ACTION.centre]!, a + 2);
  const rebalanceTo = unitAction(actions[a + BAND_ACTION.rebalanceTo]!, a + 3);
  // x + 0 is x to the last bit, which (x - c) * exp(0) + c is not.
  if (Number.isFinite(band.lower)) band.lower += (band.lower - band.centre) * Math.expm1(scale * lower);
  if (Number.isFinite(band.upper)) band.upper += (band.upper - band.centre) * Math.expm1(scale * upper);
  const halfWidth = 0.5 * (band.upper - band.lower);
  if (Number.isFinite(halfWidth)) {
    const shift = centre * halfWidth;
    band.lower += shift;
    band.upper += shift;
    band.centre += shift;
  }
  band.rebalanceTo = Math.min(Math.max(band.rebalanceTo + rebalanceTo, 0), 1);
}

/**
 * A residual on a reference rule's band, each output clipped to ±1:
 *   lower, upper   distance of that edge from the centre, times exp(scale * output)
 *   centre         shift of the whole band, in half-widths (half of upper - lower, after scaling)
 *   rebalanceTo    added to the rule's, then kept in [0, 1]
 * Outputs of 0 leave every number of the band as it is, so the intents are the reference rule's, bit for bit: initial hedge, wait rule and all.
 * Where the rule holds still (infinite edges) outputs change nothing. Other slots are not traded.
 */
export function bandHead(spec: HeadSpec & { head: "band" }, context: PolicyContext, rule: BandRule): BoxHead {
  expectPositive(spec.scale, "scale");
  const { scale } = spec;
  const exposure = columnOf(context, "delta");
  const unitDelta = columnOf(context, "slot0_unit_delta");
  const width = context.schema.features.length;
  const slots = context.slots.length;
  const { bookSize } = context;
  const band: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
  const size = Object.keys(BAND_ACTION).length;
  return {
    kind: "box",
    size,
    ...bounds(size),
    toIntents(batch, actions, features, out) {
      for (let b = 0; b < batch; b++) {
        const row = b * width;
        rule.band(features, row, band);
        applyResidual(band, actions, b * size, scale);
        const intent = b * slots * INTENT_WIDTH;
        const change = bandTrade(features[row + exposure]!, band);
        writeExposureTrade(out, intent, 0, change, bookSize, features[row + unitDelta]!);
        for (let s = 1; s < slots; s++) writeTrade(out, intent + s * INTENT_WIDTH, s, 0);
      }
    },
  };
}
