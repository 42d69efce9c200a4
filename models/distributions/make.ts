import type { ActionDistribution, DistributionSpec } from "../../src/core/contracts/distribution.ts";
import { Categorical } from "./categorical.ts";
import { Gaussian } from "./gaussian.ts";
import { SquashedGaussian } from "./squashed-gaussian.ts";

/** A distribution in plain TypeScript. */
export function plainDistribution(spec: DistributionSpec): ActionDistribution {
  if (spec.kind === "categorical") return new Categorical(spec.choices);
  return spec.kind === "gaussian"
    ? new Gaussian(spec.actions, spec.logStd)
    : new SquashedGaussian(spec.actions, spec.logStd);
}
