import type { ParameterSet } from "../../src/core/contracts/network.ts";

/** 0.5 * log(2 pi). */
export const HALF_LOG_TWO_PI = 0.9189385332046727;

/** A parameter set of one vector that lives outside any network. */
export function vectorParameters(name: string, values: Float32Array): ParameterSet {
  const length = values.length;
  return { slices: [{ name, shape: [length], offset: 0, length }], values, gradients: new Float32Array(length) };
}
