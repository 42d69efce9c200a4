import type { Dynamics, MakeDynamics } from "../../core/dynamics.ts";
import { box, discrete } from "../../core/spaces.ts";

/**
 * Probe environments: each has a value function known in closed form and isolates one way in which a learner can be wrong
 * (A. Jones, "Debugging RL, Without the Agonizing Pain"; the truncation probe is ours). All have two actions and one observation.
 */
interface Probe {
  readonly id: string;
  readonly maxSteps?: number;
  /** Numbers that the single state of a copy may start with; one is drawn. */
  readonly starts: readonly number[];
  reward(state: number, action: number): number;
  /** The next state, or undefined where the episode terminates. */
  next(state: number): number | undefined;
  observation?(state: number): number;
}

function probe(definition: Probe): MakeDynamics {
  const { id, maxSteps, starts, reward, next, observation } = definition;
  return (numEnvs): Dynamics => {
    const state = new Float64Array(numEnvs);
    return {
      id,
      ...(maxSteps === undefined ? {} : { maxSteps }),
      observationSpace: box(-1, 1, [1]),
      actionSpace: discrete(2),
      state,
      start(b, random) {
        state[b] = starts[random.integer(starts.length)]!;
      },
      advance(actions, live, _randoms, rewards, terminated) {
        for (let b = 0; b < numEnvs; b++) {
          if (!live[b]) continue;
          rewards[b] = reward(state[b]!, actions[b]!);
          const after = next(state[b]!);
          terminated[b] = after === undefined ? 1 : 0;
          if (after !== undefined) state[b] = after;
        }
      },
      observe(b, obs) {
        obs[b] = observation ? observation(state[b]!) : state[b]!;
      },
    };
  };
}

const end = () => undefined;

/** One step, reward 1: V = 1. Wrong here: the value loss or its learning rate. */
export const constantRewardProbe = probe({ id: "ProbeConstantReward-v1", starts: [0], reward: () => 1, next: end });

/** One step, the observation is 1 or -1 and is the reward: V(o) = o. Wrong here: backpropagation into the observation. */
export const observationRewardProbe = probe({
  id: "ProbeObservationReward-v1",
  starts: [-1, 1],
  reward: (state) => state,
  next: end,
});

/** Two steps, observations 0 and 1, reward 1 at the end: V(0) = gamma, V(1) = 1. Wrong here: discounting. */
export const discountProbe = probe({
  id: "ProbeDiscount-v1",
  starts: [0],
  reward: (state) => state,
  next: (state) => (state === 0 ? 1 : undefined),
});

/** One step, action 1 earns 1 and action 0 costs 1: the policy goes to action 1, V to 1. Wrong here: the policy loss. */
export const actionProbe = probe({
  id: "ProbeAction-v1",
  starts: [0],
  reward: (_state, action) => (action === 1 ? 1 : -1),
  next: end,
});

/** One step, observation 1 wants action 1 and -1 wants action 0: V = 1 for both. Wrong here: mixed-up rows of a batch. */
export const observationActionProbe = probe({
  id: "ProbeObservationAction-v1",
  starts: [-1, 1],
  reward: (state, action) => ((state === 1) === (action === 1) ? 1 : -1),
  next: end,
});

/**
 * Reward 1 for ever, truncated after `limit` steps, observation t / limit: V = 1 / (1 - gamma) everywhere. A learner that takes
 * truncation for termination finds (1 - gamma^(limit - t)) / (1 - gamma).
 */
export function truncationProbe(limit = 5): MakeDynamics {
  return probe({
    id: "ProbeTruncation-v1",
    maxSteps: limit,
    starts: [0],
    reward: () => 1,
    next: (state) => state + 1,
    observation: (state) => state / limit,
  });
}
