import { describe, expect, it } from "vitest";
import { vectorise } from "../../../env/core/vectorise.ts";
import {
  frozenLake,
  frozenLakeTable,
  frozenLakeTransitions,
  frozenLakeVector,
} from "../../../env/tasks/classic/frozenlake.ts";
import { Random } from "../../../src/core/random.ts";

const STATES = 16;
const ACTIONS = 4;

/** The value of each action in each cell [16*4] for values-to-go V [16]. */
function actionValues(values: Float64Array, gamma: number): Float64Array {
  const table = frozenLakeTable();
  return Float64Array.from(table, (outcomes) =>
    outcomes.reduce((q, o) => q + o.probability * (o.reward + (o.terminated ? 0 : gamma * values[o.next]!)), 0),
  );
}

function best(q: Float64Array, cell: number): number {
  return Math.max(...q.subarray(cell * ACTIONS, (cell + 1) * ACTIONS));
}

function discountedOptimum(gamma: number): { values: Float64Array; policy: number[] } {
  let values = new Float64Array(STATES);
  for (let k = 0; k < 5000; k++) {
    const q = actionValues(values, gamma);
    values = Float64Array.from(values, (_, cell) => best(q, cell));
  }
  const q = actionValues(values, gamma);
  const policy = Array.from({ length: STATES }, (_, c) => q.subarray(c * ACTIONS, c * ACTIONS + 4).indexOf(best(q, c)));
  return { values, policy };
}

// The numbers below are in the project's shared reference, recomputed there by dynamic programming; published scores of
// tabular learners on this map lie around 0.74.
describe("FrozenLake-v1 transition table", () => {
  it("slips to both sides with a third each, and walls stop", () => {
    expect(frozenLakeTransitions(0, 0)).toEqual([
      { probability: 1 / 3, next: 0, reward: 0, terminated: false },
      { probability: 1 / 3, next: 0, reward: 0, terminated: false },
      { probability: 1 / 3, next: 4, reward: 0, terminated: false },
    ]);
    expect(frozenLakeTransitions(14, 2)).toEqual([
      { probability: 1 / 3, next: 14, reward: 0, terminated: false },
      { probability: 1 / 3, next: 15, reward: 1, terminated: true },
      { probability: 1 / 3, next: 10, reward: 0, terminated: false },
    ]);
    expect(frozenLakeTransitions(6, 2, false)).toEqual([{ probability: 1, next: 7, reward: 0, terminated: true }]);
  });

  it("has probabilities that sum to 1 in every cell", () => {
    for (const outcomes of frozenLakeTable())
      expect(outcomes.reduce((p, o) => p + o.probability, 0)).toBeCloseTo(1, 12);
  });

  it("has the value 0.5420 at the start for gamma 0.99", () => {
    expect(discountedOptimum(0.99).values[0]).toBeCloseTo(0.542, 4);
  });

  it("lets the time-dependent optimum reach the goal with 0.7442 within 100 steps", () => {
    let values = new Float64Array(STATES);
    for (let left = 1; left <= 100; left++) {
      const q = actionValues(values, 1);
      values = Float64Array.from(values, (_, cell) => best(q, cell));
    }
    expect(values[0]).toBeCloseTo(0.7442, 4);
  });

  it("lets the stationary optimum for gamma 0.99 reach the goal with 0.7402 within 100 steps", () => {
    const { policy } = discountedOptimum(0.99);
    let values = new Float64Array(STATES);
    for (let left = 1; left <= 100; left++) {
      const q = actionValues(values, 1);
      values = Float64Array.from(values, (_, cell) => q[cell * ACTIONS + policy[cell]!]!);
    }
    expect(values[0]).toBeCloseTo(0.7402, 4);
  });
});

describe("FrozenLake-v1 played", () => {
  it("gives the stationary policy its exact success rate", () => {
    const { policy } = discountedOptimum(0.99);
    const numEnvs = 4000;
    const env = frozenLakeVector(numEnvs, "next-step");
    let { obs } = env.reset({ seed: 21 });
    const finished = new Uint8Array(numEnvs);
    let successes = 0;
    for (let t = 0; t < 100; t++) {
      const step = env.step(Int32Array.from(obs, (cell) => policy[cell]!));
      obs = step.obs;
      for (let b = 0; b < numEnvs; b++) {
        if (finished[b] || !(step.terminated[b] || step.truncated[b])) continue;
        finished[b] = 1;
        successes += step.rewards[b]!;
      }
    }
    expect(finished.includes(0)).toBe(false);
    // Binomial: se = sqrt(0.7402 * 0.2598 / 4000) = 0.0069; false alarm at 4 se: 6e-5.
    expect(Math.abs(successes / numEnvs - 0.7402)).toBeLessThan(4 * 0.0069);
  });

  it("is truncated at step 100 exactly", () => {
    const env = frozenLake({ slippery: false });
    env.reset({ seed: 1 });
    for (let t = 1; t <= 100; t++) expect(env.step(0).truncated).toBe(t === 100);
  });

  it("shows the cell as one-hot float32 where asked", () => {
    const env = frozenLake({ slippery: false, oneHot: true });
    expect(env.reset({ seed: 1 }).obs).toEqual(Float32Array.from({ length: 16 }, (_, i) => (i === 0 ? 1 : 0)));
    expect(env.step(1).obs).toEqual(Float32Array.from({ length: 16 }, (_, i) => (i === 4 ? 1 : 0)));
  });

  it("agrees step for step with single copies", () => {
    const native = frozenLakeVector(3);
    const copies = vectorise(() => frozenLake(), 3);
    const random = new Random(5, "actions");
    expect(native.reset({ seed: 17 }).obs).toEqual(copies.reset({ seed: 17 }).obs);
    for (let t = 0; t < 300; t++) {
      const actions = Int32Array.from({ length: 3 }, () => random.integer(4));
      const [x, y] = [native.step(actions), copies.step(actions)];
      expect([x.obs, x.rewards, x.terminated, x.truncated]).toEqual([y.obs, y.rewards, y.terminated, y.truncated]);
      expect(x.info.final_obs).toEqual(y.info.final_obs);
    }
  });
});
