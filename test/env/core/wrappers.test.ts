import { describe, expect, it } from "vitest";
import { checkEnv } from "../../../env/core/check-env.ts";
import { contains, sample } from "../../../env/core/space-values.ts";
import { vectorise } from "../../../env/core/vectorise.ts";
import { type WrapperSpec, wrap, wrappersOf } from "../../../env/core/wrappers.ts";
import { frozenLake } from "../../../env/tasks/classic/frozenlake.ts";
import { pendulum } from "../../../env/tasks/classic/pendulum.ts";
import { Random } from "../../../src/core/random.ts";
import { Walk } from "./walk.ts";

const STACK: readonly WrapperSpec[] = [
  { use: "clip-action" },
  { use: "rescale-action", low: -1, high: 1 },
  { use: "time-limit", maxSteps: 30 },
  { use: "scale-reward", factor: 0.1 },
];

describe("wrappers", () => {
  it("keep the contract of an environment", () => {
    expect(checkEnv(() => wrap(pendulum(), STACK))).toEqual([]);
    expect(checkEnv(() => wrap(frozenLake(), [{ use: "one-hot-observation" }]))).toEqual([]);
  });

  it("are rebuilt from data, and go on from a saved state", () => {
    const env = wrap(pendulum(), STACK);
    expect(wrappersOf(env)).toEqual(STACK);
    const specs = JSON.parse(JSON.stringify(wrappersOf(env))) as WrapperSpec[];
    const other = wrap(pendulum(), specs);
    const random = new Random(1, "actions");
    env.reset({ seed: 2 });
    for (let t = 0; t < 10; t++) env.step(sample(env.actionSpace, random));
    other.loadState(env.saveState());
    for (let t = 11; t <= 30; t++) {
      const action = sample(env.actionSpace, random);
      const step = env.step(action);
      expect(other.step(action)).toEqual(step);
      expect(step.truncated).toBe(t === 30);
    }
    expect(wrappersOf(pendulum())).toEqual([]);
  });

  it("work in a vector environment", () => {
    const env = vectorise(() => wrap(new Walk(), [{ use: "time-limit", maxSteps: 3 }]), 2);
    env.reset({ seed: 1 });
    const flags = [1, 2, 3, 4].map(() => Array.from(env.step(Int32Array.of(1, 1)).truncated));
    expect(flags).toEqual([
      [0, 0],
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(env.metadata.maxSteps).toBe(3);
  });
});

describe("time-limit", () => {
  it("does not lengthen a shorter limit of the environment, and counts anew after reset", () => {
    expect(wrap(new Walk(), [{ use: "time-limit", maxSteps: 50 }]).metadata.maxSteps).toBe(10);
    const env = wrap(new Walk(), [{ use: "time-limit", maxSteps: 2 }]);
    for (let episode = 0; episode < 2; episode++) {
      env.reset();
      expect([env.step(1).truncated, env.step(1).truncated]).toEqual([false, true]);
    }
  });
});

describe("action wrappers", () => {
  it("rescale maps [-1, 1] onto the torque range", () => {
    const inner = pendulum();
    const env = wrap(inner, [{ use: "rescale-action", low: -1, high: 1 }]);
    inner.reset({ seed: 1 });
    const saved = inner.saveState();
    const bare = inner.step(Float64Array.of(1));
    env.reset({ seed: 1 });
    inner.loadState(saved);
    expect(env.step(Float64Array.of(0.5))).toEqual(bare);
    expect(contains(env.actionSpace, [1.5])).toBe(false);
  });

  it("clip and rescale compose innermost first: what is out of range is clipped after the map", () => {
    let received: number[] = [];
    const spy = pendulum();
    const step = spy.step.bind(spy);
    spy.step = (action) => {
      received = Array.from(action as Float64Array);
      return step(action);
    };
    const env = wrap(spy, [{ use: "clip-action" }, { use: "rescale-action", low: 0, high: 1 }]);
    env.reset({ seed: 1 });
    env.step(Float64Array.of(0.75));
    expect(received).toEqual([1]);
    env.step(Float64Array.of(9));
    expect(received).toEqual([2]);
  });
});

describe("wrong wrappers", () => {
  it.each<[unknown, string]>([
    [{ use: "time-limt", maxSteps: 5 }, 'Did you mean "time-limit"?'],
    [{ use: "constructor" }, "The wrapper is unknown."],
    [{ use: "time-limit", maxSteps: 0 }, "The time limit is wrong."],
    [{ use: "scale-reward", factor: Number.NaN }, "The reward factor is wrong."],
    [{ use: "rescale-action", low: 1, high: -1 }, "The action range is wrong."],
    [{ use: "one-hot-observation" }, 'Wrapper "one-hot-observation" needs a Discrete observation.'],
  ])("%o is refused", (spec, message) => {
    expect(() => wrap(pendulum(), [spec as WrapperSpec])).toThrow(message);
  });

  it("clip-action needs Box actions", () => {
    expect(() => wrap(new Walk(), [{ use: "clip-action" }])).toThrow('Wrapper "clip-action" needs Box actions.');
  });
});
