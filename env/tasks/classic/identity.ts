import { ContractError } from "../../../src/core/errors.ts";
import type { Dynamics, MakeDynamics } from "../../core/dynamics.ts";
import { box, discrete } from "../../core/spaces.ts";

/** Steps an episode, as in Stable-Baselines3's identity environments: the best return is 100. */
const EPISODE = 100;

/**
 * The action that repeats the observation earns 1, all others 0; a new value is drawn each step.
 * The observation is Discrete(n), or float32 [n] with a one with `oneHot`. After Stable-Baselines3's IdentityEnv.
 */
export function identityDiscrete(n = 4, oneHot = false): MakeDynamics {
  if (!Number.isInteger(n) || n < 2)
    throw new ContractError("The number of values is wrong.", {
      which: "n",
      value: n,
      fix: "Pass an integer of at least 2.",
    });
  return (numEnvs): Dynamics => {
    const state = new Int32Array(numEnvs);
    return {
      id: "IdentityDiscrete-v1",
      maxSteps: EPISODE,
      observationSpace: oneHot ? box(0, 1, [n]) : discrete(n),
      actionSpace: discrete(n),
      state,
      start(b, random) {
        state[b] = random.integer(n);
      },
      advance(actions, live, randoms, rewards, terminated) {
        for (let b = 0; b < numEnvs; b++) {
          if (!live[b]) continue;
          rewards[b] = actions[b] === state[b] ? 1 : 0;
          terminated[b] = 0;
          state[b] = randoms[b]!.integer(n);
        }
      },
      observe(b, obs) {
        if (!oneHot) obs[b] = state[b]!;
        else for (let i = 0; i < n; i++) obs[b * n + i] = state[b] === i ? 1 : 0;
      },
    };
  };
}

/** An action within `tolerance` of the observation, uniform on [-1, 1], earns 1. After Stable-Baselines3's IdentityEnvBox. */
export function identityBox(tolerance = 0.5): MakeDynamics {
  return (numEnvs): Dynamics => {
    const state = new Float64Array(numEnvs);
    return {
      id: "IdentityBox-v1",
      maxSteps: EPISODE,
      observationSpace: box(-1, 1, [1]),
      actionSpace: box(-1, 1, [1]),
      state,
      start(b, random) {
        state[b] = 2 * random.uniform() - 1;
      },
      advance(actions, live, randoms, rewards, terminated) {
        for (let b = 0; b < numEnvs; b++) {
          if (!live[b]) continue;
          rewards[b] = Math.abs(actions[b]! - state[b]!) <= tolerance ? 1 : 0;
          terminated[b] = 0;
          state[b] = 2 * randoms[b]!.uniform() - 1;
        }
      },
      observe(b, obs) {
        obs[b] = state[b]!;
      },
    };
  };
}
