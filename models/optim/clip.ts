import type { ParameterSet } from "../../src/core/contracts/network.ts";

/** A parameter set whose engine can do these two sums faster. Clipping uses them where they exist. */
export interface GradientArithmetic {
  /** Sum of squares of all gradients, in float64. */
  gradientSquares(): number;
  /** Multiplies all gradients by `factor`. */
  scaleGradients(factor: number): void;
}

function arithmetic(set: ParameterSet): GradientArithmetic | undefined {
  return "gradientSquares" in set ? (set as ParameterSet & GradientArithmetic) : undefined;
}

/**
 * Scales the gradients of all sets together so that their joint Euclidean norm is at most `maxNorm` (Pascanu et al. 2013);
 * the factor is maxNorm / (norm + 1e-6), as in PyTorch's clip_grad_norm_.
 * Returns the norm before clipping. A norm that is not finite leaves the gradients as they are: check it before the step.
 */
export function clipGlobalNorm(parameterSets: readonly ParameterSet[], maxNorm: number): number {
  let squares = 0;
  for (const set of parameterSets) {
    const fast = arithmetic(set);
    if (fast) squares += fast.gradientSquares();
    else for (const g of set.gradients) squares += g * g;
  }
  const norm = Math.sqrt(squares);
  const factor = maxNorm / (norm + 1e-6);
  if (!Number.isFinite(norm) || factor >= 1) return norm;
  for (const set of parameterSets) {
    const fast = arithmetic(set);
    if (fast) fast.scaleGradients(factor);
    else {
      const { gradients } = set;
      for (let i = 0; i < gradients.length; i++) gradients[i]! *= factor;
    }
  }
  return norm;
}
