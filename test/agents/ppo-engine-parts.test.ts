import { describe, expect, it } from "vitest";
import { Ppo } from "../../agents/ppo.ts";
import type { PpoConfigInput } from "../../agents/ppo-config.ts";
import type { VectorEnv } from "../../env/core/env.ts";
import { cartPoleVector } from "../../env/tasks/classic/cartpole.ts";
import { pendulumVector } from "../../env/tasks/classic/pendulum.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import type { Engine } from "../../src/core/contracts/network.ts";

const kernel = kernelEngine();
/** The kernel's networks with the plain policies and statistics. */
const mixed: Engine = { name: "mixed", mlp: kernel.mlp, array: kernel.array, adam: kernel.adam };

const tasks: Record<string, { env: () => VectorEnv; config: PpoConfigInput }> = {
  "discrete actions": { env: () => cartPoleVector(40), config: {} },
  "a Gaussian with normalised observations and weight decay": {
    env: () => pendulumVector(200),
    config: { normaliseObservations: true, weightDecay: 0.01 },
  },
  "a squashed Gaussian with an entropy bonus": {
    env: () => pendulumVector(40),
    config: { distribution: "squashed", entropyCoefficient: 0.01 },
  },
};

// The kernel's exp, log and log1p are fdlibm's, as V8's are.
describe.each(Object.entries(tasks))("PPO with %s", (_name, { env, config }) => {
  it("learns the same weights whether policies and statistics are the kernel's or plain", () => {
    const [fast, plain] = [kernel, mixed].map((engine) => {
      const learner = new Ppo({ env: env(), config: { rolloutSteps: 16, epochs: 2, ...config }, seed: 1, engine });
      const metrics = [learner.update(), learner.update()];
      return { metrics, state: learner.saveState() };
    });
    expect(fast!.metrics).toEqual(plain!.metrics);
    expect(fast!.state).toEqual(plain!.state);
  });
});
