import { describe, expect, it } from "vitest";
import { ContractError } from "../../src/core/errors.ts";
import { checkMetricName, METRICS } from "../../src/core/metrics.ts";

describe("the table of metrics", () => {
  it("has the names that Stable-Baselines3's and CleanRL's dashboards read", () => {
    // stable_baselines3/ppo/ppo.py and common/on_policy_algorithm.py; cleanrl/ppo.py.
    const names = [
      "rollout/ep_rew_mean",
      "rollout/ep_len_mean",
      "eval/mean_reward",
      "eval/mean_ep_length",
      "time/fps",
      "time/iterations",
      "time/time_elapsed",
      "time/total_timesteps",
      "train/approx_kl",
      "train/clip_fraction",
      "train/clip_range",
      "train/entropy_loss",
      "train/explained_variance",
      "train/learning_rate",
      "train/loss",
      "train/n_updates",
      "train/policy_gradient_loss",
      "train/std",
      "train/value_loss",
      "charts/SPS",
      "charts/episodic_length",
      "charts/episodic_return",
      "charts/learning_rate",
      "losses/approx_kl",
      "losses/clipfrac",
      "losses/entropy",
      "losses/explained_variance",
      "losses/old_approx_kl",
      "losses/policy_loss",
      "losses/value_loss",
    ];
    for (const name of names) expect(() => checkMetricName(name), name).not.toThrow();
  });

  it("describes each name in a sentence", () => {
    for (const [name, text] of Object.entries(METRICS)) {
      expect(name).toMatch(/^[a-z]+\/[A-Za-z_]+$/);
      expect(text, name).toMatch(/^\S.*\.$/);
    }
  });

  it("says of an alias which metric it repeats, and that one exists", () => {
    const aliases = Object.values(METRICS).flatMap((text) => /^As (\S+), under/.exec(text)?.[1] ?? []);
    expect(aliases.length).toBeGreaterThan(5);
    for (const name of aliases) expect(() => checkMetricName(name), name).not.toThrow();
  });
});

describe("checkMetricName", () => {
  it("refuses an unknown name with the nearest one", () => {
    try {
      checkMetricName("train/lsos");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ContractError);
      expect((error as ContractError).short).toBe('No metric is called "train/lsos".');
      expect((error as ContractError).hints[0]).toBe('Did you mean "train/loss"?');
    }
  });

  it.each(["constructor", "__proto__", "toString", ""])("refuses %j, which every object has", (name) => {
    expect(() => checkMetricName(name)).toThrow(ContractError);
  });
});
