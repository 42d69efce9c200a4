import type { Stateful, StateTree } from "../../src/core/state.ts";
import { savedFloats, savedNumber } from "./saved.ts";

const EPSILON = 1e-8;

/**
 * Divides rewards by the running standard deviation of the discounted return G_t = r_t + gamma*G_t-1 and clips the result
 * (OpenAI Baselines, VecNormalize). The mean is not taken off: that would change what is optimal. Off: rewards pass unchanged.
 */
export class RewardScaling implements Stateful {
  readonly #on: boolean;
  readonly #gamma: number;
  readonly #clip: number;
  readonly #discounted: Float64Array;
  // Welford's running moments of the discounted return.
  #count = 0;
  #mean = 0;
  #squares = 0;

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
    this.#count++;
    const off = discounted - this.#mean;
    this.#mean += off / this.#count;
    this.#squares += off * (discounted - this.#mean);
    return Math.min(Math.max(reward / this.unit(), -this.#clip), this.#clip);
  }

  /** Reward units of one scaled unit, 1 before there is a spread to divide by. */
  unit(): number {
    const variance = this.#count > 1 ? this.#squares / this.#count : 0;
    return variance > 0 ? Math.sqrt(variance + EPSILON) : 1;
  }

  saveState(): StateTree {
    return { discounted: this.#discounted.slice(), count: this.#count, mean: this.#mean, squares: this.#squares };
  }

  loadState(state: StateTree): void {
    const discounted = savedFloats(state, "discounted", this.#discounted.length);
    const [count, mean, squares] = ["count", "mean", "squares"].map((name) => savedNumber(state, name));
    this.#discounted.set(discounted);
    this.#count = count!;
    this.#mean = mean!;
    this.#squares = squares!;
  }
}
