import type { VectorEnv } from "../../../env/core/env.ts";
import { flatSize } from "../../../env/core/spaces.ts";
import type { StateTree } from "../../core/state.ts";

/** Copies `from` to `from + count - 1` of `of`. */
export interface Rows {
  readonly from: number;
  readonly count: number;
  readonly of: number;
}

/** What all threads write their rows of, on shared memory. Widths: O of an observation, A of an action, M of a mask. */
export interface SharedRows {
  readonly actions: Float64Array;
  readonly obs: Float64Array;
  readonly finalObs: Float64Array;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly finished: Uint8Array;
  readonly masks: Uint8Array;
}

/** Memory for `copies` copies of an environment like this one. */
export function sharedRows(like: VectorEnv, copies: number): SharedRows {
  const doubles = (length: number) => new Float64Array(new SharedArrayBuffer(8 * length));
  const bytes = (length: number) => new Uint8Array(new SharedArrayBuffer(length));
  const O = flatSize(like.singleObservationSpace);
  const A = flatSize(like.singleActionSpace);
  const M = (like.actionMask?.().length ?? 0) / like.numEnvs;
  return {
    actions: doubles(copies * A),
    obs: doubles(copies * O),
    finalObs: doubles(copies * O),
    rewards: doubles(copies),
    terminated: bytes(copies),
    truncated: bytes(copies),
    finished: bytes(copies),
    masks: bytes(copies * M),
  };
}

/** One thread's copies of an environment: plays them, and shows them on shared memory. */
export class EnvPart {
  readonly #env: VectorEnv;
  readonly #actions: Float64Array;
  readonly #own: SharedRows;

  constructor(env: VectorEnv, shared: SharedRows, rows: Rows) {
    this.#env = env;
    const own = <T extends Float64Array | Uint8Array>(array: T): T => {
      const width = array.length / rows.of;
      return array.subarray(rows.from * width, (rows.from + rows.count) * width) as T;
    };
    const { actions, obs, finalObs, rewards, terminated, truncated, finished, masks } = shared;
    this.#own = {
      actions: own(actions),
      obs: own(obs),
      finalObs: own(finalObs),
      rewards: own(rewards),
      terminated: own(terminated),
      truncated: own(truncated),
      finished: own(finished),
      masks: own(masks),
    };
    this.#actions = new Float64Array(this.#own.actions.length);
  }

  reset(seed: number | undefined): void {
    this.#own.obs.set(this.#env.reset(seed === undefined ? {} : { seed }).obs);
    this.#own.masks.set(this.#env.actionMask?.() ?? []);
  }

  step(): void {
    const own = this.#own;
    this.#actions.set(own.actions);
    const { obs, rewards, terminated, truncated, info } = this.#env.step(this.#actions);
    own.obs.set(obs);
    own.rewards.set(rewards);
    own.terminated.set(terminated);
    own.truncated.set(truncated);
    own.masks.set(this.#env.actionMask?.() ?? []);
    const finals = info.final_obs as Float64Array | undefined;
    own.finished.fill(0);
    if (finals === undefined) return;
    own.finalObs.set(finals);
    own.finished.set(info._final_obs as Uint8Array);
  }

  saveState(): StateTree {
    return this.#env.saveState();
  }

  loadState(state: StateTree): void {
    this.#env.loadState(state);
    this.#own.masks.set(this.#env.actionMask?.() ?? []);
  }
}
