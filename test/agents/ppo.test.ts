import { describe, expect, it } from "vitest";
import { Ppo, type PpoOptions } from "../../agents/ppo.ts";
import { vectorFromDynamics } from "../../env/core/dynamics.ts";
import type { VectorEnv } from "../../env/core/env.ts";
import { box, type Space } from "../../env/core/spaces.ts";
import { cartPoleVector } from "../../env/tasks/classic/cartpole.ts";
import { pendulumVector } from "../../env/tasks/classic/pendulum.ts";
import { discountProbe } from "../../env/tasks/classic/probes.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import { ConfigError, GreekgymError } from "../../src/core/errors.ts";
import { checkMetricName } from "../../src/core/metrics.ts";
import type { StateTree } from "../../src/core/state.ts";

const NO_MASK = new Uint8Array(0);
const SMALL = { rolloutSteps: 16, epochs: 2, minibatches: 2, hiddenSizes: [16] };

function ppo(over: Partial<PpoOptions> = {}): Ppo {
  return new Ppo({ env: cartPoleVector(4), config: SMALL, seed: 1, engine: kernelEngine(), ...over });
}

/** The environment with some members replaced; methods stay bound to the original. */
function altered(env: VectorEnv, over: Partial<VectorEnv>): VectorEnv {
  const base: VectorEnv = {
    metadata: env.metadata,
    numEnvs: env.numEnvs,
    singleObservationSpace: env.singleObservationSpace,
    singleActionSpace: env.singleActionSpace,
    reset: (options) => env.reset(options),
    step: (actions) => env.step(actions),
    saveState: () => env.saveState(),
    loadState: (state) => env.loadState(state),
  };
  return { ...base, ...over };
}

/** Forbids `choice` in a discrete environment of two actions. */
function forbid(env: VectorEnv, choice: 0 | 1, onStep: (actions: ArrayLike<number>) => void = () => {}): VectorEnv {
  return altered(env, {
    actionMask: () => new Uint8Array(env.numEnvs * 2).map((_, i) => (i % 2 === choice ? 0 : 1)),
    step: (actions) => {
      onStep(actions);
      return env.step(actions);
    },
  });
}

const variants: Record<string, () => Partial<PpoOptions>> = {
  "discrete actions, same-step autoreset": () => ({ env: cartPoleVector(4, "same-step") }),
  "discrete actions, next-step autoreset": () => ({ env: cartPoleVector(4, "next-step") }),
  "masked actions": () => ({ env: forbid(cartPoleVector(4), 0) }),
  "a Gaussian with all statistics and schedules": () => ({
    env: pendulumVector(3),
    totalSteps: 1000,
    config: {
      ...SMALL,
      normaliseObservations: true,
      normaliseRewards: true,
      learningRateSchedule: "linear",
      clipRangeSchedule: "linear",
      clipValueLoss: true,
      entropyCoefficient: 0.01,
      targetKl: 0.05,
    },
  }),
  "a squashed Gaussian on the reference engine": () => ({
    env: pendulumVector(3),
    engine: referenceEngine,
    config: { ...SMALL, distribution: "squashed", entropyCoefficient: 0.01, activation: "relu" },
  }),
};

describe.each(Object.entries(variants))("PPO with %s", (_, make) => {
  it("gives the same bytes for the same seed and others for another", () => {
    const run = (seed: number) => {
      const learner = ppo({ ...make(), seed });
      const metrics = [learner.update(), learner.update()];
      return { metrics, state: learner.saveState() };
    };
    const first = run(3);
    expect(run(3)).toEqual(first);
    expect(run(4).state.actor).not.toEqual(first.state.actor);
  });

  it("continues from a saved state bit for bit", () => {
    const whole = ppo(make());
    for (let i = 0; i < 2; i++) whole.update();
    const saved = whole.saveState();
    const rest = [whole.update(), whole.update()];
    for (const updatesBefore of [0, 1]) {
      const resumed = ppo({ ...make(), seed: 999 });
      for (let i = 0; i < updatesBefore; i++) resumed.update();
      resumed.loadState(saved);
      expect(resumed.saveState()).toEqual(saved);
      expect([resumed.update(), resumed.update()]).toEqual(rest);
      expect(resumed.saveState()).toEqual(whole.saveState());
    }
  });

  it("reports finite numbers under known names", () => {
    const learner = ppo(make());
    for (let i = 0; i < 10; i++) {
      const metrics = Object.entries(learner.update());
      expect(metrics.length).toBeGreaterThan(15);
      for (const [name, value] of metrics) {
        checkMetricName(name);
        expect(value, name).toSatisfy(Number.isFinite);
      }
    }
  });
});

