import { describe, expect, it } from "vitest";
import type { AutoresetMode, Env, VectorEnv } from "../../../env/core/env.ts";
import { sample } from "../../../env/core/space-values.ts";
import { flatSize } from "../../../env/core/spaces.ts";
import { vectorise } from "../../../env/core/vectorise.ts";
import { cartPole, cartPoleVector } from "../../../env/tasks/classic/cartpole.ts";
import { pendulum, pendulumVector } from "../../../env/tasks/classic/pendulum.ts";
import { Random } from "../../../src/core/random.ts";

/** Puts a single environment into a state of our choice, through its saved state. */
function placed(env: Env, state: readonly number[]): Env {
  env.reset({ seed: 1 });
  const saved = env.saveState() as { batch: { state: Float64Array } };
  saved.batch.state.set(state);
  env.loadState(saved as never);
  return env;
}

function meanRandomReturn(env: VectorEnv, episodes: number, seed: number): { mean: number; se: number } {
  const random = new Random(seed, "random-policy");
  const returns: number[] = [];
  const running = new Float64Array(env.numEnvs);
  env.reset({ seed });
  // The first episode of each copy alone is counted, so that short episodes are not over-counted.
  const counted = new Uint8Array(env.numEnvs);
  const actions = new Float64Array(env.numEnvs * flatSize(env.singleActionSpace));
  while (returns.length < episodes) {
    for (let b = 0; b < env.numEnvs; b++) {
      const a = sample(env.singleActionSpace, random);
      actions[b] = typeof a === "number" ? a : a[0]!;
    }
    const step = env.step(actions);
    for (let b = 0; b < env.numEnvs; b++) {
      if (counted[b]) continue;
      running[b]! += step.rewards[b]!;
      if (step.terminated[b] || step.truncated[b]) {
        counted[b] = 1;
        returns.push(running[b]!);
      }
    }
  }
  const mean = returns.reduce((a, b) => a + b, 0) / returns.length;
  const variance = returns.reduce((a, b) => a + (b - mean) ** 2, 0) / (returns.length - 1);
  return { mean, se: Math.sqrt(variance / returns.length) };
}

describe("CartPole-v1", () => {
  it("moves by the equations of motion, checked by hand from rest", () => {
    // From (0, 0, 0, 0) with force +10: push = 10 / 1.1 = 9.0909; theta'' = -9.0909 / (0.5 (4/3 - 0.1/1.1)) = -14.634146;
    // x'' = 9.0909 + 0.05 * 14.634146 / 1.1 = 9.756098. Euler: positions do not move in the first step.
    const { obs, reward } = placed(cartPole(), [0, 0, 0, 0]).step(1);
    expect(obs).toBeInstanceOf(Float32Array);
    expect(obs[0]).toBe(0);
    expect(obs[1]).toBeCloseTo(0.02 * 9.756097560975611, 7);
    expect(obs[2]).toBe(0);
    expect(obs[3]).toBeCloseTo(0.02 * -14.634146341463415, 7);
    expect(reward).toBe(1);
  });

  it("takes sines and cosines of any angle", () => {
    const env = cartPole();
    for (let theta = -3.2; theta < 3.2; theta += 0.00937) {
      const saved = placed(env, [0, 0, theta, 0.5]);
      saved.step(1);
      const [, velocity, , spin] = (saved.saveState() as { batch: { state: Float64Array } }).batch.state;
      const [sin, cos] = [Math.sin(theta), Math.cos(theta)];
      const push = (10 + 0.05 * 0.25 * sin) / 1.1;
      const turn = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - (0.1 * cos * cos) / 1.1));
      expect(Math.abs(spin! - (0.5 + 0.02 * turn))).toBeLessThan(1e-15);
      expect(Math.abs(velocity! - 0.02 * (push - (0.05 * turn * cos) / 1.1))).toBeLessThan(1e-15);
    }
  });

  it("mirrors when state and action are mirrored", () => {
    const right = placed(cartPole(), [0.1, -0.3, 0.05, 0.4]).step(1).obs;
    const left = placed(cartPole(), [-0.1, 0.3, -0.05, -0.4]).step(0).obs;
    expect(Array.from(left, (x) => -x)).toEqual(Array.from(right));
  });

  it("terminates beyond 12 degrees and beyond 2.4, not at rest inside them", () => {
    expect(placed(cartPole(), [0, 0, 0.2095, 0]).step(1).terminated).toBe(true);
    expect(placed(cartPole(), [0, 0, 0.2094, 0]).step(1).terminated).toBe(false);
    expect(placed(cartPole(), [2.41, 0, 0, 0]).step(1).terminated).toBe(true);
    expect(placed(cartPole(), [-2.39, 0, 0, 0]).step(1).terminated).toBe(false);
  });

  it("is truncated at step 500 exactly", () => {
    const env = cartPole();
    env.reset({ seed: 3 });
    for (let t = 1; t <= 500; t++) {
      const saved = env.saveState() as { batch: { state: Float64Array } };
      saved.batch.state.fill(0);
      env.loadState(saved as never);
      expect(env.step(t % 2).truncated).toBe(t === 500);
    }
  });

  it("gives the random policy 22.26 an episode", () => {
    // 22.26: shared reference of the project, recomputed independently. False alarm at 4 standard errors: 6e-5.
    const { mean, se } = meanRandomReturn(cartPoleVector(8192), 8192, 11);
    expect(se).toBeLessThan(0.2);
    expect(Math.abs(mean - 22.26)).toBeLessThan(4 * se + 0.01);
  });
});

