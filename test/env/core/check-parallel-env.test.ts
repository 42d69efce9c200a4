import { describe, expect, it } from "vitest";
import { checkParallelEnv } from "../../../env/core/check-parallel-env.ts";
import type { ParallelEnv, ResetOptions } from "../../../env/core/env.ts";
import { box, discrete } from "../../../env/core/spaces.ts";
import { PassingPair } from "../../../env/tasks/classic/passing-pair.ts";
import type { StateTree } from "../../../src/core/state.ts";
import type { ParallelStep } from "./walk.ts";

type Actions = Parameters<ParallelEnv["step"]>[0];
type Case = readonly [rule: string, severity: "error" | "warning", message: string, make: () => ParallelEnv];

function stepped(change: (r: ParallelStep, env: PassingPair) => void): () => ParallelEnv {
  return () =>
    new (class extends PassingPair {
      override step(actions: Actions) {
        const r = super.step(actions);
        change(r, this);
        return r;
      }
    })();
}

/** Changes what `agents` says, as long as an episode lasts. */
function listing(change: (agents: readonly string[], steps: number) => readonly string[]): () => ParallelEnv {
  return () =>
    new (class extends PassingPair {
      steps = 0;
      override get agents() {
        return change(super.agents, this.steps);
      }
      override reset(options?: ResetOptions) {
        this.steps = 0;
        return super.reset(options);
      }
      override step(actions: Actions) {
        this.steps++;
        return super.step({ east: 1, west: 1, ...actions });
      }
    })();
}

let made = 0;