describe("PPO's figures", () => {
  it("start at a ratio of exactly 1 in the first minibatch, normalised observations or not", () => {
    for (const normaliseObservations of [false, true]) {
      const learner = ppo({ config: { ...SMALL, epochs: 1, minibatches: 1, normaliseObservations } });
      for (let i = 0; i < 3; i++) {
        const metrics = learner.update();
        expect(metrics["train/approx_kl"]).toBe(0);
        expect(metrics["train/clip_fraction"]).toBe(0);
      }
    }
  });

  it("count environment steps and gradient steps", () => {
    const learner = ppo();
    learner.update();
    expect(learner.update()["train/n_updates"]).toBe(2 * 2 * 2);
    expect(learner.steps).toBe(2 * 16 * 4);
  });

  it("show the learning rate and the clip range falling linearly", () => {
    const linear = { learningRateSchedule: "linear", clipRangeSchedule: "linear" } as const;
    const learner = ppo({ config: { ...SMALL, ...linear, learningRate: 0.001, clipRange: 0.5 }, totalSteps: 64 * 4 });
    const seen = [0, 1, 2, 3, 4].map(() => learner.update());
    expect(seen.map((m) => m["train/learning_rate"])).toEqual([0.001, 0.00075, 0.0005, 0.00025, 0]);
    expect(seen.map((m) => m["train/clip_range"])).toEqual([0.5, 0.375, 0.25, 0.125, 0]);
  });

  it("end an update at the target divergence, before the step that passed it", () => {
    const learner = ppo({ config: { ...SMALL, epochs: 10, targetKl: 1e-9 } });
    const metrics = learner.update();
    // The first minibatch has a divergence of 0; the second one sees the first step's and stops.
    expect(metrics["train/n_updates"]).toBe(1);
  });

  it("count only transitions in next-step mode", () => {
    for (const mode of ["same-step", "next-step"] as const) {
      const learner = ppo({ env: vectorFromDynamics(discountProbe, 3, mode) });
      for (let i = 0; i < 3; i++) {
        const metrics = learner.update();
        expect(metrics["rollout/ep_len_mean"]).toBe(2);
        expect(metrics["charts/episodic_return"]).toBe(1);
      }
    }
  });

  it("leave the losses out when a rollout holds nothing but resets", () => {
    const env = vectorFromDynamics(discountProbe, 2, "next-step");
    const learner = ppo({ env, config: { ...SMALL, rolloutSteps: 1 } });
    const seen = [0, 1, 2].map(() => learner.update());
    expect(seen[1]).toHaveProperty("train/loss");
    expect(seen[2]).not.toHaveProperty("train/loss");
    expect(seen[2]!["train/n_updates"]).toBe(seen[1]!["train/n_updates"]);
  });
});

