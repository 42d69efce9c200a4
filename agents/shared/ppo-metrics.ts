import type { MetricName } from "../../src/core/metrics.ts";
import type { RolloutBuffer } from "./rollout.ts";

export type Metrics = Partial<Record<MetricName, number>>;

/** What one minibatch adds to the means of an update. */
export interface MinibatchFigures {
  readonly policyLoss: number;
  readonly valueLoss: number;
  readonly entropy: number;
  /** Divergence of new from old policy by the k1 and k3 estimators (J. Schulman, "Approximating KL divergence", 2020). */
  readonly k1: number;
  readonly k3: number;
  /** Share of clipped ratios. */
  readonly clipped: number;
  /** The total loss. */
  readonly loss: number;
  /** Global gradient norm before clipping; undefined where no step was taken. */
  norm: number | undefined;
}

/** Figures of an update that are no means over minibatches. */
export interface UpdateFigures {
  readonly buffer: RolloutBuffer;
  /** The rows of the buffer that were learned from. */
  readonly rows: Uint32Array;
  readonly learningRate: number;
  readonly clipRange: number;
  readonly gradientSteps: number;
  readonly std: number | undefined;
  readonly episodes: { readonly return: number; readonly length: number } | undefined;
}

/** The mean of a figure over the minibatches that have it; NaN where none has. A loop: closures of each update would be compiled for each. */
function meanOf(minibatches: readonly MinibatchFigures[], key: keyof MinibatchFigures): number {
  let sum = 0;
  let count = 0;
  for (const figures of minibatches) {
    const value = figures[key];
    if (value === undefined) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/** The metrics of one update by SB3's and CleanRL's names. What is not known (no ended episode, no spread of returns) is left out. */
export function ppoMetrics(minibatches: readonly MinibatchFigures[], update: UpdateFigures): Metrics {
  const { learningRate, clipRange, gradientSteps, std, episodes } = update;
  const last = minibatches.at(-1);
  const shared: Metrics = {
    "train/clip_range": clipRange,
    "train/learning_rate": learningRate,
    "charts/learning_rate": learningRate,
    "train/n_updates": gradientSteps,
    ...(std !== undefined && { "train/std": std }),
    ...(episodes && {
      "rollout/ep_rew_mean": episodes.return,
      "rollout/ep_len_mean": episodes.length,
      "charts/episodic_return": episodes.return,
      "charts/episodic_length": episodes.length,
    }),
  };
  // A next-step rollout of one step may hold nothing but resets.
  if (last === undefined) return shared;
  const policyLoss = meanOf(minibatches, "policyLoss");
  const valueLoss = meanOf(minibatches, "valueLoss");
  const entropy = meanOf(minibatches, "entropy");
  const k3 = meanOf(minibatches, "k3");
  const clipped = meanOf(minibatches, "clipped");
  const explained = explainedVariance(update.buffer, update.rows);
  const norm = meanOf(minibatches, "norm");
  return {
    ...shared,
    "train/approx_kl": k3,
    "train/clip_fraction": clipped,
    "train/entropy_loss": -entropy,
    "train/loss": last.loss,
    "train/policy_gradient_loss": policyLoss,
    "train/value_loss": valueLoss,
    ...(!Number.isNaN(norm) && { "train/grad_norm": norm }),
    ...(explained !== undefined && {
      "train/explained_variance": explained,
      "losses/explained_variance": explained,
    }),
    "losses/value_loss": valueLoss,
    "losses/policy_loss": policyLoss,
    "losses/entropy": entropy,
    "losses/approx_kl": k3,
    "losses/old_approx_kl": meanOf(minibatches, "k1"),
    "losses/clipfrac": clipped,
  };
}

/** 1 - Var(return - value) / Var(return) over the given rows; undefined where the returns do not vary. */
export function explainedVariance(
  buffer: { readonly returns: Float64Array; readonly values: Float64Array },
  rows: Uint32Array,
): number | undefined {
  let returnMean = 0;
  let errorMean = 0;
  for (const i of rows) {
    returnMean += buffer.returns[i]! / rows.length;
    errorMean += (buffer.returns[i]! - buffer.values[i]!) / rows.length;
  }
  let spread = 0;
  let left = 0;
  for (const i of rows) {
    spread += (buffer.returns[i]! - returnMean) ** 2;
    left += (buffer.returns[i]! - buffer.values[i]! - errorMean) ** 2;
  }
  return spread > 0 ? 1 - left / spread : undefined;
}
