import type { Band, BandRule } from "../../src/core/contracts/heads.ts";
import type { Params } from "./baseline.ts";
import type { RowFunction } from "./centre.ts";
import type { FeatureReader } from "./feature-reader.ts";

/**
 * A band of `halfWidth` around `centre`. After the first decision it trades `params.rebalanceTo` (0 where there is none) of the way from
 * the crossed edge to the centre, at the first `params.initialHedge` of it.
 */
export function symmetricBand(
  params: Params,
  read: FeatureReader,
  centre: RowFunction,
  halfWidth: RowFunction,
): BandRule {
  const isFirst = read.need("is_first");
  const initialHedge = params.initialHedge ?? 1;
  const rebalanceTo = params.rebalanceTo ?? 0;
  return {
    band(features, offset, out) {
      const c = centre(features, offset);
      const h = halfWidth(features, offset);
      out.centre = c;
      out.lower = c - h;
      out.upper = c + h;
      out.rebalanceTo = features[offset + isFirst]! > 0.5 ? initialHedge : rebalanceTo;
    },
  };
}

/** Writes the band that no exposure leaves. */
export function holdStill(out: Band, centre: number): void {
  out.centre = centre;
  out.lower = Number.NEGATIVE_INFINITY;
  out.upper = Number.POSITIVE_INFINITY;
  out.rebalanceTo = 0;
}

/** Writes the band that moves an exposure to `target`, whatever it is. */
export function moveTo(out: Band, target: number): void {
  out.centre = target;
  out.lower = target;
  out.upper = target;
  out.rebalanceTo = 0;
}

/** Makes a band `multiple` times as wide. What leaves even that is brought to where the narrow band would have brought it. */
export function widen(out: Band, multiple: number): void {
  out.lower = out.centre + multiple * (out.lower - out.centre);
  out.upper = out.centre + multiple * (out.upper - out.centre);
  out.rebalanceTo = 1 - (1 - out.rebalanceTo) / multiple;
}
