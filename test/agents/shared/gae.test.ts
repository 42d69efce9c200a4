import { describe, expect, it } from "vitest";
import { type Advantages, generalisedAdvantages, type RolloutOutcome } from "../../../agents/shared/gae.ts";
import { RolloutBuffer } from "../../../agents/shared/rollout.ts";
import type { AutoresetMode } from "../../../env/core/env.ts";
import { referenceEngine } from "../../../models/kernel/reference.ts";
import { ConfigError, ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

const GAMMA = 0.99;
const LAMBDA = 0.95;

function outcome(
  rewards: number[],
  values: number[],
  envs: number,
  over: Partial<RolloutOutcome> = {},
): RolloutOutcome {
  const rows = rewards.length;
  return {
    steps: rows / envs,
    envs,
    rewards: Float64Array.from(rewards),
    values: Float64Array.from(values),
    lastValues: new Float64Array(envs),
    terminated: new Uint8Array(rows),
    truncated: new Uint8Array(rows),
    finalValues: new Float64Array(rows),
    resetFirst: new Uint8Array(envs),
    ...over,
  };
}

function empty(rows: number): Advantages {
  return {
    advantages: new Float64Array(rows),
    returns: new Float64Array(rows),
    valid: new Uint8Array(rows),
  };
}

function run(mode: AutoresetMode, rollout: RolloutOutcome): Advantages {
  const out = empty(rollout.rewards.length);
  generalisedAdvantages(mode, rollout, GAMMA, LAMBDA, out);
  return out;
}

const near = (actual: Float64Array, expected: number[]) => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, 9);
};

// Worked by hand: r = 1, V = [.5, .6, .7, .8], V_next = .9, gamma = .99, lambda = .95; the episode ends at t = 1.
describe("generalised advantages of the hand-worked rollout", () => {
  const rewards = [1, 1, 1, 1];
  const values = [0.5, 0.6, 0.7, 0.8];
  const lastValues = Float64Array.of(0.9);

  it("bootstraps a truncation with the value of the true last observation", () => {
    const out = run(
      "same-step",
      outcome(rewards, values, 1, {
        lastValues,
        truncated: Uint8Array.of(0, 1, 0, 0),
        finalValues: Float64Array.of(0, 2, 0, 0),
      }),
    );
    near(out.advantages, [3.33239, 2.38, 2.1180855, 1.091]);
    near(out.returns, [3.83239, 2.98, 2.8180855, 1.891]);
    expect([...out.valid]).toEqual([1, 1, 1, 1]);
  });

  it("bootstraps a termination with nothing, also where a limit was hit at the same step", () => {
    const over = { lastValues, terminated: Uint8Array.of(0, 1, 0, 0), finalValues: Float64Array.of(0, 2, 0, 0) };
    const plain = run("same-step", outcome(rewards, values, 1, over));
    near(plain.advantages, [1.4702, 0.4, 2.1180855, 1.091]);
    const both = run("same-step", outcome(rewards, values, 1, { ...over, truncated: over.terminated }));
    expect(both.advantages).toEqual(plain.advantages);
  });

  it("gives the same advantages in next-step mode and masks the ignored row out", () => {
    // The row after the end shows the last observation (V = 2); its action, reward and log-probability mean nothing.
    const out = run(
      "next-step",
      outcome([1, 1, 77, 1, 1], [0.5, 0.6, 2, 0.7, 0.8], 1, { lastValues, truncated: Uint8Array.of(0, 1, 0, 0, 0) }),
    );
    near(out.advantages, [3.33239, 2.38, 0, 2.1180855, 1.091]);
    expect([...out.valid]).toEqual([1, 1, 0, 1, 1]);
    expect(out.returns[2]).toBe(2);
    const dead = run(
      "next-step",
      outcome([1, 1, 77, 1, 1], [0.5, 0.6, 2, 0.7, 0.8], 1, { lastValues, terminated: Uint8Array.of(0, 1, 0, 0, 0) }),
    );
    near(dead.advantages, [1.4702, 0.4, 0, 2.1180855, 1.091]);
  });

  it("masks row 0 in next-step mode when the rollout before ended an episode", () => {
    const out = run("next-step", outcome([5, 1, 1], [9, 0.7, 0.8], 1, { lastValues, resetFirst: Uint8Array.of(1) }));
    near(out.advantages, [0, 2.1180855, 1.091]);
    expect([...out.valid]).toEqual([0, 1, 1]);
  });

  it("bootstraps an episode truncated at the last row of a next-step rollout with the observation shown after it", () => {
    const rollout = outcome([1], [0.5], 1, { lastValues: Float64Array.of(2), truncated: Uint8Array.of(1) });
    near(run("next-step", rollout).advantages, [1 + GAMMA * 2 - 0.5]);
  });
});

