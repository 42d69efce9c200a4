import type { NumericArray, VectorEnv } from "../env/core/env.ts";
import { orthogonalInitialise } from "../models/nets/initialise.ts";
import { togetherBy } from "../models/nets/together.ts";
import { Adam, plainAdamBackend } from "../models/optim/adam.ts";
import { clipGlobalNorm } from "../models/optim/clip.ts";
import type { ActionDistribution } from "../src/core/contracts/distribution.ts";
import type { Engine, Network, Optimiser, ParameterSet, Together } from "../src/core/contracts/network.ts";
import { deriveSeed, Random } from "../src/core/random.ts";
import type { Stateful, StateTree } from "../src/core/state.ts";
import { checkSchedules, type PpoConfig, type PpoConfigInput, parsePpoConfig } from "./ppo-config.ts";
import { type ActionHead, makeActionHead, meanStd } from "./shared/action-head.ts";
import type { ActorSnapshot } from "./shared/actor-snapshot.ts";
import {
  checkGradients,
  checkLosses,
  checkMaskWidth,
  checkObservations,
  checkParameters,
  checkTransitions,
  finalObservations,
} from "./shared/checks.ts";
import { EpisodeStatistics } from "./shared/episodes.ts";
import { checkAutoresetMode } from "./shared/gae.ts";
import { advantageScale, Minibatch } from "./shared/minibatch.ts";
import { ObservationEncoder } from "./shared/observation-encoder.ts";
import { type Metrics, type MinibatchFigures, ppoMetrics } from "./shared/ppo-metrics.ts";
import { RewardScaling } from "./shared/reward-scaling.ts";
import { RolloutBuffer } from "./shared/rollout.ts";
import { savedBytes, savedNumber, savedRandom, savedSingles, savedTree } from "./shared/saved.ts";

export interface PpoOptions {
  readonly env: VectorEnv;
  readonly config: PpoConfigInput;
  readonly seed: number | string;
  readonly engine: Engine;
  /** Entries of the observation that the networks see, in their order; all where left out. */
  readonly encoderFeatures?: readonly number[];
  /** The run's length in environment steps, which linear schedules fall over. */
  readonly totalSteps?: number;
}

/** Rows of a minibatch that are computed together: few enough for a core's caches, enough for several threads. Part of the result, by its rounding. */
export const CHUNK = 512;

const SETS = ["actor", "critic", "policy"] as const;

/**
 * Proximal policy optimisation (Schulman et al. 2017), read top to bottom: build, collect, learn, report, act, save.
 * The details that decide whether it works are numbered; docs/algorithms/ppo.md says of each why, whence and to what effect.
 * Rows of a rollout are t*B+b for T steps in B environments.
 * The file is long because an algorithm stands in one file (docs/design.md): what could be shared is in agents/shared.
 */
