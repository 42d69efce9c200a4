import { describe, expect, it } from "vitest";
import { checkVectorEnv } from "../../../env/core/check-vector-env.ts";
import type { AutoresetMode, NumericArray, ResetOptions, VectorEnv, VectorStepResult } from "../../../env/core/env.ts";
import { box } from "../../../env/core/spaces.ts";
import { vectorise } from "../../../env/core/vectorise.ts";
import type { StateTree } from "../../../src/core/state.ts";
import { stepping, Walk } from "./walk.ts";

/** Copies end at different times: at x > 0.12 or after 10 steps. */
const walker = stepping((r) => {
  r.terminated = r.reward > 0.12;
});

/** A good vector environment; the tests override one thing at a time. */
class Walks implements VectorEnv {
  readonly inner: VectorEnv;
  readonly mode: AutoresetMode;
  metadata: VectorEnv["metadata"];
  numEnvs: number;
  singleObservationSpace: VectorEnv["singleObservationSpace"];
  singleActionSpace: VectorEnv["singleActionSpace"];

  constructor(numEnvs: number, mode: AutoresetMode) {
    this.inner = vectorise(walker, numEnvs, mode);
    this.mode = mode;
    this.metadata = this.inner.metadata;
    this.numEnvs = numEnvs;
    this.singleObservationSpace = this.inner.singleObservationSpace;
    this.singleActionSpace = this.inner.singleActionSpace;
  }
  reset(options?: ResetOptions) {
    return this.inner.reset(options);
  }
  step(actions: NumericArray): VectorStepResult {
    return this.inner.step(actions);
  }
  saveState(): StateTree {
    return this.inner.saveState();
  }
  loadState(state: StateTree): void {
    this.inner.loadState(state);
  }
}

type Make = (numEnvs: number, mode: AutoresetMode) => VectorEnv;
type Case = readonly [rule: string, severity: "error" | "warning", message: string, make: Make];

function stepped(
  change: (r: VectorStepResult, env: Walks, actions: NumericArray) => VectorStepResult | undefined,
): Make {
  return (n, mode) =>
    new (class extends Walks {
      override step(actions: NumericArray) {
        const r = super.step(actions);
        return change(r, this, actions) ?? r;
      }
    })(n, mode);
}

const ended = (r: VectorStepResult, b: number) => r.terminated[b] === 1 || r.truncated[b] === 1;
let made = 0;

