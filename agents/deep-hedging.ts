import type { PathwiseGradient } from "../env/core/pathwise.ts";
import { box } from "../env/core/spaces.ts";
import type { DifferentiableHead } from "../models/heads/band-head-gradient.ts";
import { orthogonalInitialise } from "../models/nets/initialise.ts";
import { clipGlobalNorm } from "../models/optim/clip.ts";
import type { Engine, Network, Optimiser } from "../src/core/contracts/network.ts";
import { Random } from "../src/core/random.ts";
import type { Stateful, StateTree } from "../src/core/state.ts";
import {
  checkLength,
  type DeepHedgingConfig,
  type DeepHedgingConfigInput,
  parseDeepHedgingConfig,
} from "./deep-hedging-config.ts";
import { type ActionHead, makeActionHead } from "./shared/action-head.ts";
import type { ActorSnapshot } from "./shared/actor-snapshot.ts";
import { checkGradients, checkLosses, checkParameters } from "./shared/checks.ts";
import { ObservationEncoder } from "./shared/observation-encoder.ts";
import type { Metrics } from "./shared/ppo-metrics.ts";
import { type RiskObjective, riskGradient } from "./shared/risk-gradient.ts";
import { savedNumber, savedSingles, savedTree } from "./shared/saved.ts";

export interface DeepHedgingOptions {
  /** The environment's path form; its `paths` must be the config's. */
  readonly environment: PathwiseGradient;
  readonly head: DifferentiableHead;
  readonly objective: RiskObjective;
  readonly config: DeepHedgingConfigInput;
  readonly seed: number | string;
  readonly engine: Engine;
  /** Entries of the observation that the network sees, in their order; all where left out. */
  readonly encoderFeatures?: readonly number[];
  /** The run's length in environment steps, which the linear schedule falls over. */
  readonly totalSteps?: number;
}

/**
 * Deep hedging (Buehler, Gonon, Teichmann and Wood 2019): the gradient of the scenario's own objective, taken along simulated paths
 * through every trade, cost and position, read top to bottom: build, play, go back, step, report, save. The details that decide whether
 * it works are numbered; docs/algorithms/deep-hedging.md says of each why, whence and to what effect.
 * Row p of a part is a path; entry (t, p) stands at t*n + p.
 */
export class DeepHedging implements Stateful {
  readonly config: DeepHedgingConfig;
  readonly #environment: PathwiseGradient;
  readonly #head: DifferentiableHead;
  readonly #objective: RiskObjective;
  readonly #totalSteps: number;
  readonly #encoder: ObservationEncoder;
  readonly #squash: ActionHead;
  readonly #sizes: readonly number[];
  readonly #network: Network;
  readonly #optimiser: Optimiser;
  /** Paths of a part. */
  readonly #n: number;
  /** Of the part in play, for the way back: features, network inputs [T*n*inputs], actions [T*n*A], changes of exposure and sides [T*n]. */
  readonly #features: Float64Array[];
  readonly #inputs: Float32Array;
  readonly #actions: Float32Array;
  readonly #changes: Float64Array;
  readonly #sides: Float64Array;
  /** Where each differentiable feature stands among the inputs, or -1. */
  readonly #inputOf: readonly number[];
  readonly #exposureOf: number;
  /** Costs are counted in standard deviations of the reference's. */
  #unit = 1;
  #steps = 0;
  #updates = 0;
  #gradientSteps = 0;

