import type { NumericArray } from "../../env/core/env.ts";
import { flatSize, type Space } from "../../env/core/spaces.ts";
import { ConfigError, ContractError } from "../../src/core/errors.ts";
import type { Stateful, StateTree } from "../../src/core/state.ts";
import { savedFloats, savedNumber } from "./saved.ts";

const EPSILON = 1e-8;
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
 * observations become one-hot vectors. Statistics are those of every observation shown to `observe`, merged batch by batch
 * (Chan, Golub and LeVeque 1979), and start at mean 0 and variance 1 with the weight of 1e-4 observations.
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
  readonly #mean: Float64Array;
  readonly #variance: Float64Array;
  #count = 1e-4;

  /** @throws ConfigError for a selection that is empty, repeated, out of range or of a discrete observation. */
  constructor(space: Space, options: EncoderOptions) {
    this.#width = flatSize(space);
    this.#start = space.kind === "discrete" ? space.start : 0;
    this.#oneHot = space.kind === "discrete" ? [space.n] : space.kind === "multi-discrete" ? space.nvec : undefined;
    const all = Array.from({ length: this.#width }, (_, i) => i);
    this.#selected = Int32Array.from(options.selected ?? all);
    checkSelection(options.selected, this.#width, this.#oneHot !== undefined);
    this.inputs = this.#oneHot ? this.#oneHot.reduce((a, b) => a + b, 0) : this.#selected.length;
    this.#normalise = options.normalise && this.#oneHot === undefined;
    this.#clip = this.#normalise ? options.clip : NO_CLIP;
    this.#mean = new Float64Array(this.#selected.length);
    this.#variance = new Float64Array(this.#selected.length).fill(1);
  }

  /** Adds raw observations [batch*O] to the running statistics. */
  observe(obs: NumericArray, batch: number): void {
    if (!this.#normalise) return;
    const total = this.#count + batch;
    for (let j = 0; j < this.#selected.length; j++) {
      let mean = 0;
      for (let i = this.#selected[j]!; i < batch * this.#width; i += this.#width) mean += obs[i]! / batch;
      let squares = 0;
      for (let i = this.#selected[j]!; i < batch * this.#width; i += this.#width) squares += (obs[i]! - mean) ** 2;
      const off = mean - this.#mean[j]!;
      this.#mean[j]! += (off * batch) / total;
      this.#variance[j] =
        (this.#variance[j]! * this.#count + squares + (off * off * this.#count * batch) / total) / total;
    }
    this.#count = total;
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
    for (let j = 0; j < this.inputs; j++) {
      const mean = this.#normalise ? this.#mean[j]! : 0;
      const deviation = this.#normalise ? Math.sqrt(this.#variance[j]! + EPSILON) : 1;
      const from = this.#selected[j]!;
      for (let b = 0; b < batch; b++) {
        const x = (obs[b * this.#width + from]! - mean) / deviation;
        out[b * this.inputs + j] = Math.min(Math.max(x, -this.#clip), this.#clip);
      }
    }
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
      mean: [...this.#mean],
      variance: [...this.#variance],
      epsilon: this.#normalise ? EPSILON : 0,
      clip: this.#clip,
      ...(this.#oneHot && { oneHot: this.#oneHot }),
    };
  }

  saveState(): StateTree {
    return { mean: this.#mean.slice(), variance: this.#variance.slice(), count: this.#count };
  }

  loadState(state: StateTree): void {
    const mean = savedFloats(state, "mean", this.#mean.length);
    const variance = savedFloats(state, "variance", this.#variance.length);
    this.#count = savedNumber(state, "count");
    this.#mean.set(mean);
    this.#variance.set(variance);
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
