import { type Dynamics, envFromDynamics, vectorFromDynamics } from "../../core/dynamics.ts";
import type { AutoresetMode, Env, VectorEnv } from "../../core/env.ts";
import { box } from "../../core/spaces.ts";

const MAX_SPEED = 8;
const MAX_TORQUE = 2;
/** Seconds a step. */
const DT = 0.05;
const GRAVITY = 10;
const MASS = 1;
const LENGTH = 1;

/** The angle in [-pi, pi), 0 upright. */
function normaliseAngle(angle: number): number {
  const turn = 2 * Math.PI;
  const rest = (angle + Math.PI) % turn;
  return (rest < 0 ? rest + turn : rest) - Math.PI;
}

function clip(x: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, x));
}

/**
 * Pendulum-v1 with Gymnasium's dynamics: observation [cos, sin, angular velocity], action torque in [-2, 2] (clipped), reward
 * -(angle^2 + 0.1 velocity^2 + 0.001 torque^2) of the state before the step, never terminates, truncated after 200 steps.
 */
export function pendulumDynamics(numEnvs: number): Dynamics {
  const state = new Float64Array(numEnvs * 2);
  return {
    id: "Pendulum-v1",
    maxSteps: 200,
    observationSpace: box([-1, -1, -MAX_SPEED], [1, 1, MAX_SPEED]),
    actionSpace: box(-MAX_TORQUE, MAX_TORQUE, [1]),
    state,
    start(b, random) {
      state[2 * b] = Math.PI * (2 * random.uniform() - 1);
      state[2 * b + 1] = 2 * random.uniform() - 1;
    },
    advance(actions, live, _randoms, rewards, terminated) {
      for (let b = 0; b < numEnvs; b++) {
        if (!live[b]) continue;
        const angle = state[2 * b]!;
        const velocity = state[2 * b + 1]!;
        const torque = clip(actions[b]!, MAX_TORQUE);
        const error = normaliseAngle(angle);
        rewards[b] = -(error * error + 0.1 * velocity * velocity + 0.001 * torque * torque);
        const acceleration = ((3 * GRAVITY) / (2 * LENGTH)) * Math.sin(angle) + (3 / (MASS * LENGTH * LENGTH)) * torque;
        const next = clip(velocity + acceleration * DT, MAX_SPEED);
        state[2 * b] = angle + next * DT;
        state[2 * b + 1] = next;
        terminated[b] = 0;
      }
    },
    observe(b, obs) {
      obs[3 * b] = Math.cos(state[2 * b]!);
      obs[3 * b + 1] = Math.sin(state[2 * b]!);
      obs[3 * b + 2] = state[2 * b + 1]!;
    },
  };
}

/** One Pendulum-v1. A step throws a ContractError before reset, after the end, and for a torque that is not finite. */
export function pendulum(): Env {
  return envFromDynamics(pendulumDynamics);
}

/** Pendulum-v1 for B copies: obs Float32Array [B*3], actions [B]. */
export function pendulumVector(numEnvs: number, autoresetMode: AutoresetMode = "same-step"): VectorEnv {
  return vectorFromDynamics(pendulumDynamics, numEnvs, autoresetMode);
}
