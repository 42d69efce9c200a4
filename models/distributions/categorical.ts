import type { ActionDistribution, Reals } from "../../src/core/contracts/distribution.ts";
import { ContractError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/random.ts";

/** The logit that stands in for a forbidden choice (Huang and Ontañón 2022), with the largest allowed one at 0: exp gives exactly 0. */
const FORBIDDEN = -1e8;

/**
 * Independent categorical heads over logits y: `Categorical([n])` is a discrete action, `Categorical([n, m])` a multi-discrete one.
 * Stored actions are indices from 0, one a head. Masks are concatenated like the logits; a forbidden choice has probability 0 and
 * its logit no gradient.
 */
export class Categorical implements ActionDistribution {
  readonly choices: readonly number[];
  readonly outputs: number;
  readonly actions: number;
  readonly maskWidth: number;
  readonly parameters = undefined;
  /** Where each head's logits start in a row. */
  readonly #starts: readonly number[];
  /** Log-probabilities and probabilities of the head at hand. */
  readonly #logP: Float64Array;
  readonly #p: Float64Array;

  /** @param choices the number of choices of each head. */
  constructor(choices: readonly number[]) {
    if (choices.length === 0 || choices.some((n) => !Number.isInteger(n) || n < 1))
      throw new ContractError("A categorical distribution needs at least one choice a head.", {
        which: "choices",
        value: choices,
        fix: "Pass one integer of at least 1 for each head.",
      });
    this.choices = [...choices];
    this.#starts = choices.map((_, head) => choices.slice(0, head).reduce((a, b) => a + b, 0));
    this.outputs = choices.reduce((a, b) => a + b, 0);
    this.actions = choices.length;
    this.maskWidth = this.outputs;
    this.#logP = new Float64Array(Math.max(...choices));
    this.#p = new Float64Array(Math.max(...choices));
  }

  sample(y: Float32Array, batch: number, random: Random, action: Reals, mask?: Uint8Array): void {
    for (let b = 0; b < batch; b++)
      for (let head = 0; head < this.actions; head++) {
        const n = this.#load(y, b, head, mask);
        // Inversion of one uniform; the last choice of positive probability takes what rounding leaves over.
        let left = random.uniform();
        let choice = 0;
        for (let i = 0; i < n; i++) {
          const p = this.#p[i]!;
          if (p === 0) continue;
          choice = i;
          left -= p;
          if (left < 0) break;
        }
        action[b * this.actions + head] = choice;
      }
  }

  mode(y: Float32Array, batch: number, action: Reals, mask?: Uint8Array): void {
    for (let b = 0; b < batch; b++)
      for (let head = 0; head < this.actions; head++) {
        const n = this.#load(y, b, head, mask);
        let best = 0;
        for (let i = 1; i < n; i++) if (this.#logP[i]! > this.#logP[best]!) best = i;
        action[b * this.actions + head] = best;
      }
  }

  logProbability(y: Float32Array, action: Reals, batch: number, out: Reals, mask?: Uint8Array): void {
    for (let b = 0; b < batch; b++) {
      let sum = 0;
      for (let head = 0; head < this.actions; head++) {
        this.#load(y, b, head, mask);
        sum += this.#logP[this.#choice(action, b, head)]!;
      }
      out[b] = sum;
    }
  }

  entropy(y: Float32Array, batch: number, out: Reals, mask?: Uint8Array): void {
    for (let b = 0; b < batch; b++) {
      let sum = 0;
      for (let head = 0; head < this.actions; head++) sum += this.#headEntropy(this.#load(y, b, head, mask));
      out[b] = sum;
    }
  }

  evaluate(
    y: Float32Array,
    action: Reals,
    batch: number,
    logProbability: Reals,
    entropy: Reals,
    mask?: Uint8Array,
  ): void {
    for (let b = 0; b < batch; b++) {
      let logP = 0;
      let entropies = 0;
      for (let head = 0; head < this.actions; head++) {
        const n = this.#load(y, b, head, mask);
        logP += this.#logP[this.#choice(action, b, head)]!;
        entropies += this.#headEntropy(n);
      }
      logProbability[b] = logP;
      entropy[b] = entropies;
    }
  }

  /** dlogp_a/dy_i = [i = a] - p_i; dH/dy_i = -p_i (log p_i + H). */
  backward(
    y: Float32Array,
    action: Reals,
    batch: number,
    dLogProbability: Reals,
    dEntropy: Reals,
    dy: Float32Array,
    mask?: Uint8Array,
  ): void {
    for (let b = 0; b < batch; b++)
      for (let head = 0; head < this.actions; head++) {
        const n = this.#load(y, b, head, mask);
        const offset = b * this.outputs + this.#starts[head]!;
        const chosen = this.#choice(action, b, head);
        const entropy = this.#headEntropy(n);
        for (let i = 0; i < n; i++) {
          const logP = this.#logP[i]!;
          const p = this.#p[i]!;
          const allowed = mask === undefined || mask[offset + i] !== 0;
          const dLogit = dLogProbability[b]! * ((i === chosen ? 1 : 0) - p) - dEntropy[b]! * p * (logP + entropy);
          dy[offset + i] = allowed ? dLogit : 0;
        }
      }
  }

  toEnvironment(action: Reals, batch: number, out: Reals): void {
    for (let i = 0; i < batch * this.actions; i++) out[i] = action[i]!;
  }

  /** Writes what one row's head gives to #logP and #p and returns the number of its choices. */
  #load(y: Float32Array, b: number, head: number, mask: Uint8Array | undefined): number {
    const n = this.choices[head]!;
    const offset = b * this.outputs + this.#starts[head]!;
    const logP = this.#logP;
    const p = this.#p;
    let allowed = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      if (mask !== undefined && mask[offset + i] === 0) continue;
      allowed++;
      largest = Math.max(largest, y[offset + i]!);
    }
    if (allowed === 0)
      throw new ContractError("A row of the action mask forbids every choice.", {
        which: `mask[${offset}..${offset + n - 1}]`,
        fix: "Allow at least one choice of each head (for example doing nothing).",
      });
    if (!Number.isFinite(largest))
      throw new ContractError("A policy's logits are not finite, so no action can be drawn.", {
        which: `y[${offset}..${offset + n - 1}]`,
        value: largest,
        fix: "Training has diverged: lower the learning rate, or check the inputs and rewards.",
      });
    // Relative to the largest allowed one, so that a forbidden choice is out of reach whatever size the logits have.
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const forbidden = mask !== undefined && mask[offset + i] === 0;
      logP[i] = forbidden ? FORBIDDEN : y[offset + i]! - largest;
      p[i] = Math.exp(logP[i]!);
      sum += p[i]!;
    }
    const shift = Math.log(sum);
    for (let i = 0; i < n; i++) {
      logP[i]! -= shift;
      p[i]! /= sum;
    }
    return n;
  }

  #headEntropy(n: number): number {
    let entropy = 0;
    for (let i = 0; i < n; i++) entropy -= this.#p[i]! * this.#logP[i]!;
    return entropy;
  }

  #choice(action: Reals, b: number, head: number): number {
    const choice = action[b * this.actions + head]!;
    if (!Number.isInteger(choice) || choice < 0 || choice >= this.choices[head]!)
      throw new ContractError("A stored action is not a choice of its head.", {
        which: `action[${b * this.actions + head}]`,
        value: choice,
        fix: `Pass an integer from 0 to ${this.choices[head]! - 1}.`,
      });
    return choice;
  }
}