export class Ppo implements Stateful {
  readonly config: PpoConfig;
  readonly #env: VectorEnv;
  readonly #totalSteps: number;
  readonly #encoder: ObservationEncoder;
  readonly #head: ActionHead;
  readonly #policy: ActionDistribution;
  readonly #sizes: readonly number[];
  readonly #actor: Network;
  readonly #critic: Network;
  /** Parameters of actor, critic and, where it has its own, the distribution. */
  readonly #sets: readonly ParameterSet[];
  readonly #actorOptimiser: Optimiser;
  readonly #criticOptimiser: Optimiser;
  readonly #policyOptimiser: Optimiser;
  readonly #together: Together;
  readonly #rewards: RewardScaling;
  readonly #episodes: EpisodeStatistics;
  readonly #buffer: RolloutBuffer;
  readonly #work: Minibatch;
  readonly #actionRandom: Random;
  readonly #batchRandom: Random;
  /** The observations to act on next, encoded [B*inputs], and their masks [B*maskWidth]. */
  readonly #encoded: Float32Array;
  readonly #mask: Uint8Array;
  /** Next-step mode: 1 where the next step only resets. [B] */
  readonly #resets: Uint8Array;
  #steps = 0;
  #gradientSteps = 0;
  /** Rows of the chunk at work, and the networks' outputs for them. */
  #rows = 0;
  #y: Float32Array = new Float32Array(0);
  #v: Float32Array = new Float32Array(0);
  // What both networks do at once, made once: made where it is used, V8 kept compiling it (its log tells; small functions that it inlines are spared).
  readonly #forwards = () => {
    this.#y = this.#actor.forward(this.#work.x, this.#rows);
    this.#v = this.#critic.forward(this.#work.x, this.#rows);
  };
  readonly #backwards = () => {
    this.#actor.accumulate(this.#work.dy, this.#rows);
    this.#critic.accumulate(this.#work.dv, this.#rows);
  };
  readonly #optimise = () => {
    this.#actor.step(this.#actorOptimiser);
    this.#critic.step(this.#criticOptimiser);
  };

  /**
   * Resets the environment with a seed derived from `seed`.
   * @throws ConfigError for a setting out of range, an autoreset mode or space that PPO does not handle, or a linear schedule
   * without `totalSteps`.
   */
  constructor(options: PpoOptions) {
    const { env, engine, seed } = options;
    const config = parsePpoConfig(options.config);
    checkAutoresetMode(env.metadata.autoresetMode, env.metadata.id);
    checkSchedules(config, options.totalSteps);
    this.config = config;
    this.#env = env;
    this.#totalSteps = options.totalSteps ?? Number.POSITIVE_INFINITY;

    // [D19] Observations are standardised with running statistics and [D20] clipped; the encoder is part of the policy.
    const encoder = {
      normalise: config.normaliseObservations,
      clip: config.observationClip,
      ...(options.encoderFeatures && { selected: options.encoderFeatures }),
    };
    this.#encoder = new ObservationEncoder(env.singleObservationSpace, encoder, engine);
    // [D14] Boxes get a Normal policy with [D15] a log standard deviation that is a parameter, not an output, and
    // [D16] independent components; [D23] several discrete actions are independent categoricals; [D31] squashed is by choice.
    this.#head = makeActionHead(env.singleActionSpace, config.distribution, config.logStdInit, engine);

    // [D13] Actor and critic share nothing, [D17] for boxes as for discrete actions.
    this.#policy = this.#head.distribution;
    this.#sizes = [this.#encoder.inputs, ...config.hiddenSizes, this.#policy.outputs];
    this.#actor = engine.mlp(this.#sizes, config.activation, "actor");
    this.#critic = engine.mlp([this.#encoder.inputs, ...config.hiddenSizes, 1], config.activation, "critic");
    // [D2] Orthogonal weights, zero biases: gain sqrt(2) in hidden layers, small at the policy's output, 1 at the value's.
    const gains = { hiddenGain: Math.SQRT2, outputGain: config.outputGain };
    orthogonalInitialise(this.#actor, new Random(seed, "ppo/initialise-actor"), gains);
    orthogonalInitialise(this.#critic, new Random(seed, "ppo/initialise-critic"), { ...gains, outputGain: 1 });
    this.#sets = [this.#actor.parameters, this.#critic.parameters];
    if (this.#policy.parameters) this.#sets = [...this.#sets, this.#policy.parameters];
    // [D3] Adam with epsilon 1e-5 rather than 1e-8.
    const adam = { learningRate: config.learningRate, epsilon: config.adamEpsilon };
    // Weight decay is for the networks: it would pull the policy's standard deviation towards 1.
    const { weightDecay } = config;
    this.#actorOptimiser = engine.adam({ ...adam, weightDecay });
    this.#criticOptimiser = engine.adam({ ...adam, weightDecay });
    this.#policyOptimiser = new Adam(plainAdamBackend, adam);

    this.#together = togetherBy(engine);

    const envs = env.numEnvs;
    this.#rewards = new RewardScaling(envs, config);
    this.#episodes = new EpisodeStatistics(envs);
    this.#buffer = new RolloutBuffer({
      steps: config.rolloutSteps,
      envs,
      inputs: this.#encoder.inputs,
      engine,
      actionWidth: this.#policy.actions,
      // [D26] Forbidden choices get the logit -1e8: probability 0 and no gradient.
      maskWidth: checkMaskWidth(env, this.#policy.maskWidth),
    });
    const largest = Math.ceil((config.rolloutSteps * envs) / config.minibatches);
    this.#work = new Minibatch(Math.min(CHUNK, largest), this.#buffer, this.#policy.outputs, engine);
    this.#actionRandom = new Random(seed, "ppo/actions");
    this.#batchRandom = new Random(seed, "ppo/minibatches");
    this.#mask = new Uint8Array(envs * this.#buffer.maskWidth);
    this.#encoded = engine.array(envs * this.#encoder.inputs);
    this.#resets = new Uint8Array(envs);
    const { obs } = env.reset({ seed: deriveSeed(seed, "ppo/environment") });
    checkObservations(obs, 0);
    this.#see(obs);
  }

  /** Environment steps so far: T*B a rollout, in next-step mode with the steps that only reset. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One rollout and its gradient steps.
   * @returns metrics by the names of src/core/metrics.ts; those of episodes are left out until one has ended.
   * @throws GreekgymError `diverged` naming step and tensor where a number is not finite.
   */
  update(): Metrics {
    // [D4] The learning rate and [D24] the clip range fall linearly over the run, the first update at full size.
    const left = Math.max(0, 1 - this.#steps / this.#totalSteps);
    const { learningRate, learningRateSchedule, clipRange, clipRangeSchedule } = this.config;
    const rate = learningRateSchedule === "linear" ? learningRate * left : learningRate;
    const clip = clipRangeSchedule === "linear" ? clipRange * left : clipRange;
    const rows = this.#collect();
    const figures = this.#learn(rows, rate, clip);
    // The last steps of the update are not followed by a loss that would tell: what is saved next must be good.
    checkParameters(this.#sets, SETS, this.#steps);
    return ppoMetrics(figures, {
      buffer: this.#buffer,
      rows,
      learningRate: rate,
      clipRange: clip,
      gradientSteps: this.#gradientSteps,
      std: meanStd(this.#head),
      episodes: this.#episodes.means(),
    });
  }

  /** [D1] Steps B environments T times; episodes run on across rollouts. Returns the rows that are transitions. */
  #collect(): Uint32Array {
    const [env, buffer, policy] = [this.#env, this.#buffer, this.#policy];
    const { config } = this;
    const envs = env.numEnvs;
    const sameStep = env.metadata.autoresetMode === "same-step";
    const sent = this.#head.makeActions(envs);
    buffer.resetFirst.set(this.#resets);
    buffer.finalValues.fill(0);
    for (let t = 0; t < config.rolloutSteps; t++) {
      const row = t * envs;
      // [D29] What is stored is the input the network saw, so the ratio of the first minibatch is exactly 1.
      buffer.observations.set(this.#encoded, row * buffer.inputs);
      buffer.masks.set(this.#mask, row * buffer.maskWidth);
      const drawn = buffer.actions.subarray(row * policy.actions, (row + envs) * policy.actions);
      const mask = this.#maskOrNone(this.#mask);
      const y = this.#actor.forward(this.#encoded, envs);
      policy.sample(y, envs, this.#actionRandom, drawn, mask);
      policy.logProbability(y, drawn, envs, buffer.logProbabilities.subarray(row, row + envs), mask);
      // [D18] The action is clipped to the box only on its way out; the unclipped one is stored.
      this.#head.toEnvironment(drawn, envs, sent);
      const { obs, rewards, terminated, truncated, info } = env.step(sent);
      checkTransitions(obs, rewards, this.#steps + row);
      buffer.terminated.set(terminated, row);
      buffer.truncated.set(truncated, row);
      for (let b = 0; b < envs; b++) {
        const done = terminated[b] === 1 || truncated[b] === 1;
        // [D28] In next-step mode the step after an end only resets: no transition, so neither counted nor learned from.
        if (this.#resets[b] === 0) {
          this.#episodes.add(b, rewards[b]!, done);
          // [D21] Rewards are divided by the running deviation of the discounted return and [D22] clipped.
          buffer.rewards[row + b] = this.#rewards.scale(b, rewards[b]!, done);
        } else buffer.rewards[row + b] = 0;
        this.#resets[b] = !sameStep && done ? 1 : 0;
      }
      // [D27] A truncated episode bootstraps with the value of its true last observation.
      if (sameStep && truncated.includes(1)) {
        this.#encoder.encode(finalObservations(info, env.metadata.id), envs, this.#encoded);
        this.#values(this.#encoded, buffer.finalValues.subarray(row, row + envs));
      }
      this.#see(obs);
    }
    this.#steps += config.rolloutSteps * envs;
    // Values of all rows in large batches: the critic does not change while collecting.
    this.#values(buffer.observations, buffer.values);
    this.#values(this.#encoded, buffer.lastValues);
    // [D5] Generalised advantage estimation, cut at each end of an episode.
    return buffer.finish(env.metadata.autoresetMode, config.gamma, config.lambda);
  }

  /** Epochs of minibatch gradient steps on actor and critic. */
  #learn(rows: Uint32Array, learningRate: number, clip: number): MinibatchFigures[] {
    const { config } = this;
    const buffer = this.#buffer;
    const { advantages, returns, logProbabilities } = buffer;
    const { valueCoefficient, entropyCoefficient, clipValueLoss } = config;
    const [low, high] = [1 - clip, 1 + clip];
    const policy = this.#policy;
    const figures: MinibatchFigures[] = [];
    const { actions, logProbability, entropy, dLogProbability, dEntropy, dy, v, dv } = this.#work;
    const mask = this.#maskOrNone(this.#work.masks);
    const together = this.#together;
    for (const optimiser of [this.#actorOptimiser, this.#criticOptimiser, this.#policyOptimiser])
      optimiser.learningRate = learningRate;

    for (let epoch = 0; epoch < config.epochs; epoch++) {
      // [D6] Every epoch shuffles all rows and uses each once; where one minibatch takes them all, their order is nothing.
      if (config.minibatches > 1) this.#batchRandom.shuffle(rows);
      for (let m = 0; m < config.minibatches; m++) {
        const from = Math.floor((m * rows.length) / config.minibatches);
        const batch = rows.subarray(from, Math.floor(((m + 1) * rows.length) / config.minibatches));
        if (batch.length === 0) continue;
        this.#actor.zeroGradients();
        this.#critic.zeroGradients();
        policy.parameters?.gradients.fill(0);
        // [D7] Advantages are normalised per minibatch, not per rollout.
        const { mean, scale } = advantageScale(advantages, batch, config.normaliseAdvantages);
        const share = 1 / batch.length;

        let policyLoss = 0;
        let valueLoss = 0;
        let entropyMean = 0;
        let k1 = 0;
        let k3 = 0;
        let clipped = 0;
        // In chunks whose activations stay in the caches: the loss is a sum over rows, and gradients add up.
        for (let start = 0; start < batch.length; start += CHUNK) {
          const chunk = batch.subarray(start, start + CHUNK);
          const n = chunk.length;
          buffer.gather(chunk, this.#work);
          this.#rows = n;
          together(this.#forwards);
          const y = this.#y;
          // Copied: the loop below is slower on an engine's own memory.
          v.set(this.#v);
          policy.evaluate(y, actions, n, logProbability, entropy, mask);
          for (let k = 0; k < n; k++) {
            const i = chunk[k]!;
            const advantage = (advantages[i]! - mean) * scale;
            const logRatio = logProbability[k]! - logProbabilities[i]!;
            const ratio = Math.exp(logRatio);
            // [D8] Clipped surrogate: -min(r A, clip(r) A); where the clipped branch is the smaller one its gradient is 0.
            const free = ratio * advantage;
            // biome-ignore-start lint/complexity/useMathMinMax: Math.min and Math.max, which look for NaN and -0, cost this loop a quarter
            const bound = (ratio < low ? low : ratio > high ? high : ratio) * advantage;
            policyLoss -= (free < bound ? free : bound) * share;
            // biome-ignore-end lint/complexity/useMathMinMax: only there
            dLogProbability[k] = free <= bound ? -free * share : 0;
            const error = v[k]! - returns[i]!;
            let counted = error;
            let slope = 2 * valueCoefficient * error * share;
            // [D9] Value clipping is there for comparison; it is off by default.
            if (clipValueLoss) {
              const change = v[k]! - buffer.values[i]!;
              const held = Math.min(Math.max(change, -clip), clip);
              const heldError = buffer.values[i]! + held - returns[i]!;
              if (heldError * heldError > error * error) {
                counted = heldError;
                if (held !== change) slope = 0;
              }
            }
            valueLoss += counted * counted * share;
            dv[k] = slope;
            entropyMean += entropy[k]! * share;
            dEntropy[k] = -entropyCoefficient * share;
            // [D12] Diagnostics: k1 and k3 estimators of the divergence, share of clipped ratios.
            k1 -= logRatio * share;
            k3 += (ratio - 1 - logRatio) * share;
            if (Math.abs(ratio - 1) > clip) clipped += share;
          }
          // [D30] A number that is not finite stops the run with its step and tensor named, before weights are touched.
          checkLosses({ policyLoss, valueLoss, entropy: entropyMean }, this.#steps);
          policy.backward(y, actions, n, dLogProbability, dEntropy, dy, mask);
          together(this.#backwards);
        }
        // [D10] One loss: policy + c_value * value - c_entropy * entropy.
        const loss = policyLoss + valueCoefficient * valueLoss - entropyCoefficient * entropyMean;
        const figure: MinibatchFigures = {
          policyLoss,
          valueLoss,
          entropy: entropyMean,
          k1,
          k3,
          clipped,
          loss,
          norm: undefined,
        };
        figures.push(figure);
        // [D25] Past 1.5 times the target divergence the update ends, before this step is taken.
        if (config.targetKl !== null && k3 > 1.5 * config.targetKl) return figures;
        // [D11] One global norm over actor and critic is clipped.
        const norm = clipGlobalNorm(this.#sets, config.maxGradientNorm, together);
        checkGradients(this.#sets, SETS, norm, this.#steps);
        figure.norm = norm;
        together(this.#optimise);
        if (policy.parameters) this.#policyOptimiser.update(policy.parameters);
        this.#gradientSteps++;
      }
    }
    return figures;
  }

  /**
   * The deterministic action: a Gaussian's mean (through tanh where squashed), the most probable allowed discrete action.
   * @param obs raw observations [batch*O].
   * @param mask 1 = allowed [batch*n]; an empty array where there is none.
   * @param out actions as the environment takes them [batch*A].
   */
  act(obs: NumericArray, batch: number, mask: Uint8Array, out: Float64Array): void {
    const x = this.#encode(obs, batch);
    const actions = new Float64Array(batch * this.#policy.actions);
    this.#policy.mode(this.#actor.forward(x, batch), batch, actions, this.#maskOrNone(mask));
    this.#head.toEnvironment(actions, batch, out);
  }

  /** The critic's values of raw observations [batch*O] into `out` [batch], in units of the reward. */
  valueOf(obs: NumericArray, batch: number, out: Float64Array): void {
    this.#values(this.#encode(obs, batch), out);
    const unit = this.#rewards.unit();
    for (let b = 0; b < batch; b++) out[b]! *= unit;
  }

  /** What an export needs of the policy; a copy. */
  actor(): ActorSnapshot {
    return {
      sizes: this.#sizes,
      activation: this.config.activation,
      parameters: { slices: this.#actor.parameters.slices, values: this.#actor.parameters.values.slice() },
      ...(this.#actor.layers && { layers: this.#actor.layers }),
      encoder: this.#encoder.snapshot(),
      distribution: this.#head.name,
      ...(this.#policy.parameters && { logStd: this.#policy.parameters.values.slice() }),
    };
  }

  /** Everything that the next update depends on, environment included: to be called between updates. */
  saveState(): StateTree {
    return {
      steps: this.#steps,
      gradientSteps: this.#gradientSteps,
      ...Object.fromEntries(this.#sets.map((set, i) => [SETS[i]!, set.values.slice()])),
      ...Object.fromEntries(Object.entries(this.#parts()).map(([name, part]) => [name, part.saveState()])),
      actionRandom: { ...this.#actionRandom.saveState() },
      batchRandom: { ...this.#batchRandom.saveState() },
      encoded: this.#encoded.slice(),
      mask: this.#mask.slice(),
      resets: this.#resets.slice(),
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
    for (const [i, set] of this.#sets.entries()) set.values.set(savedSingles(state, SETS[i]!, set.values.length));
    for (const [name, part] of Object.entries(this.#parts())) part.loadState(savedTree(state, name));
    this.#actionRandom.loadState(savedRandom(state, "actionRandom"));
    this.#batchRandom.loadState(savedRandom(state, "batchRandom"));
    this.#encoded.set(savedSingles(state, "encoded", this.#encoded.length));
    this.#mask.set(savedBytes(state, "mask", this.#mask.length));
    this.#resets.set(savedBytes(state, "resets", this.#resets.length));
    this.#steps = savedNumber(state, "steps");
    this.#gradientSteps = savedNumber(state, "gradientSteps");
  }

  #parts(): Record<string, Stateful> {
    return {
      actorOptimiser: this.#actorOptimiser,
      criticOptimiser: this.#criticOptimiser,
      policyOptimiser: this.#policyOptimiser,
      encoder: this.#encoder,
      rewards: this.#rewards,
      episodes: this.#episodes,
      environment: this.#env,
    };
  }

  /** Takes in the observations [B*O] and masks to act on next. */
  #see(obs: NumericArray): void {
    this.#mask.set(this.#env.actionMask?.() ?? []);
    this.#encoder.observe(obs, this.#env.numEnvs);
    this.#encoder.encode(obs, this.#env.numEnvs, this.#encoded);
  }

  #encode(obs: NumericArray, batch: number): Float32Array {
    const x = new Float32Array(batch * this.#encoder.inputs);
    this.#encoder.encode(obs, batch, x);
    return x;
  }

  #maskOrNone(mask: Uint8Array): Uint8Array | undefined {
    return this.#buffer.maskWidth > 0 ? mask : undefined;
  }

  /** V of encoded observations, in chunks that fit the caches. */
  #values(x: Float32Array, out: Float64Array): void {
    const { inputs } = this.#encoder;
    for (let from = 0; from < out.length; from += 1024) {
      const n = Math.min(1024, out.length - from);
      out.set(this.#critic.forward(x.subarray(from * inputs, (from + n) * inputs), n), from);
    }
  }
}
