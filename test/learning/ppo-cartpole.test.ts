import { describe, expect, it } from "vitest";
import { Ppo } from "../../agents/ppo.ts";
import type { PpoConfigInput } from "../../agents/ppo-config.ts";
import { cartPoleVector } from "../../env/tasks/classic/cartpole.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { meanReturn, train } from "./evaluate.ts";

const STEPS = 100_000;

// The settings of rl-baselines3-zoo, hyperparams/ppo.yml, CartPole-v1: 8 environments, batch 256 (the whole rollout), 1e5 steps.
const ZOO: PpoConfigInput = {
  learningRate: 1e-3,
  learningRateSchedule: "linear",
  clipRange: 0.2,
  clipRangeSchedule: "linear",
  rolloutSteps: 32,
  epochs: 20,
  minibatches: 1,
  gamma: 0.98,
  lambda: 0.8,
};

// The zoo reports 500 for one run; a random policy scores 22.3. Seen here: 500 on each of seeds 1 to 10, 7 to 10 s a seed.
describe("PPO on CartPole-v1 with the zoo's settings", () => {
  it.each([1, 2, 3, 4, 5])("scores at least 475 over 100 episodes within 100k steps on seed %i", (seed) => {
    const learner = new Ppo({ env: cartPoleVector(8), config: ZOO, seed, engine: kernelEngine(), totalSteps: STEPS });
    train(learner, 8, STEPS);
    expect(learner.steps).toBeLessThanOrEqual(STEPS);
    expect(meanReturn(learner, cartPoleVector(100), 1_000_000 + seed * 1000, 500)).toBeGreaterThanOrEqual(475);
  });
});
