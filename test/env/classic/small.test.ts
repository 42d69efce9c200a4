import { describe, expect, it } from "vitest";
import { envFromDynamics, type MakeDynamics } from "../../../env/core/dynamics.ts";
import { identityBox, identityDiscrete } from "../../../env/tasks/classic/identity.ts";
import { PassingPair } from "../../../env/tasks/classic/passing-pair.ts";
import {
  actionProbe,
  constantRewardProbe,
  discountProbe,
  observationActionProbe,
  observationRewardProbe,
  truncationProbe,
} from "../../../env/tasks/classic/probes.ts";

/** Observations and rewards of one episode in which `act` chooses. */
function episode(dynamics: MakeDynamics, act: (obs: number) => number, seed = 1) {
  const env = envFromDynamics(dynamics);
  const seen: { obs: number; reward: number }[] = [];
  let obs = env.reset({ seed }).obs[0]!;
  for (;;) {
    const step = env.step(act(obs));
    seen.push({ obs, reward: step.reward });
    obs = step.obs[0]!;
    if (step.terminated || step.truncated) return { seen, terminated: step.terminated, last: obs };
  }
}

describe("probe environments", () => {
  it("constant reward: one step, reward 1", () => {
    expect(episode(constantRewardProbe, () => 0)).toEqual({ seen: [{ obs: 0, reward: 1 }], terminated: true, last: 0 });
  });

  it("observation reward: the reward is the observation, and both values occur", () => {
    const starts = Array.from({ length: 20 }, (_, seed) => episode(observationRewardProbe, () => 0, seed).seen[0]!);
    for (const { obs, reward } of starts) expect(reward).toBe(obs);
    expect(new Set(starts.map((s) => s.obs))).toEqual(new Set([-1, 1]));
  });

  it("discount: the reward comes with the second observation", () => {
    expect(episode(discountProbe, () => 0).seen).toEqual([
      { obs: 0, reward: 0 },
      { obs: 1, reward: 1 },
    ]);
  });

  it("action: 1 earns 1, 0 costs 1", () => {
    expect(episode(actionProbe, () => 1).seen[0]!.reward).toBe(1);
    expect(episode(actionProbe, () => 0).seen[0]!.reward).toBe(-1);
  });

  it("observation and action: the action that the observation names earns 1", () => {
    for (let seed = 0; seed < 10; seed++) {
      expect(episode(observationActionProbe, (obs) => (obs === 1 ? 1 : 0), seed).seen[0]!.reward).toBe(1);
      expect(episode(observationActionProbe, (obs) => (obs === 1 ? 0 : 1), seed).seen[0]!.reward).toBe(-1);
    }
  });

  it("truncation: reward 1 until truncated at the limit, never terminated", () => {
    const { seen, terminated, last } = episode(truncationProbe(4), () => 0);
    expect(seen).toEqual([0, 0.25, 0.5, 0.75].map((obs) => ({ obs, reward: 1 })));
    expect([terminated, last]).toEqual([false, 1]);
  });
});

describe("identity environments", () => {
  it("pay 1 for repeating the observation, 100 an episode", () => {
    const total = (act: (obs: number) => number) =>
      episode(identityDiscrete(4), act).seen.reduce((sum, s) => sum + s.reward, 0);
    expect(total((obs) => obs)).toBe(100);
    expect(total((obs) => (obs + 1) % 4)).toBe(0);
  });

  it("pay 1 within the tolerance of a box observation", () => {
    const total = (shift: number) =>
      episode(identityBox(0.5), (obs) => obs + shift).seen.reduce((sum, s) => sum + s.reward, 0);
    expect(total(0.49)).toBe(100);
    expect(total(-0.51)).toBe(0);
  });
});

describe("PassingPair-v1", () => {
  it("pays arrival, lets the one that arrived leave and the other go on", () => {
    const env = new PassingPair();
    env.reset({ seed: 1 });
    let steps = 0;
    while (env.agents.length === 2) {
      const r = env.step({ east: 2, west: 1 });
      if (++steps > 6) break;
      if (r.terminated.east) expect(r.rewards.east).toBeCloseTo(0.9 - (r.obs.west![0] === 1 ? 0.5 : 0), 12);
    }
    expect(env.agents).toEqual(["west"]);
    const alone = env.step({ west: 0 });
    expect(Object.keys(alone.rewards)).toEqual(["west"]);
    expect(() => new PassingPair().step({})).toThrow("step() was called before reset()");
    expect(() => env.step({})).toThrow("An action is missing or outside the action space.");
  });
});

describe("single environments", () => {
  it("refuse a step before reset, after the end, of a wrong length and outside the action space", () => {
    const env = envFromDynamics(actionProbe);
    expect(() => env.step(0)).toThrow("step() was called before reset() or after the episode's end.");
    env.reset();
    expect(() => env.step(2)).toThrow("An action is outside the action space.");
    expect(() => env.step(Int32Array.of(0, 1))).toThrow("The action has the wrong length.");
    expect(env.step(1).terminated).toBe(true);
    expect(() => env.step(1)).toThrow("step() was called before reset() or after the episode's end.");
  });
});
