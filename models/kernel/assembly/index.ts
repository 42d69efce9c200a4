export { categoricalBackward, categoricalEvaluate } from "./categorical";
export { columnSquares, columnSums, standardise } from "./columns";
export { backward, forward, reduce } from "./dense";
export { elementary } from "./exponential";
export { gather } from "./gather";
export { gaussianBackward, gaussianLogProbability, squashedEntropy, squashedEntropyBackward } from "./gaussian";
export { gruBackward, gruForward } from "./gru";
export { layerNormBackward, layerNormForward } from "./layer-norm";
export { adamStep, scaleGradients, sumGradientSquares, zero } from "./optimiser";

/** Bytes below this are the kernel's own. */
export function heapBase(): usize {
  return __heap_base;
}
