import type { NumericArray } from "../../env/core/env.ts";
import { flatSize, type Space } from "../../env/core/spaces.ts";
import { RunningNormaliser, VARIANCE_EPSILON } from "../../models/normalizer/running.ts";
import type { Engine } from "../../src/core/contracts/network.ts";
import type { Normaliser } from "../../src/core/contracts/normaliser.ts";
import { ConfigError, ContractError } from "../../src/core/errors.ts";
import type { Stateful, StateTree } from "../../src/core/state.ts";

/** The largest float32: a clip that never clips and still is a number in JSON. */
const NO_CLIP = 3.4028234663852886e38;

/** The encoder as an export needs it: x_i = clamp((obs[selected_i] - mean_i) / sqrt(variance_i + epsilon), ±clip). */
export interface EncoderSnapshot {
  readonly selected: readonly number[];
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly epsilon: number;
  readonly clip: number;
  /** Choices of each component of a discrete observation, which is encoded one-hot instead; left out for boxes. */
  readonly oneHot?: readonly number[];
}

export interface EncoderOptions {
  readonly normalise: boolean;
  readonly clip: number;
  /** Entries of the observation in the order of the network's input; all where left out. */
  readonly selected?: readonly number[];
}

/**
 * Raw observation -> network input: selection, standardisation with running statistics, clip. Discrete and multi-discrete
 * observations become one-hot vectors. Statistics are those of every observation shown to `observe`.
 */
export class ObservationEncoder implements Stateful {
  /** Numbers of network input. */
  readonly inputs: number;
  readonly #width: number;
  readonly #normalise: boolean;
  readonly #clip: number;
  readonly #selected: Int32Array;
  readonly #oneHot: readonly number[] | undefined;
  readonly #start: number;
  readonly #statistics: Normaliser;
  /** Whether the selection is the whole observation in its order. */
  readonly #whole: boolean;
  /** Selected entries of a batch. [batch*selected] */
  #picked = new Float64Array(0);

  /** @throws ConfigError for a selection that is empty, repeated, out of range or of a discrete observation. */
  constructor(space: Space, options: EncoderOptions, engine?: Engine) {
    this.#width = flatSize(space);
    this.#start = space.kind === "discrete" ? space.start : 0;
    this.#oneHot = space.kind === "discrete" ? [space.n] : space.kind === "multi-discrete" ? space.nvec : undefined;
    const all = Array.from({ length: this.#width }, (_, i) => i);
    this.#selected = Int32Array.from(options.selected ?? all);
    checkSelection(options.selected, this.#width, this.#oneHot !== undefined);
    this.inputs = this.#oneHot ? this.#oneHot.reduce((a, b) => a + b, 0) : this.#selected.length;
    this.#normalise = options.normalise && this.#oneHot === undefined;
    this.#clip = this.#normalise ? options.clip : NO_CLIP;
    const columns = this.#selected.length;
    this.#whole = columns === this.#width && this.#selected.every((from, i) => from === i);
    this.#statistics = engine?.normaliser?.(columns) ?? new RunningNormaliser(columns);
  }

  /** Adds raw observations [batch*O] to the running statistics. */
  observe(obs: NumericArray, batch: number): void {
    if (!this.#normalise) return;
    this.#statistics.update(this.#pick(obs, batch), batch);
  }

  /** Writes network inputs [batch*inputs] for raw observations [batch*O]; statistics stay as they are. */
  encode(obs: NumericArray, batch: number, out: Float32Array): void {
    if (obs.length !== batch * this.#width)
      throw new ContractError("The observations have the wrong length.", {
        which: "obs",
        value: obs.length,
        fix: `Pass batch * width = ${batch} * ${this.#width} numbers.`,
      });
    if (this.#oneHot) {
      this.#encodeOneHot(this.#oneHot, obs, batch, out);
      return;
    }
    const picked = this.#pick(obs, batch);
    if (this.#normalise) this.#statistics.normaliseInto(out, picked, batch, this.#clip);
    else out.set(picked.length === batch * this.inputs ? picked : picked.subarray(0, batch * this.inputs));
  }

  #pick(obs: NumericArray, batch: number): Float64Array | Float32Array {
    const n = this.#selected.length;
    if (this.#whole && (obs instanceof Float64Array || obs instanceof Float32Array)) return obs;
    if (this.#picked.length < batch * n) this.#picked = new Float64Array(batch * n);
    for (let b = 0; b < batch; b++)
      for (let j = 0; j < n; j++) this.#picked[b * n + j] = obs[b * this.#width + this.#selected[j]!]!;
    return this.#picked;
  }

  #encodeOneHot(choices: readonly number[], obs: NumericArray, batch: number, out: Float32Array): void {
    out.fill(0);
    for (let b = 0, offset = 0; b < batch; b++)
      for (let i = 0; i < choices.length; offset += choices[i]!, i++)
        out[offset + obs[b * this.#width + i]! - this.#start] = 1;
  }

  /** A copy of what `encode` does now. */
  snapshot(): EncoderSnapshot {
    return {
      selected: [...this.#selected],
      mean: [...this.#statistics.mean],
      variance: [...this.#statistics.variance],
      epsilon: this.#normalise ? VARIANCE_EPSILON : 0,
      clip: this.#clip,
      ...(this.#oneHot && { oneHot: this.#oneHot }),
    };
  }

  saveState(): StateTree {
    return this.#statistics.saveState();
  }

  loadState(state: StateTree): void {
    this.#statistics.loadState(state);
  }
}

function checkSelection(selected: readonly number[] | undefined, width: number, discrete: boolean): void {
  if (selected === undefined) return;
  const wrong = selected.findIndex((i, k) => !Number.isInteger(i) || i < 0 || i >= width || selected.indexOf(i) !== k);
  if (discrete || selected.length === 0 || wrong >= 0)
    throw new ConfigError("The selected observation entries are wrong.", {
      which: wrong >= 0 ? `encoderFeatures[${wrong}]` : "encoderFeatures",
      value: wrong >= 0 ? selected[wrong] : selected,
      fix: discrete
        ? "Leave encoderFeatures out: a discrete observation is encoded whole."
        : `Pass different integers in [0, ${width - 1}], at least one.`,
    });
}
