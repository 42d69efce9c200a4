import type { ParameterSet, Together } from "../../src/core/contracts/network.ts";
import { oneByOne } from "../nets/together.ts";

/** A parameter set whose engine can do these two sums faster. Clipping uses them where they exist. */
export interface GradientArithmetic {
  /** Sums the squares of all gradients in float64; the sum is then in `gradientSquares`. */
  sumGradientSquares(): void;
  readonly gradientSquares: number;
  /** Multiplies all gradients by `factor`. */
  scaleGradients(factor: number): void;
}

function arithmetic(set: ParameterSet): GradientArithmetic | undefined {
  return "gradientSquares" in set ? (set as ParameterSet & GradientArithmetic) : undefined;
}

/**
 * Scales the gradients of all sets together so that their joint Euclidean norm is at most `maxNorm` (Pascanu et al. 2013);
 * the factor is maxNorm / (norm + 1e-6), as in PyTorch's clip_grad_norm_.
 * @param together how an engine computes for several sets at once (`Engine.together`).
 * @returns the norm before clipping. A norm that is not finite leaves the gradients as they are: check it before the step.
 */
export function clipGlobalNorm(
  parameterSets: readonly ParameterSet[],
  maxNorm: number,
  together: Together = oneByOne,
): number {
  together(() => {
    for (const set of parameterSets) arithmetic(set)?.sumGradientSquares();
  });
  let squares = 0;
  for (const set of parameterSets) {
    const fast = arithmetic(set);
    if (fast) squares += fast.gradientSquares;
    else for (const g of set.gradients) squares += g * g;
  }
  const norm = Math.sqrt(squares);
  const factor = maxNorm / (norm + 1e-6);
  if (!Number.isFinite(norm) || factor >= 1) return norm;
  together(() => {
    for (const set of parameterSets) {
      const fast = arithmetic(set);
      if (fast) fast.scaleGradients(factor);
      else {
        const { gradients } = set;
        for (let i = 0; i < gradients.length; i++) gradients[i]! *= factor;
      }
    }
  });
  return norm;
}
