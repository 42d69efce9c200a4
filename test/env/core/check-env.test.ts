import { describe, expect, it } from "vitest";
import { checkEnv } from "../../../env/core/check-env.ts";
import type { Env, ResetOptions } from "../../../env/core/env.ts";
import { box, discrete, type Space } from "../../../env/core/spaces.ts";
import { Random } from "../../../src/core/random.ts";
import type { StateTree } from "../../../src/core/state.ts";
import { stepping, WALK_SPACE, Walk } from "./walk.ts";

type Case = readonly [rule: string, severity: "error" | "warning", message: string, make: () => Env];

function withActions(space: Space): () => Env {
  return () =>
    new (class extends Walk {
      override get actionSpace() {
        return space;
      }
    })();
}

let made = 0;

const CASES: readonly Case[] = [
  [
    "metadata-id",
    "warning",
    'metadata.id "Walk" has no version like "Walk-v1".',
    () => Object.assign(new Walk(), { metadata: { id: "Walk" } }),
  ],
  [
    "same-space-object",
    "error",
    "observationSpace returns a new object at every call.",
    () =>
      new (class extends Walk {
        override get observationSpace() {
          return box(-1, 1, [1]);
        }
      })(),
  ],
  [
    "box-length",
    "error",
    "actionSpace has 2 low and 1 high bounds for 1 elements.",
    withActions({ ...box(-1, 1, [1]), low: new Float64Array([-1, -1]) }),
  ],
  ["box-bounds", "error", "actionSpace has low 0.5 above high -0.5 at element 0.", withActions(box(0.5, -0.5, [1]))],
  [
    "box-equal-bounds",
    "warning",
    "actionSpace has equal bounds 0 at element 1: it carries nothing.",
    withActions(box([-1, 0], [1, 0])),
  ],
  [
    "box-infinite-bounds",
    "warning",
    "actionSpace has infinite bounds at element 0: actions cannot be scaled.",
    withActions(box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, [1])),
  ],
  [
    "action-scale",
    "warning",
    "actionSpace is [0, 1] at element 0, not symmetric around 0.",
    withActions(box(0, 1, [1])),
  ],
  ["discrete-start", "warning", "actionSpace starts at 1: many learners assume 0.", withActions(discrete(3, 1))],
  ["discrete-size", "error", "actionSpace has 2.5 values, not an integer >= 1.", withActions(discrete(2.5))],
  [
    "observation-dtype",
    "error",
    "step returned an observation of type Float64Array, observationSpace wants Float32Array.",
    stepping((r) => {
      r.obs = Float64Array.from(r.obs);
    }),
  ],
  [
    "observation-length",
    "error",
    "step returned an observation of length 2, observationSpace wants 1.",
    stepping((r) => {
      r.obs = Float32Array.of(0, 0);
    }),
  ],
  [
    "observation-finite",
    "error",
    "step returned an observation with NaN at 0.",
    stepping((r) => {
      r.obs[0] = Number.NaN;
    }),
  ],
  [
    "observation-in-space",
    "error",
    "step returned an observation outside observationSpace: element 0 is 1.5, outside [-1, 1].",
    stepping((r) => {
      r.obs[0] = 1.5;
    }),
  ],
  [
    "reward-finite",
    "error",
    "step returned the reward Infinity.",
    stepping((r) => {
      r.reward = Number.POSITIVE_INFINITY;
    }),
  ],
  [
    "flags-boolean",
    "error",
    "step returned terminated of type number.",
    stepping((r) => {
      r.terminated = 0 as unknown as boolean;
    }),
  ],
  [
    "info-object",
    "error",
    "step returned info of type undefined.",
    stepping((r) => {
      (r as { info: unknown }).info = undefined;
    }),
  ],
  [
    "action-untouched",
    "error",
    "step changed the action array that it was given.",
    () =>
      new (class extends Walk {
        override get actionSpace() {
          return WALK_SPACE;
        }
        override step(action: Parameters<Env["step"]>[0]) {
          const result = super.step(action);
          (action as Float32Array)[0] = 7;
          return result;
        }
      })(),
  ],
  [
    "observation-copy",
    "warning",
    "step overwrote the observation array of the step before.",
    () => {
      const buffer = new Float32Array(1);
      return stepping((r) => {
        buffer.set(r.obs);
        r.obs = buffer;
      })();
    },
  ],
  [
    "truncation-at-once",
    "error",
    "The first step of an episode was truncated.",
    () =>
      Object.assign(
        stepping((r) => {
          r.truncated = true;
        })(),
        { metadata: { id: "Walk-v1" } },
      ),
  ],
  [
    "options-accepted",
    "error",
    "reset refused empty options.",
    () =>
      new (class extends Walk {
        override reset(options: ResetOptions = {}) {
          if (options.options) throw new RangeError("no options here");
          return super.reset(options);
        }
      })(),
  ],
  [
    "runs",
    "error",
    "reset without a seed threw: a seed is needed",
    () =>
      new (class extends Walk {
        #seeded = false;
        override reset(options: ResetOptions = {}) {
          if (options.seed === undefined && !this.#seeded) throw new RangeError("a seed is needed");
          this.#seeded = true;
          return super.reset(options);
        }
      })(),
  ],
  [
    "seed-determinism",
    "error",
    "Two environments reset with seed 1 start differently.",
    () =>
      new (class extends Walk {
        readonly #nth = made++;
        override reset(options: ResetOptions = {}) {
          return super.reset({ ...options, seed: this.#nth });
        }
      })(),
  ],
  [
    "step-determinism",
    "error",
    "Seed 1 and the same actions differed in reward at step 1.",
    () => {
      const nth = made++;
      return stepping((r) => {
        r.reward += 1e-9 * nth;
      })();
    },
  ],
  [
    "reset-determinism",
    "error",
    "After the same seed and steps, reset() without a seed differs between environments.",
    () =>
      new (class extends Walk {
        readonly #nth = made++;
        #resets = 0;
        override reset(options: ResetOptions = {}) {
          const result = super.reset(options);
          if (options.seed !== undefined) this.#resets = 0;
          // The eighth reset of each seed looks at something that is no part of the seed.
          if (++this.#resets === 8) result.obs[0] = 0.001 * (this.#nth % 100);
          return result;
        }
      })(),
  ],
  [
    "re-seed-determinism",
    "error",
    "One environment re-seeded with 1 differed in obs at the reset after step 0.",
    () =>
      new (class extends Walk {
        #first = true;
        override reset(options: ResetOptions = {}) {
          const result = super.reset(this.#first ? options : {});
          this.#first = false;
          return result;
        }
      })(),
  ],
  [
    "seed-has-effect",
    "warning",
    "Seeds 1 to 4 give the same run and saved state.",
    () =>
      new (class extends Walk {
        override reset() {
          return super.reset({ seed: 5 });
        }
      })(),
  ],
  [
    "generator-advances",
    "error",
    "reset() without a seed repeats one episode, although seeds differ.",
    () =>
      new (class extends Walk {
        #seed = 0;
        override reset(options: ResetOptions = {}) {
          this.#seed = options.seed ?? this.#seed;
          return super.reset({ seed: this.#seed });
        }
        override saveState() {
          return { ...super.saveState(), seed: this.#seed };
        }
        override loadState(state: StateTree) {
          super.loadState(state);
          this.#seed = state.seed as number;
        }
      })(),
  ],
  [
    "max-steps",
    "error",
    "Truncated at step 10, before metadata.maxSteps = 11.",
    () => Object.assign(new Walk(), { metadata: { id: "Walk-v1", maxSteps: 11 } }),
  ],
  [
    "saved-state-copy",
    "error",
    "saveState returned an object that changed when the environment went on.",
    () => {
      const words = new Uint32Array(4);
      return new (class extends Walk {
        override saveState() {
          words[0] = this.t;
          return { ...super.saveState(), words };
        }
        override step(action: Parameters<Env["step"]>[0]) {
          words[0] = 99;
          return super.step(action);
        }
      })();
    },
  ],
  [
    "save-load",
    "error",
    "After loadState the same environment went on differently: obs at step 1.",
    () =>
      new (class extends Walk {
        override loadState(state: StateTree) {
          const kept = this.random;
          this.random = new Random(0, "walk");
          super.loadState(state);
          this.random = kept;
        }
      })(),
  ],
  [
    "save-load-fresh",
    "error",
    "After loadState a new environment went on differently: reward at step 1.",
    () => {
      let resets = 0;
      return new (class extends Walk {
        override reset(options: ResetOptions = {}) {
          resets = 1;
          return super.reset(options);
        }
        override step(action: Parameters<Env["step"]>[0]) {
          const result = super.step(action);
          result.reward += resets;
          return result;
        }
      })();
    },
  ],
  [
    "load-misfit",
    "error",
    "loadState accepted a state of another kind.",
    () =>
      new (class extends Walk {
        override loadState(state: StateTree) {
          if ("x" in state) super.loadState(state);
        }
      })(),
  ],
];

describe("checkEnv", () => {
  it("finds nothing in a good environment", () => {
    expect(checkEnv(() => new Walk())).toEqual([]);
  });

  it.each(CASES)("finds the broken rule %s", (rule, severity, message, make) => {
    made = 0;
    expect(checkEnv(make)).toContainEqual({ rule, severity, message });
  });

  it("warns of actions that are far from [-1, 1] and of an episode that runs over its limit", () => {
    expect(checkEnv(withActions(box(-1000, 1000, [1])))).toContainEqual({
      rule: "action-scale",
      severity: "warning",
      message: "actionSpace is [-1000, 1000] at element 0, far from [-1, 1].",
    });
    const over = () => Object.assign(new Walk(), { metadata: { id: "Walk-v1", maxSteps: 9 } });
    expect(checkEnv(over)).toEqual([
      { rule: "max-steps", severity: "error", message: "No end at step 9, metadata.maxSteps = 9." },
    ]);
  });

  it("warns of an observation space without any finite bound", () => {
    const space = box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, [1]);
    const make = () =>
      new (class extends Walk {
        override get observationSpace() {
          return space;
        }
      })();
    expect(checkEnv(make)).toEqual([
      {
        rule: "box-infinite-bounds",
        severity: "warning",
        message: "observationSpace has no finite bound at all: it checks nothing.",
      },
    ]);
  });

  it("reports each rule once", () => {
    const rules = checkEnv(
      stepping((r) => {
        r.obs[0] = 3;
        r.reward = Number.NaN;
      }),
    ).map((f) => f.rule);
    expect(rules).toEqual(["observation-in-space", "reward-finite"]);
  });
});
