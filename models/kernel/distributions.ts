import type { ActionDistribution, DistributionSpec } from "../../src/core/contracts/distribution.ts";
import { KernelCategorical } from "./categorical.ts";
import { KernelGaussian, KernelSquashedGaussian } from "./gaussian.ts";

/** A distribution whose sums over a batch are computed in the kernel. */
export function kernelDistribution(spec: DistributionSpec): ActionDistribution {
  if (spec.kind === "categorical") return new KernelCategorical(spec.choices);
  const { actions, logStd } = spec;
  return spec.kind === "gaussian" ? new KernelGaussian(actions, logStd) : new KernelSquashedGaussian(actions, logStd);
}
