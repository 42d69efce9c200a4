import { RunningNormaliser, VARIANCE_EPSILON } from "../../models/normalizer/running.ts";
import type { Stateful, StateTree } from "../../src/core/state.ts";
import { savedFloats, savedTree } from "./saved.ts";

/**
 * Divides rewards by the running standard deviation of the discounted return G_t = r_t + gamma*G_t-1 and clips the result
 * (OpenAI Baselines, VecNormalize). The mean is not taken off: that would change what is optimal. Off: rewards pass unchanged.
 * Unlike `RewardNormaliser` of models/normalizer it works row by row, so that the reset rows of next-step autoreset stay out, and
 * it leaves rewards as they are until there is a spread to divide by.
 */
export class RewardScaling implements Stateful {
  readonly #on: boolean;
  readonly #gamma: number;
  readonly #clip: number;
  readonly #discounted: Float64Array;
  readonly #statistics = new RunningNormaliser(1);
  readonly #one = new Float64Array(1);

  constructor(envs: number, config: { normaliseRewards: boolean; gamma: number; rewardClip: number }) {
    this.#on = config.normaliseRewards;
    this.#gamma = config.gamma;
    this.#clip = config.rewardClip;
    this.#discounted = new Float64Array(envs);
  }

  /** The reward as the learner sees it; updates the statistics. `done` starts the environment's return anew. */
  scale(b: number, reward: number, done: boolean): number {
    if (!this.#on) return reward;
    const discounted = this.#gamma * this.#discounted[b]! + reward;
    this.#discounted[b] = done ? 0 : discounted;
    this.#one[0] = discounted;
    this.#statistics.update(this.#one, 1);
    return Math.min(Math.max(reward / this.unit(), -this.#clip), this.#clip);
  }

  /** Reward units of one scaled unit, 1 before there is a spread to divide by. */
  unit(): number {
    const variance = this.#statistics.count > 1 ? this.#statistics.variance[0]! : 0;
    return variance > 0 ? Math.sqrt(variance + VARIANCE_EPSILON) : 1;
  }

  saveState(): StateTree {
    return { discounted: this.#discounted.slice(), statistics: this.#statistics.saveState() };
  }

  loadState(state: StateTree): void {
    const discounted = savedFloats(state, "discounted", this.#discounted.length);
    this.#statistics.loadState(savedTree(state, "statistics"));
    this.#discounted.set(discounted);
  }
}
