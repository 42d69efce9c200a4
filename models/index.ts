/** The public list of models: numbers, not markets. */

export type { ActionDistribution, Reals } from "../src/core/contracts/distribution.ts";
export { Categorical } from "./distributions/categorical.ts";
export { Gaussian } from "./distributions/gaussian.ts";
export { SquashedGaussian } from "./distributions/squashed-gaussian.ts";
export { type BundleFiles, type BundleInput, buildBundle, openBundle } from "./format/bundle.ts";
export { type ActionHead, makeHead } from "./heads/head.ts";
export { kernelEngine } from "./kernel/engine.ts";
export { referenceEngine } from "./kernel/reference.ts";
export { type OrthogonalGains, orthogonalInitialise } from "./nets/initialise.ts";
export { RunningNormaliser } from "./normalizer/running.ts";
export type { AdamOptions } from "./optim/adam.ts";
export { clipGlobalNorm } from "./optim/clip.ts";
export { type Schedule, scheduledValue } from "./optim/schedule.ts";
export { TFJS_BACKENDS, type TfjsBackend } from "./tfjs/backends.ts";
export { type ModelBuilder, type TfjsOptions, tfjsEngine } from "./tfjs/engine.ts";
