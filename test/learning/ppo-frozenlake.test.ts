import { describe, expect, it } from "vitest";
import { Ppo } from "../../agents/ppo.ts";
import type { PpoConfigInput } from "../../agents/ppo-config.ts";
import { frozenLakeTransitions, frozenLakeVector } from "../../env/tasks/classic/frozenlake.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { train } from "./evaluate.ts";

const CELLS = 16;
const STEPS = 300_000;

/** Probability that a stationary policy reaches the goal within 100 steps, exactly, by carrying the distribution over cells forward. */
function success(policy: ArrayLike<number>): number {
  let mass = new Float64Array(CELLS);
  mass[0] = 1;
  let reached = 0;
  for (let t = 0; t < 100; t++) {
    const next = new Float64Array(CELLS);
    for (let cell = 0; cell < CELLS; cell++) {
      if (mass[cell] === 0) continue;
      for (const { probability, next: to, reward, terminated } of frozenLakeTransitions(cell, policy[cell]!)) {
        reached += mass[cell]! * probability * reward;
        if (!terminated) next[to]! += mass[cell]! * probability;
      }
    }
    mass = next;
  }
  return reached;
}

// The discount is near 1 because success within 100 steps is what counts; entropy keeps cells visited that the policy avoids.
const CONFIG: PpoConfigInput = {
  learningRate: 3e-3,
  learningRateSchedule: "linear",
  rolloutSteps: 256,
  epochs: 10,
  minibatches: 8,
  gamma: 0.999,
  lambda: 0.9,
  entropyCoefficient: 0.02,
  hiddenSizes: [64],
};

describe("PPO on FrozenLake-v1, 4x4 slippery", () => {
  it("is judged exactly: value iteration at discount 0.99 has V(start) = 0.5420 and its policy succeeds with 0.7402", () => {
    const value = new Float64Array(CELLS);
    const best = new Float64Array(CELLS);
    const worth = (cell: number, action: number) =>
      frozenLakeTransitions(cell, action)
        .map((o) => o.probability * (o.reward + (o.terminated ? 0 : 0.99 * value[o.next]!)))
        .reduce((a, b) => a + b, 0);
    for (let sweep = 0; sweep < 2000; sweep++)
      for (let cell = 0; cell < CELLS; cell++) {
        for (let a = 0; a < 4; a++) if (worth(cell, a) > worth(cell, best[cell]!) + 1e-12) best[cell] = a;
        value[cell] = worth(cell, best[cell]!);
      }
    expect(value[0]).toBeCloseTo(0.542, 4);
    expect(success(best)).toBeCloseTo(0.7402, 4);
  });

  // Seen here: 0.7402 on each of seeds 1 to 10, 5 to 9 s a seed.
  it.each([1, 2, 3, 4, 5])("reaches the goal with probability 0.735 or more on seed %i", (seed) => {
    const env = frozenLakeVector(8);
    const learner = new Ppo({ env, config: CONFIG, seed, engine: kernelEngine(), totalSteps: STEPS });
    train(learner, 8, STEPS);
    const policy = new Float64Array(CELLS);
    learner.act(
      Int32Array.from({ length: CELLS }, (_, cell) => cell),
      CELLS,
      new Uint8Array(0),
      policy,
    );
    expect(success(policy)).toBeGreaterThanOrEqual(0.735);
  });
});