  /**
   * Plays the reference's own paths once, for their statistics.
   * @throws ConfigError for a setting out of range, or a linear schedule without `totalSteps`.
   */
  constructor(options: DeepHedgingOptions) {
    const { environment, head, engine, seed } = options;
    const config = parseDeepHedgingConfig(options.config);
    checkLength(config, options.totalSteps);
    this.config = config;
    this.#environment = environment;
    this.#head = head;
    this.#objective = options.objective;
    this.#totalSteps = options.totalSteps ?? Number.POSITIVE_INFINITY;
    const observations = box(-Infinity, Infinity, [environment.features], "float64");
    const encoder = {
      normalise: true,
      clip: config.observationClip,
      ...(options.encoderFeatures && { selected: options.encoderFeatures }),
    };
    this.#encoder = new ObservationEncoder(observations, encoder, engine);
    // [D1] The policy is deterministic: a network through tanh into the head's box. It is what a bundle deploys, to the last bit.
    this.#squash = makeActionHead(box(Array.from(head.low), Array.from(head.high), [head.size]), "squashed", 0);
    this.#sizes = [this.#encoder.inputs, ...config.hiddenSizes, head.size];
    this.#network = engine.mlp(this.#sizes, config.activation);
    // [D2] Orthogonal weights, zero biases; the last layer starts at 0, so that the first policy is the tuned rule itself.
    orthogonalInitialise(this.#network, new Random(seed, "deep-hedging/initialise"), { outputGain: config.outputGain });
    const { learningRate, adamEpsilon: epsilon, weightDecay } = config;
    this.#optimiser = engine.adam({ learningRate, epsilon, weightDecay });

    this.#n = environment.paths / config.minibatches;
    const rows = environment.decisions * this.#n;
    this.#features = Array.from({ length: environment.decisions }, () => new Float64Array(0));
    this.#inputs = new Float32Array(rows * this.#encoder.inputs);
    this.#actions = new Float32Array(rows * head.size);
    this.#changes = new Float64Array(rows);
    this.#sides = new Float64Array(rows);
    const { selected } = this.#encoder.snapshot();
    this.#inputOf = environment.differentiable.map((column) => selected.indexOf(column));
    this.#exposureOf = environment.differentiable.indexOf(head.exposure);
    this.#prepare();
  }

  /** Environment steps (decisions) so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Fresh training episodes and the gradient steps on them.
   * @returns metrics by the names of src/core/metrics.ts.
   * @throws GreekgymError `diverged` naming step and tensor where a number is not finite.
   */
  update(): Metrics {
    const { config } = this;
    const environment = this.#environment;
    // [D3] The learning rate falls linearly over the run, the first update at full size.
    const left = Math.max(0, 1 - this.#steps / this.#totalSteps);
    const learningRate = config.learningRateSchedule === "linear" ? config.learningRate * left : config.learningRate;
    this.#optimiser.learningRate = learningRate;
    this.#updates++;
    // [D4] Every update draws episodes that were never seen: what is minimised is the objective itself, not that of a sample.
    environment.load(this.#updates * environment.paths);
    let objective = 0;
    let cost = 0;
    let norm = 0;
    const parts = config.epochs * config.minibatches;
    for (let k = 0; k < parts; k++) {
      const part = this.#step((k % config.minibatches) * this.#n);
      objective += part.objective / parts;
      cost += part.cost / parts;
      norm += part.norm / parts;
    }
    // The last step of the update is not followed by a loss that would tell: what is saved next must be good.
    checkParameters([this.#network.parameters], ["actor"], this.#steps);
    return {
      "train/loss": objective,
      "train/learning_rate": learningRate,
      "train/grad_norm": norm,
      "train/n_updates": this.#gradientSteps,
      "charts/learning_rate": learningRate,
      "rollout/ep_rew_mean": -cost,
      "rollout/ep_len_mean": environment.decisions,
      "charts/episodic_return": -cost,
      "charts/episodic_length": environment.decisions,
    };
  }

  /** One gradient step on the part of the loaded paths that starts at `from`. */
  #step(from: number): { objective: number; cost: number; norm: number } {
    const network = this.#network;
    const costs = this.#play(from);
    // [D5] The objective is a functional of the part's costs together; its gradient in each cost is closed.
    const dCosts = new Float64Array(this.#n);
    const objective = riskGradient(this.#objective, costs, dCosts);
    // [D13] A number that is not finite stops the run with its step and tensor named, before weights are touched.
    checkLosses({ objective }, this.#steps);
    // [D6] Costs are counted in standard deviations of the reference's, so that one clip fits any unit and market.
    for (let p = 0; p < this.#n; p++) dCosts[p]! /= this.#unit;
    network.zeroGradients();
    this.#goBack(dCosts);
    // [D12] The global norm is clipped: one minibatch of wild paths cannot throw the network far.
    const norm = clipGlobalNorm([network.parameters], this.config.maxGradientNorm);
    checkGradients([network.parameters], ["actor"], norm, this.#steps);
    network.step(this.#optimiser);
    this.#gradientSteps++;
    this.#steps += this.#environment.decisions * this.#n;
    let cost = 0;
    for (const c of costs) cost += c / this.#n;
    return { objective, cost, norm };
  }

  /** Plays a part of the loaded paths with the policy as it is and remembers what the way back needs. Returns the costs [n]. */
  #play(from: number): Float64Array {
    const [environment, encoder, head, n] = [this.#environment, this.#encoder, this.#head, this.#n];
    const A = head.size;
    const chosen = new Float64Array(n * A);
    environment.begin(from, n);
    for (let t = 0; t < environment.decisions; t++) {
      const row = t * n;
      const features = environment.observe(t);
      const x = this.#inputs.subarray(row * encoder.inputs, (row + n) * encoder.inputs);
      const actions = this.#actions.subarray(row * A, (row + n) * A);
      const changes = this.#changes.subarray(row, row + n);
      const sides = this.#sides.subarray(row, row + n);
      encoder.encode(features, n, x);
      this.#squash.distribution.mode(this.#network.forward(x, n), n, chosen);
      this.#squash.toEnvironment(chosen, n, actions);
      head.changes(n, actions, features, changes, sides);
      environment.act(t, changes, sides);
      this.#features[t] = features;
    }
    return environment.finish();
  }

  /** [D7] Backward through time, decision by decision: adds dL/dparameters of the part just played to the network's gradients. */
  #goBack(dCosts: Float64Array): void {
    const [environment, head, n] = [this.#environment, this.#head, this.#n];
    const { low, high, size: A } = head;
    const { inputs } = this.#encoder;
    const D = environment.differentiable.length;
    const slopes = this.#inputSlopes();
    const dActions = new Float64Array(n * A);
    const dFeatures = new Float64Array(n * D);
    const active = new Int32Array(n);
    const x = new Float32Array(n * inputs);
    const dy = new Float32Array(n * A);
    environment.beginBackward(dCosts);
    for (let t = environment.decisions - 1; t >= 0; t--) {
      const row = t * n;
      const features = this.#features[t]!;
      const actions = this.#actions.subarray(row * A, (row + n) * A);
      const { action, fixed } = environment.backward(t);
      let count = 0;
      dFeatures.fill(0);
      for (let p = 0; p < n; p++) {
        // [D8] Where nothing is traded and no edge is near, nothing depends on the outputs: the network is not asked again.
        if (this.#changes[row + p] === 0 && this.#sides[row + p] === 0) continue;
        const a = p * A;
        const dExposure = head.pull(actions, a, features, p * environment.features, action[p]!, fixed[p]!, dActions);
        // [D11] The adjoint goes on through what the head reads of the position,
        if (this.#exposureOf >= 0) dFeatures[p * D + this.#exposureOf] = dExposure;
        for (let j = 0; j < A; j++) {
          // d tanh = 1 - tanh^2, from the action itself scaled back to (-1, 1).
          const half = 0.5 * (high[j]! - low[j]!);
          const u = (actions[a + j]! - low[j]!) / half - 1;
          dy[count * A + j] = dActions[a + j]! * half * (1 - u * u);
        }
        const from = (row + p) * inputs;
        for (let i = 0; i < inputs; i++) x[count * inputs + i] = this.#inputs[from + i]!;
        active[count++] = p;
      }
      if (count > 0) {
        // [D9] The network remembers its last batch alone: what was computed going forward is computed again.
        this.#network.forward(x, count);
        const dx = this.#network.backward(dy, count);
        // and through what the network sees of it.
        for (let d = 0; d < D; d++) {
          const i = this.#inputOf[d]!;
          if (i < 0) continue;
          for (let k = 0; k < count; k++) {
            const at = k * inputs + i;
            const free = Math.abs(x[at]!) < this.config.observationClip;
            if (free) dFeatures[active[k]! * D + d]! += dx[at]! * slopes[d]!;
          }
        }
      }
      environment.carry(t, dFeatures);
    }
  }

  /** dinput/dfeature of the differentiable features. */
  #inputSlopes(): number[] {
    const { variance, epsilon } = this.#encoder.snapshot();
    return this.#inputOf.map((i) => (i < 0 ? 0 : 1 / Math.sqrt(variance[i]! + epsilon)));
  }

  /** [D10] Input statistics are those of the reference's own paths, taken once: inputs mean the same in every update. */
  #prepare(): void {
    const [environment, head] = [this.#environment, this.#head];
    const n = environment.paths;
    const nothing = new Float32Array(n * head.size);
    const changes = new Float64Array(n);
    const sides = new Float64Array(n);
    environment.load(0);
    environment.begin();
    for (let t = 0; t < environment.decisions; t++) {
      const features = environment.observe(t);
      this.#encoder.observe(features, n);
      head.changes(n, nothing, features, changes, sides);
      environment.act(t, changes, sides);
    }
    const costs = environment.finish();
    this.#steps += environment.decisions * n;
    let mean = 0;
    for (const c of costs) mean += c / n;
    let squares = 0;
    for (const c of costs) squares += (c - mean) ** 2;
    const sd = Math.sqrt(squares / (n - 1));
    checkLosses({ "costs of the reference": sd }, 0);
    this.#unit = sd > 0 ? sd : 1;
  }

  /** What an export needs of the policy; a copy. */
  actor(): ActorSnapshot {
    return {
      sizes: this.#sizes,
      activation: this.config.activation,
      parameters: { slices: this.#network.parameters.slices, values: this.#network.parameters.values.slice() },
      ...(this.#network.layers && { layers: this.#network.layers }),
      encoder: this.#encoder.snapshot(),
      distribution: "squashed",
    };
  }

  /** Everything that the next update depends on; episodes are drawn by number. To be called between updates. */
  saveState(): StateTree {
    return {
      steps: this.#steps,
      updates: this.#updates,
      gradientSteps: this.#gradientSteps,
      unit: this.#unit,
      actor: this.#network.parameters.values.slice(),
      optimiser: this.#optimiser.saveState(),
      encoder: this.#encoder.saveState(),
    };
  }

  /** Continues a saved run bit for bit. @throws CorruptFileError or ContractError where the state does not fit; nothing changes then. */
  loadState(state: StateTree): void {
    const before = this.saveState();
    try {
      this.#restore(state);
    } catch (error) {
      this.#restore(before);
      throw error;
    }
  }

  #restore(state: StateTree): void {
    const { values } = this.#network.parameters;
    const numbers = ["steps", "updates", "gradientSteps", "unit"].map((name) => savedNumber(state, name));
    values.set(savedSingles(state, "actor", values.length));
    this.#encoder.loadState(savedTree(state, "encoder"));
    this.#optimiser.loadState(savedTree(state, "optimiser"));
    [this.#steps, this.#updates, this.#gradientSteps, this.#unit] = numbers as [number, number, number, number];
  }
}
