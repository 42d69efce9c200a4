import type { Band } from "../../src/core/contracts/heads.ts";
import { writeTrade } from "../../src/core/contracts/intent.ts";

/** Changes of exposure below this are the rounding of a full rehedge, not a trade: they would pay gas for nothing. */
export const DUST = 1e-12;

/**
 * The one no-trade clamp, of baselines and of the `band` head alike. Returns the wanted change of exposure: 0 inside [lower, upper];
 * outside, the way to edge + rebalanceTo * (centre - edge) from where the exposure stands. Edges may be infinite.
 */
export function bandTrade(exposure: number, band: Band): number {
  let edge: number;
  if (exposure > band.upper) edge = band.upper;
  else if (exposure < band.lower) edge = band.lower;
  else return 0;
  const change = edge + band.rebalanceTo * (band.centre - edge) - exposure;
  return Math.abs(change) < DUST ? 0 : change;
}

/**
 * Writes the intent that changes exposure (delta for one unit of book) by `change`: change * bookSize / unitDelta units of `slot`.
 * A slot whose unit has no delta cannot change exposure: nothing is traded.
 */
export function writeExposureTrade(
  out: Float64Array,
  offset: number,
  slot: number,
  change: number,
  bookSize: number,
  unitDelta: number,
): void {
  writeTrade(out, offset, slot, unitDelta === 0 ? 0 : (change * bookSize) / unitDelta);
}
