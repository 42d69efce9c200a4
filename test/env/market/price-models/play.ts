import type { PriceModel } from "../../../../env/market/price-models/price-model.ts";
import { deriveSeed, episodeKey } from "../../../../src/core/random.ts";

export interface Played {
  /** Log price at the end of each path. [N] */
  readonly logPrice: Float64Array;
  /** Variance at the end of each step, by step. [steps][N] */
  readonly variance: Float64Array[];
  /** All shocks and returns, path by path. [N × steps] */
  readonly shocks: Float64Array;
  readonly returns: Float64Array;
}

/** Plays `paths` paths of `steps` steps, one environment after another in slot 0. */
export function play(model: PriceModel, paths: number, steps: number, seed: number): Played {
  const word = deriveSeed(seed, "test/price-models");
  const logPrice = new Float64Array(paths);
  const variance = Array.from({ length: steps }, () => new Float64Array(paths));
  const shocks = new Float64Array(paths * steps);
  const returns = new Float64Array(paths * steps);
  for (let n = 0; n < paths; n++) {
    const key = episodeKey(word, "train", n);
    model.start(0, key);
    for (let step = 0; step < steps; step++) {
      const r = model.advance(0, key, step);
      logPrice[n]! += r;
      returns[n * steps + step] = r;
      shocks[n * steps + step] = model.shock[0]!;
      variance[step]![n] = model.volatility[0]! ** 2;
    }
  }
  return { logPrice, variance, shocks, returns };
}

/** Sample mean and its standard error. */
export function meanAndError(x: ArrayLike<number>): { mean: number; error: number } {
  let mean = 0;
  for (let i = 0; i < x.length; i++) mean += x[i]! / x.length;
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += (x[i]! - mean) ** 2;
  return { mean, error: Math.sqrt(squares / (x.length - 1) / x.length) };
}

/** Deviation of the sample mean from `want`, in standard errors. */
export function errorsAway(x: ArrayLike<number>, want: number): number {
  const { mean, error } = meanAndError(x);
  return Math.abs(mean - want) / error;
}