describe("generalised advantages", () => {
  it("equal the discounted sum of rewards minus the value when lambda is 1", () => {
    const random = new Random(11, "gae");
    const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
    const rollout = { ...outcome(Array(12).fill(0), Array(12).fill(0), 2), rewards: draw(12), values: draw(12) };
    const lastValues = draw(2);
    const out = empty(12);
    generalisedAdvantages("same-step", { ...rollout, lastValues }, 0.9, 1, out);
    for (let b = 0; b < 2; b++) {
      let sum = lastValues[b]!;
      for (let t = 5; t >= 0; t--) {
        sum = rollout.rewards[t * 2 + b]! + 0.9 * sum;
        expect(out.returns[t * 2 + b]).toBeCloseTo(sum, 10);
      }
    }
  });

  it("never carry anything across an episode's end or between environments", () => {
    const base = outcome([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0], 2, { truncated: Uint8Array.of(0, 0, 1, 0, 0, 0) });
    const before = run("same-step", base);
    const after = run("same-step", {
      ...base,
      rewards: Float64Array.of(1, 1, 1, 1, 500, 1),
      values: Float64Array.of(0, 0, 0, 0, 40, 0),
    });
    for (const row of [0, 1, 2, 3, 5]) expect(after.advantages[row]).toBe(before.advantages[row]);
    expect(after.advantages[4]).not.toBe(before.advantages[4]);
  });

  it("refuse an autoreset mode that they do not handle, naming it", () => {
    const rollout = outcome([1], [0], 1);
    expect(() => run("disabled", rollout)).toThrow(ConfigError);
    expect(() => run("disabled", rollout)).toThrow(/value: "disabled"/);
    expect(() => run("sometimes" as AutoresetMode, rollout)).toThrow(/sometimes/);
  });

  it("refuse wrong shapes and discounts outside [0, 1]", () => {
    expect(() => run("same-step", { ...outcome([1, 1], [0, 0], 1), values: new Float64Array(1) })).toThrow(
      ContractError,
    );
    expect(() => generalisedAdvantages("same-step", outcome([1], [0], 1), 1.5, 0.9, empty(1))).toThrow(/gamma/);
    expect(() => generalisedAdvantages("same-step", outcome([1], [0], 1), 0.5, Number.NaN, empty(1))).toThrow(/lambda/);
  });
});

describe("the rollout buffer", () => {
  it("lists the rows that may enter the loss and gathers their observations", () => {
    const buffer = new RolloutBuffer({
      steps: 3,
      envs: 1,
      inputs: 2,
      actionWidth: 1,
      maskWidth: 0,
      engine: referenceEngine,
    });
    buffer.terminated[0] = 1;
    buffer.observations.set([1, 2, 3, 4, 5, 6]);
    const rows = buffer.finish("next-step", 0.9, 0.9);
    expect([...rows]).toEqual([0, 2]);
    const out = new Float32Array(4);
    buffer.actions.set([7, 8, 9]);
    const actions = new Float64Array(2);
    buffer.gather(rows, { x: out, actions, masks: new Uint8Array(0) });
    expect([...actions]).toEqual([7, 9]);
    expect([...out]).toEqual([1, 2, 5, 6]);
  });
});
