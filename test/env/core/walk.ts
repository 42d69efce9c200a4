import type { Env, ParallelEnv, ResetOptions, StepResult } from "../../../env/core/env.ts";
import { packRandoms, stateArray, stateNumber, unpackRandoms } from "../../../env/core/restore.ts";
import { box, discrete, type Space } from "../../../env/core/spaces.ts";
import { Random } from "../../../src/core/random.ts";
import type { StateTree } from "../../../src/core/state.ts";

/** A bounded random walk: a good environment, of which the tests break one thing at a time by overriding it. */
export class Walk implements Env {
  metadata: Env["metadata"] = { id: "Walk-v1", maxSteps: 10 };
  get observationSpace(): Space {
    return WALK_SPACE;
  }
  get actionSpace(): Space {
    return WALK_ACTIONS;
  }
  random = new Random(0, "walk");
  x = 0;
  t = 0;

  reset(options: ResetOptions = {}) {
    if (options.seed !== undefined) this.random = new Random(options.seed, "walk");
    this.x = 0.2 * this.random.uniform() - 0.1;
    this.t = 0;
    return { obs: Float32Array.of(this.x) as StepResult["obs"], info: {} as Record<string, unknown> };
  }

  step(action: Parameters<Env["step"]>[0]): StepResult {
    const drift = typeof action === "number" ? action - 1 : action[0]!;
    this.x = Math.max(-1, Math.min(1, this.x + 0.1 * drift + 0.05 * this.random.normal()));
    this.t++;
    return {
      obs: Float32Array.of(this.x),
      reward: this.x,
      terminated: false,
      truncated: this.t >= 10,
      info: { t: this.t },
    };
  }

  saveState(): StateTree {
    return { x: this.x, t: this.t, random: packRandoms([this.random]) };
  }

  loadState(state: StateTree): void {
    const [x, t] = [stateNumber(state, "x"), stateNumber(state, "t")];
    unpackRandoms(stateArray(state, "random", new Uint32Array(4)), [this.random]);
    this.x = x;
    this.t = t;
  }
}

export const WALK_SPACE = box(-1, 1, [1]);
export const WALK_ACTIONS = discrete(3);

/** The walk with some of its step's result changed. */
export function stepping(change: (result: StepResult, walk: Walk) => void): () => Env {
  return () =>
    new (class extends Walk {
      override step(action: Parameters<Env["step"]>[0]): StepResult {
        const result = super.step(action);
        change(result, this);
        return result;
      }
    })();
}

export type ParallelStep = ReturnType<ParallelEnv["step"]>;
