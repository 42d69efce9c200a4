import { ContractError, didYouMean } from "./errors.ts";

/**
 * The names of metrics are an interface: dashboards made for Stable-Baselines3 and CleanRL read them. An unknown name throws.
 */
export const METRICS = {
  "rollout/ep_rew_mean": "Mean undiscounted return of the last 100 episodes.",
  "rollout/ep_len_mean": "Mean length of the last 100 episodes, in decisions.",
  "eval/mean_reward": "Mean return of the deterministic policy on select episodes.",
  "eval/mean_ep_length": "Mean length of those episodes.",
  "eval/objective":
    "The scenario's objective of the deterministic policy on select episodes (a cost unless it says otherwise).",
  "time/fps": "Environment steps (decisions) a second since the start or the resume.",
  "time/total_timesteps": "Environment steps so far; whole rollouts, so the total is rounded up to one.",
  "time/iterations": "Policy updates (rollouts) so far.",
  "time/time_elapsed": "Seconds since the start or the resume.",
  "train/approx_kl": "Kullback-Leibler divergence of new from old policy, the k3 estimator.",
  "train/clip_fraction": "Share of samples whose ratio was clipped.",
  "train/clip_range": "The clip range now.",
  "train/entropy_loss": "Minus the mean entropy of the policy.",
  "train/explained_variance": "1 - Var(return - value) / Var(return).",
  "train/learning_rate": "The learning rate now.",
  "train/loss": "The total loss of the last minibatch.",
  "train/n_updates": "Gradient steps so far.",
  "train/policy_gradient_loss": "The clipped surrogate loss.",
  "train/value_loss": "The value loss.",
  "train/std": "Mean standard deviation of a Gaussian policy.",
  "train/grad_norm": "Global norm of the gradient before clipping.",
  "charts/episodic_return": "As rollout/ep_rew_mean, under CleanRL's name.",
  "charts/episodic_length": "As rollout/ep_len_mean, under CleanRL's name.",
  "charts/SPS": "As time/fps, under CleanRL's name.",
  "charts/learning_rate": "As train/learning_rate, under CleanRL's name.",
  "losses/value_loss": "As train/value_loss, under CleanRL's name.",
  "losses/policy_loss": "As train/policy_gradient_loss, under CleanRL's name.",
  "losses/entropy": "Mean entropy of the policy.",
  "losses/approx_kl": "As train/approx_kl, under CleanRL's name.",
  "losses/old_approx_kl": "The k1 estimator of the same divergence.",
  "losses/clipfrac": "As train/clip_fraction, under CleanRL's name.",
  "losses/explained_variance": "As train/explained_variance, under CleanRL's name.",
} as const;

export type MetricName = keyof typeof METRICS;

/** Throws unless the name is in the table. */
export function checkMetricName(name: string): asserts name is MetricName {
  if (!Object.hasOwn(METRICS, name))
    throw new ContractError(`No metric is called "${name}".`, {
      which: name,
      fix: "Use a name of src/core/metrics.ts, or add it there.",
      hints: didYouMean(name, Object.keys(METRICS)),
    });
}
