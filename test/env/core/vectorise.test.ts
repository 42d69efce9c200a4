import { describe, expect, it } from "vitest";
import { autoreset } from "../../../env/core/autoreset.ts";
import type { AutoresetMode, NumericArray } from "../../../env/core/env.ts";
import { vectorise } from "../../../env/core/vectorise.ts";
import { cartPole, cartPoleVector } from "../../../env/tasks/classic/cartpole.ts";
import { pendulumVector } from "../../../env/tasks/classic/pendulum.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import type { StateTree } from "../../../src/core/state.ts";
import { stepping, Walk } from "./walk.ts";

/** Counts its own steps: observation = steps of this episode; copy i ends after i + 2 steps. */
function counter(index: number) {
  return stepping((r, walk) => {
    r.obs[0] = walk.t / 10;
    r.reward = 1;
    r.truncated = walk.t >= index + 2;
  })();
}

const still = new Int32Array([1, 1]);

describe("next-step mode", () => {
  it("ignores the action after an end and returns the reset observation, reward 0 and no flags", () => {
    const env = vectorise(counter, 2, "next-step");
    env.reset({ seed: 1 });
    env.step(still);
    const end = env.step(still);
    expect(Array.from(end.truncated)).toEqual([1, 0]);
    expect(end.obs[0]).toBeCloseTo(0.2, 6);
    const after = env.step(still);
    expect(Array.from(after.rewards)).toEqual([0, 1]);
    expect(Array.from(after.truncated)).toEqual([0, 1]);
    expect(Math.abs(after.obs[0]!)).toBeLessThan(0.1001);
    expect(after.obs[1]).toBeCloseTo(0.3, 6);
    const on = env.step(still);
    expect(on.obs[0]).toBeCloseTo(0.1, 6);
    expect(Array.from(on.rewards)).toEqual([1, 0]);
  });
});

describe("same-step mode", () => {
  it("shows the new episode at once and keeps the last observation and info", () => {
    const env = vectorise(counter, 2, "same-step");
    env.reset({ seed: 1 });
    const first = env.step(still);
    expect(first.info._final_obs).toEqual(new Uint8Array(2));
    const end = env.step(still);
    expect(Array.from(end.truncated)).toEqual([1, 0]);
    expect(Array.from(end.info._final_obs as Uint8Array)).toEqual([1, 0]);
    expect((end.info.final_obs as NumericArray)[0]).toBeCloseTo(0.2, 6);
    expect((end.info.final_info as unknown[])[0]).toEqual({ t: 2 });
    expect(Math.abs(end.obs[0]!)).toBeLessThan(0.1001);
    expect(env.step(still).obs[0]).toBeCloseTo(0.1, 6);
  });

  it("gives infos as arrays with masks", () => {
    const env = vectorise(counter, 2, "same-step");
    env.reset({ seed: 1 });
    expect(env.step(still).info.t).toEqual(Float64Array.of(1, 1));
    const { info } = env.step(still);
    expect([info.t, info._t]).toEqual([Float64Array.of(0, 2), Uint8Array.of(0, 1)]);
  });
});

describe("disabled mode", () => {
  it("refuses to step an ended copy, and resets by mask", () => {
    const env = vectorise(counter, 2, "disabled");
    env.reset({ seed: 1 });
    env.step(still);
    env.step(still);
    expect(() => env.step(still)).toThrow("Sub-environment 0 is stepped after its episode has ended.");
    const { obs } = env.reset({ options: { reset_mask: Uint8Array.of(1, 0) } });
    expect(obs[1]).toBeCloseTo(0.2, 6);
    expect(Array.from(env.step(still).truncated)).toEqual([0, 1]);
  });

  it.each([
    ["without a 1", Uint8Array.of(0, 0)],
    ["of a wrong length", Uint8Array.of(1)],
    ["of a wrong type", [true, false]],
  ])("refuses a mask %s", (_what, mask) => {
    const env = vectorise(counter, 2, "disabled");
    env.reset({ seed: 1 });
    expect(() => env.reset({ options: { reset_mask: mask } })).toThrow("The reset mask is wrong.");
  });

  it("refuses a first reset by mask", () => {
    const env = vectorise(counter, 2, "disabled");
    expect(() => env.reset({ options: { reset_mask: Uint8Array.of(1, 0) } })).toThrow(ContractError);
  });
});

