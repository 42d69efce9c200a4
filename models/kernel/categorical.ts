import type { Reals } from "../../src/core/contracts/distribution.ts";
import { Categorical } from "../distributions/categorical.ts";
import { HeadMemory } from "./head-memory.ts";

/**
 * `Categorical` in the kernel, to the same bits where Math.exp and Math.log are fdlibm's. A batch with a row that has no probabilities goes through the
 * plain form, which says what is wrong with it.
 */
export class KernelCategorical extends Categorical {
  readonly #memory: HeadMemory;
  readonly #choices: number;
  readonly #scratch: number;

  constructor(choices: readonly number[]) {
    super(choices);
    this.#memory = new HeadMemory({ outputs: this.outputs, actions: this.actions, mask: this.maskWidth });
    const { arena } = this.#memory;
    this.#choices = arena.allocate(this.actions);
    arena.words(this.#choices, this.actions).set(this.choices);
    // Log-probabilities and probabilities of the largest head, two rows of float64 each.
    this.#scratch = arena.allocate(8 * Math.max(...choices));
  }

  override logProbability(y: Float32Array, action: Reals, batch: number, out: Reals, mask?: Uint8Array): void {
    if (this.#evaluate(y, batch, action, mask, false)) this.#memory.read("logProbability", out);
    else super.logProbability(y, action, batch, out, mask);
  }

  override entropy(y: Float32Array, batch: number, out: Reals, mask?: Uint8Array): void {
    if (this.#evaluate(y, batch, undefined, mask, true)) this.#memory.read("entropy", out);
    else super.entropy(y, batch, out, mask);
  }

  override evaluate(
    y: Float32Array,
    action: Reals,
    batch: number,
    logProbability: Reals,
    entropy: Reals,
    mask?: Uint8Array,
  ): void {
    if (!this.#evaluate(y, batch, action, mask, true)) {
      super.evaluate(y, action, batch, logProbability, entropy, mask);
      return;
    }
    this.#memory.read("logProbability", logProbability);
    this.#memory.read("entropy", entropy);
  }

  override backward(
    y: Float32Array,
    action: Reals,
    batch: number,
    dLogProbability: Reals,
    dEntropy: Reals,
    dy: Float32Array,
    mask?: Uint8Array,
  ): void {
    const memory = this.#memory;
    memory.load(y, batch, action, mask);
    memory.loadSlopes(dLogProbability, dEntropy);
    const { arena, at } = memory;
    const done = arena.kernel.categoricalBackward(
      at.y,
      at.action,
      mask ? at.mask : 0,
      batch,
      this.#choices,
      this.actions,
      this.outputs,
      this.#scratch,
      at.dLogProbability,
      at.dEntropy,
      at.dy,
    );
    if (done) memory.read("dy", dy);
    else super.backward(y, action, batch, dLogProbability, dEntropy, dy, mask);
  }

  #evaluate(
    y: Float32Array,
    batch: number,
    action: Reals | undefined,
    mask: Uint8Array | undefined,
    entropy: boolean,
  ): boolean {
    this.#memory.load(y, batch, action, mask);
    const { arena, at } = this.#memory;
    const done = arena.kernel.categoricalEvaluate(
      at.y,
      action ? at.action : 0,
      mask ? at.mask : 0,
      batch,
      this.#choices,
      this.actions,
      this.outputs,
      this.#scratch,
      at.logProbability,
      entropy ? at.entropy : 0,
    );
    return done !== 0;
  }
}
