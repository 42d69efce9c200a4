import { Ppo } from "../agents/ppo.ts";
import type { Engine } from "../src/core/contracts/network.ts";
import { rate } from "./measure.ts";
import { noiseEnv } from "./noise-env.ts";

/** A learner whose `update` is `epochs` gradient steps on one rollout of `batch` rows, and how often it makes them. */
export class UpdateLearner {
  readonly #learner: Ppo;
  readonly #samples: number;

  constructor(engine: Engine, batch: number, epochs: number) {
    const config = {
      rolloutSteps: 1,
      epochs,
      minibatches: 1,
      learningRate: 2.5e-4,
      entropyCoefficient: 0.01,
      hiddenSizes: [64, 64],
      activation: "tanh" as const,
    };
    this.#learner = new Ppo({ env: noiseEnv(batch, 24, 3), config, seed: 1, engine });
    this.#samples = epochs * batch;
  }

  /** [samples/s] of one round. */
  round(seconds: number): number[] {
    return rate(() => void this.#learner.update(), this.#samples, seconds);
  }
}