describe("a vector environment", () => {
  it("refuses an unknown mode, wrong counts, wrong lengths, steps before reset and unequal spaces", () => {
    expect(() => vectorise(counter, 2, "SAME_STEP" as AutoresetMode)).toThrow("The autoreset mode is unknown.");
    expect(() => vectorise(counter, 0)).toThrow("The number of environments is wrong.");
    expect(() => cartPoleVector(1.5)).toThrow("The number of environments is wrong.");
    const env = vectorise(counter, 2);
    expect(() => env.step(still)).toThrow("step() was called before reset().");
    env.reset();
    expect(() => env.step(new Int32Array(3))).toThrow('"actions" has the wrong length.');
    expect(() => vectorise((i) => (i === 0 ? new Walk() : cartPole()), 2)).toThrow("has other spaces");
  });

  it("refuses actions outside the action space before anything changes", () => {
    const env = cartPoleVector(2);
    env.reset({ seed: 1 });
    const before = env.saveState();
    expect(() => env.step(Int32Array.of(0, 2))).toThrow("An action is outside the action space.");
    expect(() => env.step(Float64Array.of(0, 0.5))).toThrow("An action is outside the action space.");
    expect(env.saveState()).toEqual(before);
    const pendulums = pendulumVector(1);
    pendulums.reset();
    expect(() => pendulums.step(Float32Array.of(Number.NaN))).toThrow("An action is outside the action space.");
  });

  it("refuses a seed that is no whole number", () => {
    expect(() => cartPoleVector(1).reset({ seed: Number.NaN })).toThrow("The seed is wrong.");
    expect(() => cartPole().reset({ seed: 0.5 })).toThrow("The seed is wrong.");
  });

  it("gives its copies different seeds when none is given", () => {
    const { obs } = cartPoleVector(2).reset();
    expect(obs.slice(0, 4)).not.toEqual(obs.slice(4, 8));
    expect(cartPoleVector(2).reset({ seed: 0 }).obs).toEqual(obs);
  });

  it("returns the same views at every step, so that nothing is allocated", () => {
    const env = cartPoleVector(4);
    const { obs } = env.reset({ seed: 1 });
    const one = env.step(new Int32Array(4));
    const two = env.step(new Int32Array(4));
    expect(two).toBe(one);
    expect(two.obs).toBe(obs);
  });

  it.each<AutoresetMode>(["next-step", "same-step", "disabled"])(
    "goes on bit for bit from a saved state in %s mode",
    (mode) => {
      const make = () => cartPoleVector(5, mode);
      const [env, other] = [make(), make()];
      const random = new Random(3, "actions");
      const step = (e: typeof env, actions: Int32Array) => {
        const r = structuredClone(e.step(actions));
        if (mode === "disabled") {
          const mask = Uint8Array.from(r.terminated, (flag, b) => flag | r.truncated[b]!);
          if (mask.includes(1)) e.reset({ options: { reset_mask: mask } });
        }
        return r;
      };
      const draw = () => Int32Array.from({ length: 5 }, () => random.integer(2));
      env.reset({ seed: 9 });
      for (let t = 0; t < 50; t++) step(env, draw());
      other.loadState(env.saveState());
      for (let t = 0; t < 100; t++) {
        const actions = draw();
        const [x, y] = [step(env, actions), step(other, actions)];
        expect([x.obs, x.rewards, x.terminated, x.truncated]).toEqual([y.obs, y.rewards, y.terminated, y.truncated]);
      }
      expect(other.saveState()).toEqual(env.saveState());
    },
  );

  it("changes nothing when a saved state does not fit, also where only the last copy's does not", () => {
    const env = vectorise(() => new Walk(), 3, "same-step");
    env.reset({ seed: 1 });
    env.step(Int32Array.of(0, 1, 2));
    const before = env.saveState();
    const wrong = structuredClone(env.saveState()) as { batch: { envs: StateTree[] } } & StateTree;
    for (const tree of wrong.batch.envs) (tree as { x: number }).x = 0.5;
    wrong.batch.envs[2] = { x: "not a number" };
    expect(() => env.loadState(wrong)).toThrow("A saved environment state does not fit.");
    expect(env.saveState()).toEqual(before);
    expect(() => env.loadState(cartPoleVector(3).saveState())).toThrow(ContractError);
    expect(() => env.loadState(vectorise(() => new Walk(), 2).saveState())).toThrow(ContractError);
  });

  it("passes options and the action mask of its batch on", () => {
    const seen: unknown[] = [];
    const env = autoreset(
      {
        metadata: { id: "Masked-v1" },
        numEnvs: 1,
        observationSpace: new Walk().observationSpace,
        actionSpace: new Walk().actionSpace,
        reset: (_mask, _obs, seed, options) => void seen.push([seed, options]),
        step: () => {},
        actionMask: () => Uint8Array.of(1, 0, 1),
        saveState: () => ({}),
        loadState: () => {},
      },
      "same-step",
    );
    env.reset({ seed: 4, options: { level: 2, reset_mask: Uint8Array.of(1) } });
    expect(seen).toEqual([[4, { level: 2 }]]);
    expect(env.actionMask?.()).toEqual(Uint8Array.of(1, 0, 1));
  });
});
