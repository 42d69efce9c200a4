import type { ParameterSlice } from "../../src/core/contracts/network.ts";
import { ContractError } from "../../src/core/errors.ts";

/** What is added to the variance where nothing is said, as in PyTorch. */
export const LAYER_NORM_EPSILON = 1e-5;

/** Gain [n], then bias [n], in every engine. @throws ContractError for a width or an epsilon that no layer can have. */
export function layerNormSlices(width: number, epsilon: number): ParameterSlice[] {
  if (!Number.isInteger(width) || width < 1)
    throw new ContractError("A layer norm needs at least one column.", { which: "width", value: width });
  if (!(epsilon > 0 && Number.isFinite(epsilon)))
    throw new ContractError("A layer norm's epsilon must be above 0.", {
      which: "epsilon",
      value: epsilon,
      fix: `Leave it out for ${LAYER_NORM_EPSILON}.`,
    });
  return [
    { name: "layer_norm.gain", shape: [width], offset: 0, length: width },
    { name: "layer_norm.bias", shape: [width], offset: width, length: width },
  ];
}
