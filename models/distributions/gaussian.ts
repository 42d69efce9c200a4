import type { ActionDistribution, Reals } from "../../src/core/contracts/distribution.ts";
import type { ParameterSet } from "../../src/core/contracts/network.ts";
import { ContractError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/random.ts";
import { HALF_LOG_TWO_PI, vectorParameters } from "./distribution.ts";

/** The log standard deviations of A independent components, one trained number each, the same in every state. */
export function logStandardDeviations(actions: number, initialLogStd: number): ParameterSet {
  if (!Number.isInteger(actions) || actions < 1 || !Number.isFinite(initialLogStd))
    throw new ContractError("A Gaussian needs at least one component and a finite log standard deviation.", {
      which: "actions, initialLogStd",
      value: [actions, initialLogStd],
    });
  return vectorParameters("log_std", new Float32Array(actions).fill(initialLogStd));
}

/**
 * Normal with independent components: mean = y, state-independent log standard deviation.
 * log p = -sum_i [ z_i^2 / 2 + s_i + log(2 pi) / 2 ], z_i = (a_i - y_i) exp(-s_i); entropy = sum_i [ s_i + (1 + log 2 pi) / 2 ].
 */
export class Gaussian implements ActionDistribution {
  readonly outputs: number;
  readonly actions: number;
  readonly maskWidth = 0;
  readonly parameters: ParameterSet;
  /** exp(s) and exp(-s) of the call at hand. */
  readonly #std: Float64Array;
  readonly #precision: Float64Array;

  constructor(actions: number, initialLogStd = 0) {
    this.outputs = actions;
    this.actions = actions;
    this.parameters = logStandardDeviations(actions, initialLogStd);
    this.#std = new Float64Array(actions);
    this.#precision = new Float64Array(actions);
  }

  /** exp(s) as it is now [actions]; written over by the next call. */
  protected get std(): Float64Array {
    const logStd = this.parameters.values;
    for (let i = 0; i < this.actions; i++) this.#std[i] = Math.exp(logStd[i]!);
    return this.#std;
  }

  /** exp(-s) as it is now [actions]; written over by the next call. */
  protected get precision(): Float64Array {
    const logStd = this.parameters.values;
    for (let i = 0; i < this.actions; i++) this.#precision[i] = Math.exp(-logStd[i]!);
    return this.#precision;
  }

  sample(y: Float32Array, batch: number, random: Random, action: Reals): void {
    const { std } = this;
    const n = this.actions;
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < n; i++) action[b * n + i] = y[b * n + i]! + std[i]! * random.normal();
  }

  mode(y: Float32Array, batch: number, action: Reals): void {
    for (let i = 0; i < batch * this.actions; i++) action[i] = y[i]!;
  }

  logProbability(y: Float32Array, action: Reals, batch: number, out: Reals): void {
    const logStd = this.parameters.values;
    const { precision } = this;
    const n = this.actions;
    for (let b = 0; b < batch; b++) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const z = (action[b * n + i]! - y[b * n + i]!) * precision[i]!;
        sum -= 0.5 * z * z + logStd[i]! + HALF_LOG_TWO_PI;
      }
      out[b] = sum;
    }
  }

  entropy(_y: Float32Array, batch: number, out: Reals): void {
    let sum = 0;
    for (const s of this.parameters.values) sum += s + 0.5 + HALF_LOG_TWO_PI;
    for (let b = 0; b < batch; b++) out[b] = sum;
  }

  evaluate(y: Float32Array, action: Reals, batch: number, logProbability: Reals, entropy: Reals): void {
    this.logProbability(y, action, batch, logProbability);
    this.entropy(y, batch, entropy);
  }

  /** dlogp/dy = z / sigma, dlogp/ds = z^2 - 1, dH/ds = 1. */
  backward(
    y: Float32Array,
    action: Reals,
    batch: number,
    dLogProbability: Reals,
    dEntropy: Reals,
    dy: Float32Array,
  ): void {
    const dLogStd = this.parameters.gradients;
    const precisions = this.precision;
    const n = this.actions;
    for (let i = 0; i < n; i++) {
      const precision = precisions[i]!;
      let sum = 0;
      for (let b = 0; b < batch; b++) {
        const z = (action[b * n + i]! - y[b * n + i]!) * precision;
        dy[b * n + i] = dLogProbability[b]! * z * precision;
        sum += dLogProbability[b]! * (z * z - 1) + dEntropy[b]!;
      }
      dLogStd[i]! += sum;
    }
  }

  toEnvironment(action: Reals, batch: number, out: Reals): void {
    for (let i = 0; i < batch * this.actions; i++) out[i] = action[i]!;
  }
}
