import { fanoFactor } from "../../src/evaluate/stylised-facts/fano.ts";
import { sumsOf } from "../../src/evaluate/stylised-facts/resampled.ts";

/** Variance over mean of counts in successive windows. */
export function fanoOf(counts: Float64Array): number {
  const { parts, value } = fanoFactor([counts]);
  return value(sumsOf(parts));
}