describe("PPO's policy", () => {
  it("starts at a deterministic action of exactly 0 when the output gain is 0", () => {
    for (const distribution of ["gaussian", "squashed"] as const) {
      const learner = ppo({ env: pendulumVector(2), config: { ...SMALL, outputGain: 0, distribution } });
      const out = new Float64Array(2).fill(9);
      learner.act(Float32Array.of(1, 0, 3, -0.5, 0.5, -7), 2, NO_MASK, out);
      expect([...out]).toEqual([0, 0]);
    }
  });

  it("never sends a forbidden action and never prefers one", () => {
    const sent = new Set<number>();
    const learner = ppo({
      env: forbid(cartPoleVector(4), 1, (actions) => Array.from(actions).map((a) => sent.add(a))),
    });
    for (let i = 0; i < 3; i++) learner.update();
    expect([...sent]).toEqual([0]);
    const out = new Float64Array(1);
    learner.act(new Float32Array(4), 1, Uint8Array.of(0, 1), out);
    expect(out[0]).toBe(1);
  });

  it("sends clipped actions to the box and keeps the unclipped ones", () => {
    const env = pendulumVector(8);
    let largest = 0;
    const watched = altered(env, {
      step: (actions) => {
        for (const a of actions) largest = Math.max(largest, Math.abs(a));
        return env.step(actions);
      },
    });
    const learner = ppo({ env: watched, config: { ...SMALL, logStdInit: 2 } });
    // With a standard deviation of 7.4 most draws leave [-2, 2]; a stored clipped action would show a ratio other than 1.
    expect(learner.update()["train/std"]).toBeGreaterThan(7);
    expect(largest).toBe(2);
  });

  it("is reproduced by its snapshot: selection, statistics, clip, network", () => {
    const config = { ...SMALL, normaliseObservations: true, observationClip: 1.5, outputGain: 1 };
    const learner = ppo({ env: pendulumVector(3), config, encoderFeatures: [2, 0] });
    for (let i = 0; i < 3; i++) learner.update();
    const { sizes, activation, parameters, encoder, distribution, logStd } = learner.actor();
    expect(distribution).toBe("gaussian");
    expect(logStd).toHaveLength(1);
    expect(encoder.selected).toEqual([2, 0]);
    const network = referenceEngine.mlp(sizes, activation);
    network.parameters.values.set(parameters.values);
    const obs = Float32Array.of(0.1, 0.9, -7.5, -0.8, 0.2, 0.4);
    const x = new Float32Array(4);
    for (let b = 0; b < 2; b++)
      for (const [j, i] of encoder.selected.entries()) {
        const z = (obs[b * 3 + i]! - encoder.mean[j]!) / Math.sqrt(encoder.variance[j]! + encoder.epsilon);
        x[b * 2 + j] = Math.min(Math.max(z, -encoder.clip), encoder.clip);
      }
    expect(Math.max(...x.map(Math.abs))).toBe(1.5);
    const y = network.forward(x, 2);
    const out = new Float64Array(2);
    learner.act(obs, 2, NO_MASK, out);
    for (let b = 0; b < 2; b++) expect(out[b]).toBeCloseTo(Math.min(Math.max(y[b]!, -2), 2), 5);
    parameters.values.fill(0);
    const again = new Float64Array(2);
    learner.act(obs, 2, NO_MASK, again);
    expect(again).toEqual(out);
  });

  it("ignores observation entries that are not selected", () => {
    const learner = ppo({ env: pendulumVector(2), config: { ...SMALL, outputGain: 1 }, encoderFeatures: [1] });
    const act = (obs: number[]) => {
      const out = new Float64Array(1);
      learner.act(Float32Array.from(obs), 1, NO_MASK, out);
      return out[0];
    };
    expect(act([0, 0.5, 0])).toBe(act([9, 0.5, -9]));
    expect(act([0, 0.5, 0])).not.toBe(act([0, 0.6, 0]));
  });
});