const CASES: readonly Case[] = [
  [
    "autoreset-mode",
    "error",
    'Asked for mode "next-step", metadata says "same-step".',
    (n, mode) =>
      Object.assign(new Walks(n, mode), { metadata: { id: "Walk-v1", maxSteps: 10, autoresetMode: "same-step" } }),
  ],
  [
    "num-envs",
    "error",
    "Asked for 3 copies, numEnvs is 1.",
    (n, mode) => (mode === "next-step" ? new Walks(1, mode) : new Walks(n, mode)),
  ],
  [
    "box-bounds",
    "error",
    "singleObservationSpace has low 1 above high -1 at element 0.",
    (n, mode) => Object.assign(new Walks(n, mode), { singleObservationSpace: box(1, -1, [1]) }),
  ],
  [
    "action-mask",
    "error",
    "actionMask has length 3, wanted 9.",
    (n, mode) => Object.assign(new Walks(n, mode), { actionMask: () => new Uint8Array(n) }),
  ],
  [
    "observation-length",
    "error",
    "step returned an observation of length 1, the space of 3 copies wants 3.",
    stepped((r, env) => (env.mode === "same-step" && env.numEnvs === 3 ? { ...r, obs: r.obs.slice(0, 1) } : undefined)),
  ],
  [
    "observation-dtype",
    "error",
    "step returned an observation of type Float64Array, the space of 3 copies wants Float32Array.",
    stepped((r) => ({ ...r, obs: Float64Array.from(r.obs) })),
  ],
  [
    "observation-finite",
    "error",
    "step returned an observation with NaN at 2.",
    stepped((r) => {
      r.obs[2] = Number.NaN;
      return undefined;
    }),
  ],
  [
    "observation-in-space",
    "error",
    "step returned an observation outside the space of 3 copies: element 0 is -2, outside [-1, 1].",
    stepped((r) => ({ ...r, obs: r.obs.map(() => -2) as NumericArray })),
  ],
  [
    "rewards-array",
    "error",
    "rewards is a Float32Array, wanted a Float64Array [3].",
    stepped((r) => ({ ...r, rewards: Float32Array.from(r.rewards) as unknown as Float64Array })),
  ],
  [
    "reward-finite",
    "error",
    "step returned the rewards NaN,NaN,NaN.",
    stepped((r) => ({ ...r, rewards: r.rewards.map(() => Number.NaN) })),
  ],
  [
    "flags-array",
    "error",
    "truncated is 2,2,2, wanted a Uint8Array [3] of 0 and 1.",
    stepped((r) => ({ ...r, truncated: r.truncated.map(() => 2) })),
  ],
  [
    "truncation-at-once",
    "error",
    "The first step of an episode was truncated.",
    (n, mode) =>
      vectorise(
        stepping((r) => {
          r.truncated = true;
        }),
        n,
        mode,
      ),
  ],
  [
    "action-untouched",
    "error",
    "step changed the action array that it was given.",
    stepped((_r, _env, actions) => {
      actions[0] = 9;
      return undefined;
    }),
  ],
  [
    "seed-determinism",
    "error",
    "Two environments reset with seed 1 start differently.",
    (n, mode) =>
      new (class extends Walks {
        readonly #nth = made++;
        override reset(options: ResetOptions = {}) {
          return super.reset(options.seed === undefined ? options : { ...options, seed: options.seed + this.#nth });
        }
      })(n, mode),
  ],
  [
    "step-determinism",
    "error",
    "Seed 1 and the same actions differed in rewards at step 1.",
    (n, mode) => {
      const nth = made++;
      return stepped((r) => ({ ...r, rewards: r.rewards.map((x) => x + nth) }))(n, mode);
    },
  ],
  [
    "re-seed-determinism",
    "error",
    "One environment re-seeded with 1 differed in obs at step 1.",
    (n, mode) =>
      new (class extends Walks {
        #first = true;
        override reset(options: ResetOptions = {}) {
          const { seed: _seed, ...rest } = options;
          const result = super.reset(this.#first ? options : rest);
          this.#first = false;
          return result;
        }
      })(n, mode),
  ],
  [
    "seed-per-copy",
    "warning",
    "Copy 1 of seed 1 does not start like copy 0 of seed 2.",
    (n, mode) =>
      new (class extends Walks {
        override reset(options: ResetOptions = {}) {
          return super.reset(options.seed === undefined ? options : { ...options, seed: options.seed * 100 });
        }
      })(n, mode),
  ],
  [
    "independent-copies",
    "error",
    "At step 1 the action of copy 0 reached copy 1.",
    stepped((r, _env, actions) => ({ ...r, rewards: r.rewards.map((x) => x + actions[0]!) })),
  ],
  [
    "next-step-action",
    "error",
    "The step after an end uses the action; it must ignore it and reset.",
    (n, mode) => {
      let pending = new Uint8Array(n);
      return stepped((r, env, actions) => {
        const rewards = r.rewards.map((x, b) => x + (env.mode === "next-step" && pending[b] ? actions[b]! + 1 : 0));
        pending = Uint8Array.from(r.rewards, (_, b) => (ended(r, b) ? 1 : 0));
        return { ...r, rewards };
      })(n, mode);
    },
  ],
  [
    "next-step-reset",
    "error",
    "The step after copy 1's end has a reward or an end; it must only reset.",
    stepped((r, env) => ({ ...r, rewards: r.rewards.map((x) => (env.mode === "next-step" && x === 0 ? 0.5 : x)) })),
  ],
  [
    "final-obs",
    "error",
    "info.final_obs [B*O] and info._final_obs [B] are missing at an episode's end.",
    stepped((r) => ({ ...r, info: {} })),
  ],
  [
    "final-obs-mask",
    "error",
    "info._final_obs[0] is 1, the flags of copy 0 say otherwise.",
    stepped((r, env) =>
      env.mode === "same-step" ? { ...r, info: { ...r.info, _final_obs: new Uint8Array(env.numEnvs).fill(1) } } : r,
    ),
  ],
  [
    "final-obs-value",
    "error",
    "info.final_obs of copy 1 is not the last observation of its episode.",
    stepped((r, env) => (env.mode === "same-step" ? { ...r, info: { ...r.info, final_obs: r.obs.slice() } } : r)),
  ],
  [
    "same-step-obs",
    "error",
    "The observation of copy 1 at its end is not the new episode's.",
    stepped((r, env) => {
      const final = r.info.final_obs as NumericArray | undefined;
      if (env.mode !== "same-step" || !final) return r;
      return { ...r, obs: r.obs.map((x, b) => (ended(r, b) ? final[b]! : x)) as NumericArray };
    }),
  ],
  [
    "disabled-refuses",
    "error",
    "A copy was stepped after its end without an error.",
    (n, mode) =>
      Object.assign(new Walks(n, mode === "disabled" ? "next-step" : mode), {
        metadata: { id: "Walk-v1", maxSteps: 10, autoresetMode: mode },
      }),
  ],
  [
    "reset-mask-empty",
    "error",
    "reset accepted a reset_mask without any 1.",
    (n, mode) =>
      new (class extends Walks {
        override reset(options: ResetOptions = {}) {
          const mask = options.options?.reset_mask as Uint8Array | undefined;
          return super.reset(mask && !mask.includes(1) ? {} : options);
        }
      })(n, mode),
  ],
  [
    "reset-mask",
    "error",
    "reset_mask was 0 for copy 0, and it was reset.",
    (n, mode) =>
      new (class extends Walks {
        override reset(options: ResetOptions = {}) {
          const mask = options.options?.reset_mask as Uint8Array | undefined;
          return super.reset(mask?.includes(1) ? {} : options);
        }
      })(n, mode),
  ],
  [
    "saved-state-copy",
    "error",
    "saveState returned an object that changed when the environment went on.",
    (n, mode) => {
      const last = new Float64Array(n);
      return new (class extends Walks {
        override step(actions: NumericArray) {
          const r = super.step(actions);
          last.set(r.rewards);
          return r;
        }
        override saveState() {
          return { ...super.saveState(), last };
        }
      })(n, mode);
    },
  ],
  [
    "save-load",
    "error",
    "After loadState a new environment went on differently: obs at step 1.",
    (n, mode) =>
      new (class extends Walks {
        override loadState(state: StateTree) {
          super.loadState(state);
          super.reset({ seed: 5 });
        }
      })(n, mode),
  ],
  [
    "load-misfit",
    "error",
    "loadState accepted a state of another kind.",
    (n, mode) =>
      new (class extends Walks {
        override loadState(state: StateTree) {
          if ("batch" in state) super.loadState(state);
        }
      })(n, mode),
  ],
  [
    "runs",
    "error",
    "reading the shape threw: the market is closed",
    (n, mode) =>
      new (class extends Walks {
        override reset(): never {
          throw new RangeError("the market is closed");
        }
      })(n, mode),
  ],
];

describe("checkVectorEnv", () => {
  it("finds nothing in a good environment", () => {
    expect(checkVectorEnv((n, mode) => new Walks(n, mode))).toEqual([]);
    expect(checkVectorEnv((n, mode) => vectorise(() => new Walk(), n, mode))).toEqual([]);
  });

  it.each(CASES)("finds the broken rule %s", (rule, severity, message, make) => {
    made = 0;
    expect(checkVectorEnv(make)).toContainEqual({ rule, severity, message });
  });
});
