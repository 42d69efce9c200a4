import type { Reals } from "../../src/core/contracts/distribution.ts";
import { ContractError } from "../../src/core/errors.ts";
import { Arena } from "./arena.ts";

/** What one row of a policy takes, in numbers. */
export interface HeadWidths {
  readonly outputs: number;
  readonly actions: number;
  readonly mask: number;
}

/** Byte offsets of a batch's arrays. */
interface Offsets {
  readonly y: number;
  readonly action: number;
  readonly mask: number;
  readonly logProbability: number;
  readonly entropy: number;
  readonly dLogProbability: number;
  readonly dEntropy: number;
  readonly dy: number;
}

/** Views of exactly one batch. */
interface Views {
  readonly y: Float32Array;
  readonly action: Float64Array;
  readonly mask: Uint8Array;
  readonly logProbability: Float64Array;
  readonly entropy: Float64Array;
  readonly dLogProbability: Float64Array;
  readonly dEntropy: Float64Array;
  readonly dy: Float32Array;
}

/** The kernel and a memory of its own, through which the arrays of a policy's batch go in and out: copies that cost far less than the work on them. */
export class HeadMemory {
  readonly arena: Arena;
  readonly #widths: HeadWidths;
  #capacity = 0;
  #batch = 0;
  #at!: Offsets;
  #views!: Views;

  constructor(widths: HeadWidths) {
    this.arena = new Arena();
    this.#widths = widths;
  }

  /** Byte offsets of the arrays of the batch at hand. */
  get at(): Offsets {
    return this.#at;
  }

  /** Makes room for `batch` rows and copies the network's output in, and actions and masks where they are given. */
  load(y: Float32Array, batch: number, action?: Reals, mask?: Uint8Array): void {
    const { outputs, actions, mask: maskWidth } = this.#widths;
    if (batch !== this.#batch) this.#shape(batch);
    put(this.#views.y, y, batch * outputs, "y");
    if (action) put(this.#views.action, action, batch * actions, "action");
    if (mask) put(this.#views.mask, mask, batch * maskWidth, "mask");
  }

  loadSlopes(dLogProbability: Reals, dEntropy: Reals): void {
    put(this.#views.dLogProbability, dLogProbability, this.#batch, "dLogProbability");
    put(this.#views.dEntropy, dEntropy, this.#batch, "dEntropy");
  }

  /** Copies the results of the batch at hand out. */
  read(which: "logProbability" | "entropy" | "dy", out: Reals): void {
    out.set(this.#views[which]);
  }

  #shape(batch: number): void {
    const { outputs, actions, mask } = this.#widths;
    const { arena } = this;
    if (batch > this.#capacity) {
      this.#capacity = Math.max(batch, 2 * this.#capacity);
      const n = this.#capacity;
      this.#at = {
        y: arena.allocate(n * outputs),
        action: arena.allocate(2 * n * actions),
        mask: arena.allocate(Math.ceil((n * mask) / 4)),
        logProbability: arena.allocate(2 * n),
        entropy: arena.allocate(2 * n),
        dLogProbability: arena.allocate(2 * n),
        dEntropy: arena.allocate(2 * n),
        dy: arena.allocate(n * outputs),
      };
    }
    this.#batch = batch;
    const { buffer } = arena;
    const doubles = (offset: number, length: number) => new Float64Array(buffer, offset, length);
    this.#views = {
      y: arena.view(this.#at.y, batch * outputs),
      action: doubles(this.#at.action, batch * actions),
      mask: new Uint8Array(buffer, this.#at.mask, batch * mask),
      logProbability: doubles(this.#at.logProbability, batch),
      entropy: doubles(this.#at.entropy, batch),
      dLogProbability: doubles(this.#at.dLogProbability, batch),
      dEntropy: doubles(this.#at.dEntropy, batch),
      dy: arena.view(this.#at.dy, batch * outputs),
    };
  }
}

function put<A extends Reals | Uint8Array>(view: A, from: A | Reals, length: number, name: string): void {
  if (from.length === length) view.set(from);
  else if (from.length > length) view.set(from.subarray(0, length));
  else
    throw new ContractError(`"${name}" is too short for the batch.`, {
      which: name,
      value: from.length,
      fix: `Pass at least ${length} numbers.`,
    });
}