const CASES: readonly Case[] = [
  [
    "same-space-object",
    "error",
    'actionSpace("east") is a new object at every call.',
    () =>
      new (class extends PassingPair {
        override actionSpace() {
          return discrete(3);
        }
      })(),
  ],
  [
    "discrete-start",
    "warning",
    'actionSpace("east") starts at 1: many learners assume 0.',
    () => {
      const space = discrete(2, 1);
      return new (class extends PassingPair {
        override actionSpace() {
          return space;
        }
      })();
    },
  ],
  [
    "agents-at-reset",
    "error",
    "No agent is alive after reset.",
    () =>
      new (class extends PassingPair {
        override get agents() {
          return [];
        }
      })(),
  ],
  [
    "possible-agents",
    "error",
    "[west] are alive but not in possibleAgents.",
    () =>
      new (class extends PassingPair {
        override readonly possibleAgents = ["east"];
      })(),
  ],
  [
    "possible-agents-fixed",
    "error",
    "possibleAgents changed during an episode.",
    () => {
      const possible = ["east", "west"];
      return new (class extends PassingPair {
        override readonly possibleAgents = possible;
        override step(actions: Actions) {
          if (possible.length === 2) possible.push("north");
          return super.step(actions);
        }
      })();
    },
  ],
  [
    "key-sets",
    "error",
    "rewards of step has no entry for [west].",
    stepped((r) => {
      delete r.rewards.west;
    }),
  ],
  [
    "observation-in-space",
    "error",
    'step returned an observation outside observationSpace("west"): element 0 is 3, outside [0, 1].',
    stepped((r) => {
      if (r.obs.west) r.obs.west[0] = 3;
    }),
  ],
  [
    "observation-length",
    "error",
    'reset returned an observation of length 2, observationSpace("east") wants 3.',
    () => {
      const space = box(0, 1, [3]);
      return new (class extends PassingPair {
        override observationSpace() {
          return space;
        }
      })();
    },
  ],
  [
    "reward-finite",
    "error",
    "step returned the reward NaN for east.",
    stepped((r) => {
      r.rewards.east = Number.NaN;
    }),
  ],
  [
    "flags-boolean",
    "error",
    "step returned terminated of type number for east.",
    stepped((r) => {
      r.terminated.east = 0 as unknown as boolean;
    }),
  ],
  [
    "truncation-at-once",
    "error",
    "The first step of an episode was truncated for east.",
    stepped((r) => {
      r.truncated.east = true;
    }),
  ],
  [
    "agents-leave",
    "error",
    "[east] ended at a step and are still in agents.",
    stepped((r) => {
      r.terminated.east = true;
    }),
  ],
  [
    "agents-never-revive",
    "error",
    "[west] came back within an episode.",
    () =>
      new (class extends PassingPair {
        steps = 0;
        override get agents() {
          return this.steps === 2 ? ["east"] : super.agents;
        }
        override reset(options?: ResetOptions) {
          this.steps = 0;
          return super.reset(options);
        }
        override step(actions: Actions) {
          this.steps++;
          const r = super.step({ west: 1, ...actions });
          if (this.steps === 2) r.terminated.west = true;
          return r;
        }
      })(),
  ],
  [
    "agents-end",
    "error",
    "[west] left agents without being terminated or truncated.",
    listing((agents, steps) => (steps >= 2 ? agents.filter((a) => a !== "west") : agents)),
  ],
  [
    "state-finite",
    "error",
    "state() has a number that is not finite.",
    () =>
      new (class extends PassingPair {
        override state() {
          return Float32Array.of(Number.NaN);
        }
      })(),
  ],
  [
    "seed-determinism",
    "error",
    "Two environments reset with seed 1 start differently.",
    () =>
      new (class extends PassingPair {
        readonly #nth = made++;
        override reset(options: ResetOptions = {}) {
          return super.reset(options.seed === undefined ? options : { seed: options.seed + this.#nth });
        }
      })(),
  ],
  [
    "step-determinism",
    "error",
    "Seed 1 and the same actions differed in rewards at step 1.",
    () => {
      const nth = made++;
      return stepped((r) => {
        r.rewards.east = (r.rewards.east ?? 0) + nth;
      })();
    },
  ],
  [
    "re-seed-determinism",
    "error",
    "One environment re-seeded with 1 differed in obs at step 1.",
    () =>
      new (class extends PassingPair {
        #first = true;
        override reset(options: ResetOptions = {}) {
          const result = super.reset(this.#first ? options : { seed: 99 });
          this.#first = false;
          return result;
        }
      })(),
  ],
  [
    "max-steps",
    "error",
    "Truncated at step 20, before metadata.maxSteps = 21.",
    () => Object.assign(new PassingPair(), { metadata: { id: "PassingPair-v1", maxSteps: 21 } }),
  ],
  [
    "saved-state-copy",
    "error",
    "saveState returned an object that changed when the environment went on.",
    () => {
      const steps = new Int32Array(1);
      return new (class extends PassingPair {
        override step(actions: Actions) {
          steps[0]! += 1;
          return super.step(actions);
        }
        override saveState() {
          return { ...super.saveState(), steps };
        }
      })();
    },
  ],
  [
    "save-load",
    "error",
    "After loadState a new environment went on differently: truncated at step 15.",
    () =>
      new (class extends PassingPair {
        override loadState(state: StateTree) {
          // Forgets the five steps taken before.
          const cells = (state.state as Int32Array).slice();
          cells[2] = 0;
          super.loadState({ ...state, state: cells });
        }
      })(),
  ],
  [
    "load-misfit",
    "error",
    "loadState accepted a state of another kind.",
    () =>
      new (class extends PassingPair {
        override loadState(state: StateTree) {
          if ("state" in state) super.loadState(state);
        }
      })(),
  ],
  [
    "runs",
    "error",
    "an episode threw: no network",
    () =>
      new (class extends PassingPair {
        override step(): never {
          throw new RangeError("no network");
        }
      })(),
  ],
];

describe("checkParallelEnv", () => {
  it("finds nothing in a good environment", () => {
    expect(checkParallelEnv(() => new PassingPair())).toEqual([]);
  });

  it.each(CASES)("finds the broken rule %s", (rule, severity, message, make) => {
    made = 0;
    expect(checkParallelEnv(make)).toContainEqual({ rule, severity, message });
  });

  it("finds agents that live on after the step limit", () => {
    const make = () => Object.assign(new PassingPair(), { metadata: { id: "PassingPair-v1", maxSteps: 3 } });
    expect(checkParallelEnv(make)).toEqual([
      { rule: "max-steps", severity: "error", message: "Agents live on after step 3, metadata.maxSteps = 3." },
    ]);
  });
});