describe("PPO refuses", () => {
  it("an autoreset mode that it does not handle", () => {
    expect(() => ppo({ env: cartPoleVector(2, "disabled") })).toThrow(ConfigError);
    expect(() => ppo({ env: cartPoleVector(2, "disabled") })).toThrow(/CartPole-v1: metadata.autoresetMode/);
  });

  it("unknown and wrong settings, naming them", () => {
    expect(() => ppo({ config: { gama: 0.9 } as object })).toThrow(/gama/);
    expect(() => ppo({ config: { gamma: 1.5 } })).toThrow(/agent\.gamma[\s\S]*1\.5/);
    expect(() => ppo({ config: { hiddenSizes: [64, 0] } })).toThrow(/agent\.hiddenSizes\.1/);
  });

  it("a linear schedule without the length of the run", () => {
    expect(() => ppo({ config: { learningRateSchedule: "linear" } })).toThrow(/totalSteps/);
  });

  it("a distribution that does not fit the actions", () => {
    expect(() => ppo({ config: { distribution: "gaussian" } })).toThrow(/agent.distribution/);
    expect(() => ppo({ env: pendulumVector(2), config: { distribution: "categorical" } })).toThrow(ConfigError);
    const env = altered(pendulumVector(2), { singleActionSpace: box(-1, Number.POSITIVE_INFINITY, [1]) as Space });
    expect(() => ppo({ env, config: { distribution: "squashed" } })).toThrow(/bounded/);
  });

  it("a mask over actions that cannot be masked", () => {
    const env = altered(pendulumVector(2), { actionMask: () => new Uint8Array(2) });
    expect(() => ppo({ env })).toThrow(/actionMask/);
  });

  it("a selection of observation entries that is empty, repeated or out of range", () => {
    for (const encoderFeatures of [[], [0, 0], [4], [-1], [0.5]])
      expect(() => ppo({ encoderFeatures })).toThrow(ConfigError);
  });

  it("observations of the wrong length", () => {
    expect(() => ppo().act(new Float32Array(5), 1, NO_MASK, new Float64Array(1))).toThrow(/batch \* width = 1 \* 4/);
  });

  it("a saved state that does not fit, and stays as it was", () => {
    const learner = ppo();
    learner.update();
    const before = learner.saveState();
    const others: StateTree[] = [
      ppo({ config: { ...SMALL, hiddenSizes: [8] } }).saveState(),
      ppo({ env: cartPoleVector(5) }).saveState(),
      ppo({ env: pendulumVector(4) }).saveState(),
      { ...before, environment: {} },
      { ...before, steps: "many" },
      { ...before, actionRandom: null },
    ];
    for (const other of others) {
      expect(() => learner.loadState(other)).toThrow(GreekgymError);
      expect(learner.saveState()).toEqual(before);
    }
  });
});

describe("PPO stops at a number that is not finite", () => {
  it("in a reward or an observation, naming the environment step", () => {
    const spoil = (what: "rewards" | "obs") => {
      const env = cartPoleVector(4);
      let steps = 0;
      return altered(env, {
        step: (actions) => {
          const result = env.step(actions);
          if (++steps === 18) result[what][2] = Number.NaN;
          return result;
        },
      });
    };
    for (const [what, message] of [
      ["rewards", /step 68, rewards\[2\]/],
      ["obs", /step 68, observations\[2\]/],
    ] as const) {
      const learner = ppo({ env: spoil(what) });
      learner.update();
      expect(() => learner.update()).toThrow(message);
    }
  });

  it("in the first observation, before anything is learned", () => {
    const env = cartPoleVector(4);
    const spoiled = altered(env, {
      reset: (options) => {
        const result = env.reset(options);
        result.obs[5] = Number.POSITIVE_INFINITY;
        return result;
      },
    });
    expect(() => ppo({ env: spoiled })).toThrow(/step 0, observations\[5\]/);
  });

  it("in weights that the last step of an update made, which no loss has seen", () => {
    const learner = ppo({ config: { ...SMALL, epochs: 1, minibatches: 1, learningRate: 1e39 } });
    expect(() => learner.update()).toThrow(/step 64: "actor\.layers\.\d\.\w+" is not finite/);
  });

  it("in a loss, naming it", () => {
    const learner = ppo();
    const saved = learner.saveState();
    learner.loadState({ ...saved, critic: (saved.critic as Float32Array).slice().fill(3e38) });
    expect(() => learner.update()).toThrow(/step 64: "(policyLoss|valueLoss)" is not finite/);
  });

  it("in the gradients, naming the tensor, with the weights untouched", () => {
    const learner = ppo();
    learner.update();
    const { values } = learner.actor().parameters;
    const saved = learner.saveState();
    // Values near 1e25 leave the losses finite in float64; the gradient of the hidden layer, near 1e50, overflows float32.
    const critic = (saved.critic as Float32Array).slice().fill(1e25, 4 * 16 + 16, 4 * 16 + 32);
    learner.loadState({ ...saved, critic });
    expect(() => learner.update()).toThrow(/step 128: "gradient of critic\.layers\.0\.weight" is not finite/);
    expect(learner.actor().parameters.values).toEqual(values);
  });
});
