import type { Optimiser } from "../../src/core/contracts/network.ts";
import type { RecurrentGradients, RecurrentNetwork } from "../../src/core/contracts/recurrent.ts";
import type { Arena } from "./arena.ts";
import { expectSequenceGradient, expectSequences, gruLayout } from "./gru-layout.ts";
import { padded, weightGradientScratch } from "./panels.ts";
import { KernelParameters } from "./parameters.ts";

/** The kernel's functions for recurrent networks (models/kernel/assembly/gru.ts); `gru` points at its words. */
export interface RecurrentFunctions {
  gruForward(gru: number): void;
  gruBackward(gru: number): void;
}

/** Its words in their order. */
const WORDS = [
  "steps",
  "batch",
  "inputs",
  "hidden",
  "x",
  "state",
  "resets",
  "values",
  "gradients",
  "fromX",
  "fromH",
  "before",
  "gates",
  "y",
  "dy",
  "dFromX",
  "dFromH",
  "dx",
  "dState",
  "carry",
  "scratch",
] as const;
type Word = (typeof WORDS)[number];

/** Rows whose gradients of the weights the kernel sums together. */
const BLOCK = 128;

/** A gated recurrent unit whose arrays all live in one arena. The definition is `ReferenceGru`'s. */
export class KernelGru implements RecurrentNetwork {
  readonly inputs: number;
  readonly hidden: number;
  readonly parameters: KernelParameters;
  readonly #arena: Arena;
  /** Byte offsets of the words, and of the arrays of a batch; sizes they have room for. */
  readonly #words: number;
  #at: Record<Word, number>;
  #rows = 0;
  #sequences = 0;
  #steps = 0;
  #batch = 0;

  constructor(arena: Arena, inputs: number, hidden: number) {
    const layout = gruLayout(inputs, hidden);
    this.#arena = arena;
    this.inputs = inputs;
    this.hidden = hidden;
    this.parameters = new KernelParameters(arena, layout);
    this.#words = arena.allocate(WORDS.length);
    this.#at = {
      ...(Object.fromEntries(WORDS.map((word) => [word, 0])) as Record<Word, number>),
      inputs,
      hidden,
      values: this.parameters.valuesOffset,
      gradients: this.parameters.gradientsOffset,
    };
  }

  forward(x: Float32Array, steps: number, batch: number, state?: Float32Array, resets?: Uint8Array): Float32Array {
    expectSequences(this, { x, state, resets }, steps, batch);
    const rows = steps * batch;
    const arena = this.#arena;
    // Growth detaches views of this very arena, for example a state that an earlier forward returned.
    const copied = (a: Float32Array, length: number) =>
      arena.contains(a) && arena.offsetOf(a) === undefined ? a.slice(0, length) : a;
    const from = state && copied(state, batch * this.hidden);
    const given = arena.offsetOf(x);
    const source = copied(x, rows * this.inputs);
    this.#reserve(rows, batch);
    const at = this.#at;
    if (given === undefined) arena.view(this.#ownX, rows * this.inputs).set(front(source, rows * this.inputs));
    const start = arena.view(at.state, batch * this.hidden);
    if (from) start.set(front(from, batch * this.hidden));
    else start.fill(0);
    if (resets) new Uint8Array(arena.buffer, this.#ownResets, rows).set(front(resets, rows));
    this.#steps = steps;
    this.#batch = batch;
    this.#at = { ...at, steps, batch, x: given ?? this.#ownX, resets: resets ? this.#ownResets : 0 };
    this.#write();
    arena.kernel.gruForward(this.#words);
    return arena.view(this.#at.y, rows * this.hidden);
  }

  backward(dy: Float32Array): RecurrentGradients {
    const rows = this.#steps * this.#batch;
    expectSequenceGradient(dy, rows, this.hidden);
    const arena = this.#arena;
    const { dy: to, dx, dState } = this.#at;
    arena.view(to, rows * this.hidden).set(front(dy, rows * this.hidden));
    arena.kernel.gruBackward(this.#words);
    return { dx: arena.view(dx, rows * this.inputs), dState: arena.view(dState, this.#batch * this.hidden) };
  }

  zeroGradients(): void {
    this.parameters.gradients.fill(0);
  }

  step(optimiser: Optimiser): void {
    optimiser.update(this.parameters);
  }

  #ownX = 0;
  #ownResets = 0;

  /** Makes room. What is outgrown is not reused; doubling keeps that waste below what is in use. */
  #reserve(rows: number, batch: number): void {
    const { inputs, hidden } = this;
    const arena = this.#arena;
    const width = 3 * hidden;
    if (batch > this.#sequences) {
      const n = Math.max(batch, 2 * this.#sequences);
      this.#sequences = n;
      const forward = (inputs + hidden + 2) * padded(width);
      const backward = width * (padded(hidden) + padded(inputs)) + n * hidden;
      const weights = weightGradientScratch(BLOCK);
      this.#at.state = arena.allocate(n * hidden);
      this.#at.dState = arena.allocate(n * hidden);
      this.#at.carry = arena.allocate(n * hidden);
      this.#at.scratch = arena.allocate(Math.max(forward, backward, weights));
    }
    if (rows <= this.#rows) return;
    const n = Math.max(rows, 2 * this.#rows);
    this.#rows = n;
    this.#ownX = arena.allocate(n * inputs);
    this.#ownResets = arena.allocate(Math.ceil(n / 4));
    for (const word of ["fromX", "fromH", "gates"] as const) this.#at[word] = arena.allocate(n * width);
    for (const word of ["before", "y", "dy"] as const) this.#at[word] = arena.allocate(n * hidden);
    for (const word of ["dFromX", "dFromH"] as const) this.#at[word] = arena.allocate(n * padded(width));
    this.#at.dx = arena.allocate(n * inputs);
  }

  #write(): void {
    const words = this.#arena.words(this.#words, WORDS.length);
    for (const [i, word] of WORDS.entries()) words[i] = this.#at[word];
  }
}

/** The first `length` numbers, a view only where there are more. */
function front<A extends Float32Array | Uint8Array>(array: A, length: number): A {
  return array.length === length ? array : (array.subarray(0, length) as A);
}
