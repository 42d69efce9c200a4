import { type Dynamics, envFromDynamics, vectorFromDynamics } from "../../core/dynamics.ts";
import type { AutoresetMode, Env, VectorEnv } from "../../core/env.ts";
import { box, discrete } from "../../core/spaces.ts";

const GRAVITY = 9.8;
const MASS_POLE = 0.1;
const TOTAL_MASS = 1 + MASS_POLE;
/** Half of the pole's length, metres. */
const LENGTH = 0.5;
const POLE_MASS_LENGTH = MASS_POLE * LENGTH;
const FORCE = 10;
/** Seconds a step. */
const TAU = 0.02;
const THETA_LIMIT = (12 * 2 * Math.PI) / 360;
const X_LIMIT = 2.4;

const OBSERVATION = box(
  [-2 * X_LIMIT, Number.NEGATIVE_INFINITY, -2 * THETA_LIMIT, Number.NEGATIVE_INFINITY],
  [2 * X_LIMIT, Number.POSITIVE_INFINITY, 2 * THETA_LIMIT, Number.POSITIVE_INFINITY],
);

/** Below this the polynomials of {@link sine} and {@link cosine} need no reduction; poles fall at 0.21. */
const SMALL_ANGLE = 0.29;

/** sin(x) for |x| < SMALL_ANGLE as fdlibm computes it (k_sin.c), to its bits: the same on every runtime, and faster than a call. */
function sine(x: number): number {
  const z = x * x;
  const r =
    8.33333333332248946124e-3 +
    z *
      (-1.98412698298579493134e-4 +
        z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)));
  return x + z * x * (-1.66666666666666324348e-1 + z * r);
}

/** cos(x), likewise (k_cos.c). */
function cosine(x: number): number {
  const z = x * x;
  const r =
    z *
    (4.16666666666666019037e-2 +
      z *
        (-1.38888888888741095749e-3 +
          z *
            (2.48015872894767294178e-5 +
              z * (-2.75573143513906633035e-7 + z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11)))));
  return 1 - (0.5 * z - z * r);
}

/**
 * CartPole-v1 with Gymnasium's dynamics (Barto, Sutton and Anderson 1983; Euler steps): observation [x, dx/dt, theta, dtheta/dt],
 * actions 0 left and 1 right, reward 1 a step, ends at |x| > 2.4 or |theta| > 12 degrees, truncated after 500 steps.
 */
export function cartPoleDynamics(numEnvs: number): Dynamics {
  const state = new Float64Array(numEnvs * 4);
  return {
    id: "CartPole-v1",
    maxSteps: 500,
    observationSpace: OBSERVATION,
    actionSpace: discrete(2),
    state,
    start(b, random) {
      for (let i = 4 * b; i < 4 * b + 4; i++) state[i] = -0.05 + 0.1 * random.uniform();
    },
    advance(actions, live, _randoms, rewards, terminated) {
      for (let b = 0; b < numEnvs; b++) {
        if (!live[b]) continue;
        const i = 4 * b;
        const velocity = state[i + 1]!;
        const theta = state[i + 2]!;
        const thetaVelocity = state[i + 3]!;
        const small = theta < SMALL_ANGLE && theta > -SMALL_ANGLE;
        const cos = small ? cosine(theta) : Math.cos(theta);
        const sin = small ? sine(theta) : Math.sin(theta);
        const force = actions[b] === 1 ? FORCE : -FORCE;
        const push = (force + POLE_MASS_LENGTH * thetaVelocity * thetaVelocity * sin) / TOTAL_MASS;
        const thetaAcceleration =
          (GRAVITY * sin - cos * push) / (LENGTH * (4 / 3 - (MASS_POLE * cos * cos) / TOTAL_MASS));
        const acceleration = push - (POLE_MASS_LENGTH * thetaAcceleration * cos) / TOTAL_MASS;
        const x = (state[i]! += TAU * velocity);
        state[i + 1] = velocity + TAU * acceleration;
        const newTheta = (state[i + 2] = theta + TAU * thetaVelocity);
        state[i + 3] = thetaVelocity + TAU * thetaAcceleration;
        rewards[b] = 1;
        terminated[b] = x < -X_LIMIT || x > X_LIMIT || newTheta < -THETA_LIMIT || newTheta > THETA_LIMIT ? 1 : 0;
      }
    },
    observeAll(obs) {
      obs.set(state);
    },
    observe(b, obs) {
      for (let i = 4 * b; i < 4 * b + 4; i++) obs[i] = state[i]!;
    },
  };
}

/** One CartPole-v1. A step throws a ContractError before reset, after the end, and for an action other than 0 and 1. */
export function cartPole(): Env {
  return envFromDynamics(cartPoleDynamics);
}

/** CartPole-v1 for B copies: obs Float32Array [B*4], actions [B]. */
export function cartPoleVector(numEnvs: number, autoresetMode: AutoresetMode = "same-step"): VectorEnv {
  return vectorFromDynamics(cartPoleDynamics, numEnvs, autoresetMode);
}