describe("Pendulum-v1", () => {
  it("moves by the equations of motion, checked by hand", () => {
    // angle pi/2, at rest, torque 1: a = 15 * 1 + 3 = 18; velocity 0.9; angle pi/2 + 0.045.
    const { obs, reward } = placed(pendulum(), [Math.PI / 2, 0]).step(new Float32Array([1]));
    expect(obs[2]).toBeCloseTo(0.9, 6);
    expect(obs[0]).toBeCloseTo(Math.cos(Math.PI / 2 + 0.045), 6);
    expect(obs[1]).toBeCloseTo(Math.sin(Math.PI / 2 + 0.045), 6);
    expect(reward).toBeCloseTo(-((Math.PI / 2) ** 2 + 0.001), 12);
  });

  it("clips torque to 2 and velocity to 8, and counts angles from upright in both directions", () => {
    const { obs, reward } = placed(pendulum(), [2 * Math.PI + 0.5, 7.9]).step(new Float64Array([50]));
    expect(obs[2]).toBe(8);
    expect(reward).toBeCloseTo(-(0.25 + 0.1 * 7.9 * 7.9 + 0.001 * 4), 12);
    const other = placed(pendulum(), [-4 * Math.PI - 0.5, 0]).step(new Float64Array([-50]));
    expect(other.reward).toBeCloseTo(-(0.25 + 0.001 * 4), 12);
  });

  it("is truncated at step 200 exactly and never terminates", () => {
    const env = pendulum();
    env.reset({ seed: 3 });
    for (let t = 1; t <= 200; t++) {
      const step = env.step(new Float32Array([0]));
      expect([step.terminated, step.truncated]).toEqual([false, t === 200]);
    }
  });

  it("gives the random policy -1233.6 an episode", () => {
    // -1233.6, sd 288: shared reference of the project, recomputed independently. False alarm at 4 standard errors: 6e-5.
    const { mean, se } = meanRandomReturn(pendulumVector(4096), 4096, 12);
    expect(se * Math.sqrt(4096)).toBeGreaterThan(260);
    expect(se * Math.sqrt(4096)).toBeLessThan(316);
    expect(Math.abs(mean + 1233.6)).toBeLessThan(4 * se + 1);
  });
});

describe.each([
  ["CartPole-v1", cartPole, cartPoleVector],
  ["Pendulum-v1", pendulum, pendulumVector],
] as const)("%s in its native vector form", (_id, single, vector) => {
  it.each<AutoresetMode>(["next-step", "same-step"])("agrees step for step with single copies in %s mode", (mode) => {
    const native = vector(3, mode);
    const copies = vectorise(() => single(), 3, mode);
    const random = new Random(5, "actions");
    expect(native.reset({ seed: 17 }).obs).toEqual(copies.reset({ seed: 17 }).obs);
    const width = flatSize(native.singleActionSpace);
    for (let t = 0; t < 450; t++) {
      const actions = new Float64Array(3 * width);
      for (let b = 0; b < 3; b++) {
        const a = sample(native.singleActionSpace, random);
        actions.set(typeof a === "number" ? [a] : a, b * width);
      }
      const x = native.step(actions);
      const y = copies.step(actions);
      expect([x.obs, x.rewards, x.terminated, x.truncated]).toEqual([y.obs, y.rewards, y.terminated, y.truncated]);
      if (mode === "same-step") {
        expect(x.info.final_obs).toEqual(y.info.final_obs);
        expect(x.info._final_obs).toEqual(y.info._final_obs);
      }
    }
  });
});
