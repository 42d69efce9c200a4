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

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

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
  const of = (key: Exclude<keyof MinibatchFigures, "norm">) => mean(minibatches.map((m) => m[key]));
  const policyLoss = of("policyLoss");
  const valueLoss = of("valueLoss");
  const entropy = of("entropy");
  const k3 = of("k3");
  const clipped = of("clipped");
  const explained = explainedVariance(update.buffer, update.rows);
  const norms = minibatches.map((m) => m.norm).filter((n) => n !== undefined);
  return {
    ...shared,
    "train/approx_kl": k3,
    "train/clip_fraction": clipped,
    "train/entropy_loss": -entropy,
    "train/loss": last.loss,
    "train/policy_gradient_loss": policyLoss,
    "train/value_loss": valueLoss,
    ...(norms.length > 0 && { "train/grad_norm": mean(norms) }),
    ...(explained !== undefined && {
      "train/explained_variance": explained,
      "losses/explained_variance": explained,
    }),
    "losses/value_loss": valueLoss,
    "losses/policy_loss": policyLoss,
    "losses/entropy": entropy,
    "losses/approx_kl": k3,
    "losses/old_approx_kl": of("k1"),
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
