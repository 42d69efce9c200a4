import { describe, expect, it } from "vitest";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { DeepHedging } from "../../agents/deep-hedging.ts";
import type { PathwiseGradient } from "../../env/core/pathwise.ts";
import type { DifferentiableHead } from "../../models/heads/band-head-gradient.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import type { Engine } from "../../src/core/contracts/network.ts";
import { ConfigError, GreekgymError } from "../../src/core/errors.ts";
import { Random } from "../../src/core/random.ts";
import { objectiveOf } from "../../src/evaluate/objectives.ts";
import { straddle } from "../env/tasks/rebalance/scenarios.ts";
import { costsOf, type HedgingSetup, hedging, SEED } from "./hedging-market.ts";

const OBJECTIVE = { name: "mean-plus-sd", k: 1.5 } as const;

/** One decision, cost (position - a signal)^2 / 2 + position / 10: the best action in [-1, 1] is signal - 0.1. */
class Quadratic implements PathwiseGradient {
  readonly paths = 64;
  readonly decisions = 1;
  readonly features = 2;
  readonly actionSize = 1;
  readonly differentiable = [];
  readonly rows = new Float64Array(128);
  readonly #actions = new Float64Array(64);
  readonly #broken: boolean;
  #from = 0;
  #count = 64;

  constructor(broken = false) {
    this.#broken = broken;
  }

