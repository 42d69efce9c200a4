import type { ParameterSet, ParameterSlice } from "../../src/core/contracts/network.ts";
import { type AdamBackend, type Moments, plainAdamBackend } from "../optim/adam.ts";
import type { GradientArithmetic } from "../optim/clip.ts";
import { type Arena, ArenaArray } from "./arena.ts";

/** Parameters and gradients in an arena. */
export class KernelParameters implements ParameterSet, GradientArithmetic {
  readonly slices: readonly ParameterSlice[];
  readonly arena: Arena;
  readonly valuesOffset: number;
  readonly length: number;
  readonly #settle: () => void;
  readonly #values: ArenaArray;
  readonly #gradients: ArenaArray;

  /** @param settle adds to the gradients what is still summed apart from them; called before gradients are read. */
  constructor(
    arena: Arena,
    layout: { slices: readonly ParameterSlice[]; length: number },
    settle: () => void = () => undefined,
  ) {
    this.#settle = settle;
    this.arena = arena;
    this.slices = layout.slices;
    this.length = layout.length;
    this.#values = new ArenaArray(arena, layout.length);
    this.#gradients = new ArenaArray(arena, layout.length);
    this.valuesOffset = this.#values.offset;
  }

  get values(): Float32Array {
    return this.#values.view;
  }

  get gradients(): Float32Array {
    this.#settle();
    return this.#gradients.view;
  }

  get gradientsOffset(): number {
    this.#settle();
    return this.#gradients.offset;
  }

  gradientSquares(): number {
    return this.arena.kernel.sumSquares(this.gradientsOffset, this.length);
  }

  scaleGradients(factor: number): void {
    this.arena.kernel.scale(this.gradientsOffset, this.length, factor);
  }
}

class KernelMoments implements Moments {
  readonly #first: ArenaArray;
  readonly #second: ArenaArray;
  readonly firstOffset: number;
  readonly secondOffset: number;

  constructor(arena: Arena, length: number) {
    this.#first = new ArenaArray(arena, length);
    this.#second = new ArenaArray(arena, length);
    this.firstOffset = this.#first.offset;
    this.secondOffset = this.#second.offset;
  }

  get first(): Float32Array {
    return this.#first.view;
  }

  get second(): Float32Array {
    return this.#second.view;
  }
}

/** Adam in SIMD beside the parameters; a set that lives in no arena (log standard deviations) gets the plain step, with the same bits. */
export const kernelAdamBackend: AdamBackend = {
  allocate: (parameters) =>
    parameters instanceof KernelParameters
      ? new KernelMoments(parameters.arena, parameters.length)
      : plainAdamBackend.allocate(parameters),
  step(parameters, moments, c) {
    if (!(parameters instanceof KernelParameters && moments instanceof KernelMoments)) {
      plainAdamBackend.step(parameters, moments, c);
      return;
    }
    const { arena, valuesOffset, gradientsOffset, length } = parameters;
    const { firstOffset, secondOffset } = moments;
    const [rest1, rest2] = [1 - c.beta1, 1 - c.beta2];
    arena.kernel.adam(
      valuesOffset,
      gradientsOffset,
      firstOffset,
      secondOffset,
      length,
      c.beta1,
      rest1,
      c.beta2,
      rest2,
      c.stepSize,
      c.secondScale,
      c.epsilon,
      c.keep,
    );
  },
};
