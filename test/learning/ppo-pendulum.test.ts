import { expect, it } from "vitest";
import { Ppo } from "../../agents/ppo.ts";
import type { PpoConfigInput } from "../../agents/ppo-config.ts";
import { pendulumVector } from "../../env/tasks/classic/pendulum.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { meanReturn, train } from "./evaluate.ts";

const STEPS = 100_000;

// From the row of rl-baselines3-zoo, hyperparams/ppo.yml, Pendulum-v1 (4 environments, gamma 0.9, lambda 0.95, learning rate 1e-3,
// 10 epochs, batch 64), without its state-dependent exploration; instead rollouts half as long, scaled rewards, and a falling rate.
const CONFIG: PpoConfigInput = {
  learningRate: 1e-3,
  learningRateSchedule: "linear",
  rolloutSteps: 512,
  epochs: 10,
  minibatches: 32,
  gamma: 0.9,
  lambda: 0.95,
  normaliseRewards: true,
};

// A random policy scores -1234, an energy-shaping controller -149. Seen here: -148 to -186 on seeds 1 to 10, 3 to 8 s a seed; on
// another draw of the 100 episodes -175 to -196.
it("PPO scores at least -200 over 100 episodes of Pendulum-v1 within 100k steps on 4 of 5 seeds", () => {
  const scores = [1, 2, 3, 4, 5].map((seed) => {
    const env = pendulumVector(4);
    const learner = new Ppo({ env, config: CONFIG, seed, engine: kernelEngine(), totalSteps: STEPS });
    train(learner, 4, STEPS);
    return meanReturn(learner, pendulumVector(100), 1_000_000 + seed * 1000, 200);
  });
  expect(scores.filter((score) => score >= -200).length, `scores ${scores.join(", ")}`).toBeGreaterThanOrEqual(4);
});