  load(firstEpisode: number): void {
    const random = new Random(5, "test/signals", firstEpisode);
    for (let i = 0; i < this.rows.length; i++) this.rows[i] = 0.6 * (2 * random.uniform() - 1);
  }
  begin(from = 0, count = 64): void {
    this.#from = from;
    this.#count = count;
  }
  observe(): Float64Array {
    return this.rows.subarray(2 * this.#from, 2 * (this.#from + this.#count));
  }
  act(_t: number, actions: Float64Array): void {
    this.#actions.set(actions);
  }
  finish(): Float64Array {
    return Float64Array.from({ length: this.#count }, (_, p) => {
      const a = this.#actions[p]!;
      return this.#broken && this.#from > 0 ? Number.NaN : 0.5 * (a - this.rows[2 * (this.#from + p)]!) ** 2 + 0.1 * a;
    });
  }
  #gradient = new Float64Array(64);
  beginBackward(dCosts: Float64Array): void {
    for (let p = 0; p < this.#count; p++)
      this.#gradient[p] = dCosts[p]! * (this.#actions[p]! - this.rows[2 * (this.#from + p)]! + 0.1);
  }
  backward() {
    return { action: this.#gradient.subarray(0, this.#count), fixed: new Float64Array(this.#count) };
  }
  carry(): void {}
}

/** The action is the change. */
const direct: DifferentiableHead = {
  size: 1,
  low: Float64Array.of(-1),
  high: Float64Array.of(1),
  exposure: 0,
  changes(batch, actions, _features, changes, sides) {
    for (let b = 0; b < batch; b++) changes[b] = actions[b]!;
    sides.fill(1);
  },
  pull(_actions, a, _features, _row, dChange, _dTrade, out) {
    out[a] = dChange;
    return 0;
  },
};

const quadratic = (environment = new Quadratic()) =>
  new DeepHedging({
    environment,
    head: direct,
    objective: { name: "mean" },
    config: { paths: 64, minibatches: 2, epochs: 1, hiddenSizes: [16], learningRate: 0.02 },
    seed: 1,
    engine: kernelEngine(),
    totalSteps: 64 * 150,
  });

const free = straddle({ maturityDays: 1, stepSeconds: 7200, decisionInterval: "2h" });
const taxed = straddle({
  chain: { fee: { model: "constant", gwei: 20 } },
  slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps", halfSpreadBps: 5 }],
  stepSeconds: 7200,
  decisionInterval: "2h",
});
const SMALL: HedgingSetup = {
  scenario: taxed,
  reference: { baseline: "delta-band", params: { halfWidth: 0.1, rebalanceTo: 0.4 } },
  config: { paths: 64, minibatches: 2, epochs: 1, hiddenSizes: [8] },
  totalSteps: 64 * 12 * 5,
};

/** The objective on fresh episodes, less that of a rule there. */
function against(setup: HedgingSetup, updates: number, rule: string, params: Record<string, number>): number[] {
  const built = hedging(setup);
  for (let u = 0; u < updates; u++) built.learner.update();
  const at = { split: "select", firstEpisode: 0, episodes: 1000 } as const;
  const objective = setup.objective ?? OBJECTIVE;
  const learned = objectiveOf(
    objective,
    costsOf(setup.scenario, () => built.policy(), at),
  );
  const own = objectiveOf(
    objective,
    costsOf(setup.scenario, (env) => createBaseline(rule, params, env.context), at),
  );
  return [learned, own];
}

describe("deep hedging", () => {
  it("finds the known optimum of a quadratic cost of one step", () => {
    const learner = quadratic();
    let loss = 0;
    for (let u = 0; u < 149; u++) loss = learner.update()["train/loss"]!;
    // E[(a - s)^2 / 2 + a / 10] at a = s - 0.1 is E[s / 10] - 0.005; the mean of the signal is that of the last 64 drawn.
    const environment = new Quadratic();
    environment.load(149 * 64);
    let mean = 0;
    for (let p = 0; p < 64; p++) mean += environment.rows[2 * p]! / 64;
    expect(loss - (0.1 * mean - 0.005)).toBeGreaterThan(0);
    expect(loss - (0.1 * mean - 0.005)).toBeLessThan(2e-4);
  });

  it("comes close to delta hedging, which is optimal where trading is free, from a wide band", () => {
    const [learned, delta] = against(
      {
        scenario: free,
        reference: { baseline: "delta-band", params: { halfWidth: 0.3 } },
        config: { paths: 256, minibatches: 4, epochs: 1, hiddenSizes: [16], learningRate: 0.02 },
        scale: 4,
        totalSteps: 256 * 12 * 31,
      },
      30,
      "delta",
      {},
    );
    const [start] = against(
      {
        scenario: free,
        reference: { baseline: "delta-band", params: { halfWidth: 0.3 } },
        config: { paths: 2, minibatches: 1 },
        totalSteps: 1e9,
      },
      0,
      "delta",
      {},
    );
    expect(learned! - delta!).toBeLessThan(0.1 * (start! - delta!));
  });

  it("beats the band that it starts from under proportional cost and gas", () => {
    const [learned, band] = against(
      {
        ...SMALL,
        config: { paths: 256, minibatches: 4, epochs: 1, hiddenSizes: [16], learningRate: 0.01 },
        totalSteps: 256 * 12 * 31,
      },
      30,
      "delta-band",
      { halfWidth: 0.1, rebalanceTo: 0.4 },
    );
    expect(learned!).toBeLessThan(band! - 1);
  });

  it("starts as its reference rule, and its own costs are those of the policy that a bundle deploys", () => {
    const at = { split: "train", firstEpisode: 64, episodes: 64 } as const;
    for (const outputGain of [0, 1]) {
      const { learner, policy } = hedging({
        ...SMALL,
        // Steps too small to move a float32: the policy stays what it is.
        config: { ...SMALL.config, minibatches: 1, outputGain, learningRate: 1e-30 },
      });
      const loss = learner.update()["train/loss"]!;
      const deployed = costsOf(taxed, policy, at);
      expect(loss).toBeCloseTo(objectiveOf(OBJECTIVE, deployed), 8);
      const { baseline, params } = SMALL.reference;
      const reference = costsOf(taxed, (env) => createBaseline(baseline, params, env.context), at);
      if (outputGain === 0) expect(deployed).toEqual(reference);
      else expect(deployed).not.toEqual(reference);
    }
  });

  it("has the gradient of the objective in its weights, through time and through its own inputs", () => {
    // Trades go to the edge and cost in proportion: no jumps, so differences of the whole objective are a fair judge.
    const smooth = straddle({
      slots: [{ name: "spot", kind: "spot", takerFeeBps: 20, impactCoefficient: 1, dailyVolume: 1e4 }],
      stepSeconds: 7200,
      decisionInterval: "2h",
    });
    const toTheEdge = (head: DifferentiableHead): DifferentiableHead => ({
      ...head,
      changes(batch, actions, features, changes, sides) {
        for (let b = 0; b < batch; b++) actions[4 * b + 3] = 0;
        head.changes(batch, actions, features, changes, sides);
      },
      pull(actions, a, features, row, dChange, dTrade, out) {
        const dExposure = head.pull(actions, a, features, row, dChange, dTrade, out);
        out[a + 3] = 0;
        return dExposure;
      },
    });
    let captured = new Float32Array(0);
    let nudge = { at: -1, by: 0 };
    const plain = referenceEngine;
    /** Hands the gradient out and takes no step. */
    const engine: Engine = {
      ...plain,
      adam: (options) => ({
        ...options,
        update: (parameters) => {
          captured = parameters.gradients.slice();
        },
        saveState: () => ({}),
        loadState: () => {},
      }),
    };
    const { learner } = hedging({
      scenario: smooth,
      reference: { baseline: "delta-band", params: { halfWidth: 0.04 } },
      config: { paths: 400, minibatches: 1, hiddenSizes: [6], outputGain: 0.7, edgeWidth: 0, maxGradientNorm: 1e9 },
      engine,
      wrap: toTheEdge,
      totalSteps: 1e9,
    });
    const start = learner.saveState();
    const values = start.actor as Float32Array;
    const lossAt = () => {
      const actor = values.slice();
      if (nudge.at >= 0) actor[nudge.at]! += nudge.by;
      learner.loadState({ ...start, actor });
      return learner.update()["train/loss"]!;
    };
    lossAt();
    const gradient = captured.map((g) => g * (start.unit as number));
    const largest = Math.max(...gradient.map(Math.abs));
    let compared = 0;
    const random = new Random(2, "test/weights");
    while (compared < 12) {
      const at = random.integer(values.length);
      if (Math.abs(gradient[at]!) < 0.1 * largest) continue;
      const h = 0.01;
      nudge = { at, by: h };
      const up = lossAt();
      nudge = { at, by: -h };
      const difference = (up - lossAt()) / (2 * h);
      expect(Math.abs(gradient[at]! - difference), `weight ${at}: ${gradient[at]} for ${difference}`).toBeLessThan(
        0.05 * Math.abs(difference),
      );
      compared++;
    }
  });

  it("gives the same bytes from the same seed, and after being saved and loaded", () => {
    const run = (updates: number, from?: ReturnType<DeepHedging["saveState"]>) => {
      const { learner } = hedging(SMALL);
      if (from !== undefined) learner.loadState(from);
      const metrics = Array.from({ length: updates }, () => learner.update());
      return { state: learner.saveState(), metrics };
    };
    const whole = run(4);
    const half = run(2);
    const rest = run(2, half.state);
    expect(rest.state).toEqual(whole.state);
    expect([...half.metrics, ...rest.metrics]).toEqual(whole.metrics);
    expect(run(4).state).toEqual(whole.state);
    expect(hedging({ ...SMALL, seed: SEED + 1 }).learner.saveState()).not.toEqual(hedging(SMALL).learner.saveState());
    expect(whole.state.steps).toBe(64 * 12 * 5);
  });

  it("refuses a state that does not fit, and stays as it was", () => {
    const { learner } = hedging(SMALL);
    const before = learner.saveState();
    const other = hedging({ ...SMALL, config: { ...SMALL.config, hiddenSizes: [9] } }).learner.saveState();
    expect(() => learner.loadState(other)).toThrow("actor");
    expect(learner.saveState()).toEqual(before);
  });

  it("stops on a cost that is not a number, before weights are touched", () => {
    const learner = quadratic(new Quadratic(true));
    const refused = expect(() => learner.update());
    refused.toThrow(GreekgymError);
    expect(() => learner.update()).toThrow(/Training stopped at environment step \d+: "objective" is not finite/);
  });

  it("stops on weights that the last step of an update made, which no cost has seen", () => {
    const config = { ...SMALL.config, paths: 32, minibatches: 1, learningRate: 1e39, learningRateSchedule: "constant" };
    const { learner } = hedging({ ...SMALL, config: config as HedgingSetup["config"] });
    expect(() => learner.update()).toThrow(/environment step \d+: "actor\.layers\.\d\.\w+" is not finite/);
  });

  it("refuses a config that is wrong, naming the field", () => {
    const build = (config: Record<string, unknown>, totalSteps = 1000) =>
      hedging({ ...SMALL, config: { ...SMALL.config, ...config }, totalSteps });
    expect(() => build({ learningRate: -1 })).toThrow(ConfigError);
    expect(() => build({ minibatches: 3 })).toThrow("agent.deepHedging.minibatches");
    expect(() => build({}, 0)).toThrow("totalSteps");
  });
});
