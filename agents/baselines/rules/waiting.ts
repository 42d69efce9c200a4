import type { BandRule } from "../../../src/core/contracts/heads.ts";
import { widen } from "../band-rule.ts";
import type { ParameterSpec, Params } from "../baseline.ts";
import type { FeatureReader } from "../feature-reader.ts";

/** Parameters of {@link withWaiting}. */
export const WAITING: readonly ParameterSpec[] = [
  {
    name: "waitAbove",
    unit: "log",
    description: "Wait while the log base fee stands this far above its 1-hour moving average.",
    low: 0,
    high: 1.5,
    scale: "linear",
    start: 0.5,
    minimum: Number.NEGATIVE_INFINITY,
    maximum: Number.POSITIVE_INFINITY,
  },
  {
    name: "waitMultiple",
    unit: "half-widths",
    description:
      "While waiting, an exposure this many half-widths from the centre is traded all the same; 1 = never wait.",
    low: 1,
    high: 10,
    scale: "log",
    start: 1.5,
    minimum: 1,
    maximum: 1e6,
    silent: 1,
  },
];

/**
 * Holds a rule back while the base fee is high: its band is `waitMultiple` times as wide, but an exposure that leaves even that is brought
 * to where the rule itself would bring it, gas being the same for a large trade as for a small one.
 */
export function withWaiting(rule: BandRule, params: Params, read: FeatureReader): BandRule {
  const above = params.waitAbove!;
  const multiple = params.waitMultiple!;
  if (multiple === 1) return rule;
  const baseFee = read.want("base_fee_fast");
  return {
    band(features, offset, out) {
      rule.band(features, offset, out);
      if (features[offset + baseFee]! > above) widen(out, multiple);
    },
  };
}
