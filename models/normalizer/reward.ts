import { CorruptFileError, expectLength } from "../../src/core/errors.ts";
import type { Stateful, StateTree } from "../../src/core/state.ts";
import { RunningNormaliser, VARIANCE_EPSILON } from "./running.ts";

/**
 * Scales rewards by the running standard deviation of the discounted return, and clips them: no mean is taken off, so that signs stay
 * (Engstrom et al. 2020; details 8 and 9 of continuous control in "The 37 implementation details of PPO").
 */
export class RewardNormaliser implements Stateful {
  readonly batch: number;
  readonly gamma: number;
  readonly clip: number;
  readonly #returns: Float64Array;
  readonly #statistics = new RunningNormaliser(1);

  /** @param batch B, the number of environments. @param gamma discount a step. @param clip bound of the scaled reward. */
  constructor(batch: number, gamma: number, clip = 10) {
    this.batch = batch;
    this.gamma = gamma;
    this.clip = clip;
    this.#returns = new Float64Array(batch);
  }

  /** Population variance of the discounted returns seen. */
  get variance(): number {
    return this.#statistics.variance[0]!;
  }

  freeze(frozen = true): void {
    this.#statistics.freeze(frozen);
  }

  /**
   * Takes the rewards of one step [B] and writes the scaled ones. `done` [B] is 1 where the episode ended with this reward, terminated
   * or truncated: the return starts anew after it. `out` may be `rewards`.
   */
  normaliseInto(out: Float64Array | Float32Array, rewards: Float64Array, done: Uint8Array): void {
    for (const [array, name] of [
      [out, "out"],
      [rewards, "rewards"],
      [done, "done"],
    ] as const)
      expectLength(array, this.batch, name);
    for (let b = 0; b < this.batch; b++) this.#returns[b] = this.#returns[b]! * this.gamma + rewards[b]!;
    this.#statistics.update(this.#returns, this.batch);
    const scale = 1 / Math.sqrt(this.variance + VARIANCE_EPSILON);
    for (let b = 0; b < this.batch; b++) {
      out[b] = Math.min(this.clip, Math.max(-this.clip, rewards[b]! * scale));
      if (done[b] !== 0) this.#returns[b] = 0;
    }
  }

  saveState(): StateTree {
    return { returns: this.#returns.slice(), statistics: this.#statistics.saveState() };
  }

  loadState(state: StateTree): void {
    const { returns, statistics } = state;
    if (!(returns instanceof Float64Array) || statistics === null || typeof statistics !== "object")
      throw new CorruptFileError("The reward normaliser state is malformed.", { which: "rewardNormaliser" });
    expectLength(returns, this.batch, "rewardNormaliser.returns");
    this.#statistics.loadState(statistics as StateTree);
    this.#returns.set(returns);
  }
}
