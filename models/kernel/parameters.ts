import type { ParameterSet, ParameterSlice } from "../../src/core/contracts/network.ts";
import { type AdamBackend, type AdamCoefficients, type Moments, plainAdamBackend } from "../optim/adam.ts";
import type { GradientArithmetic } from "../optim/clip.ts";
import { type Arena, ArenaArray, ArenaWords } from "./arena.ts";
import type { KernelTeam } from "./team.ts";

/** How models/kernel/assembly/optimiser.ts finds a parameter set in memory: words (i32), of which some hold a float32 and the last two a float64. */
const WORD = {
  values: 0,
  gradients: 1,
  numbers: 2,
  apart: 3,
  first: 4,
  second: 5,
  beta1: 6,
  rest1: 7,
  beta2: 8,
  rest2: 9,
  stepSize: 10,
  secondScale: 11,
  epsilon: 12,
  keep: 13,
  factor: 14,
  squares: 16,
} as const;
const WORDS = 18;

/** What a network knows of its gradients. */
export interface GradientSource {
  /** The team that computes on the arena, where one does. */
  readonly team?: KernelTeam;
  /** Makes the network's own gradients those that were accumulated, but for what other shards hold; returns the network's words where some do, else 0. */
  settle(): number;
  /** Whether the team's threads computed them last, and have them in their caches. */
  shared(): boolean;
}

const SETTLED: GradientSource = { settle: () => 0, shared: () => false };

/** Parameters and gradients in an arena. */
export class KernelParameters implements ParameterSet, GradientArithmetic {
  readonly slices: readonly ParameterSlice[];
  readonly arena: Arena;
  readonly valuesOffset: number;
  readonly length: number;
  readonly #source: GradientSource;
  readonly #values: ArenaArray;
  readonly #gradients: ArenaArray;
  readonly #words: ArenaWords;

  constructor(
    arena: Arena,
    layout: { slices: readonly ParameterSlice[]; length: number },
    source: GradientSource = SETTLED,
  ) {
    this.#source = source;
    this.arena = arena;
    this.slices = layout.slices;
    this.length = layout.length;
    this.#values = new ArenaArray(arena, layout.length);
    this.#gradients = new ArenaArray(arena, layout.length);
    this.valuesOffset = this.#values.offset;
    this.#words = new ArenaWords(arena, WORDS);
    this.#words.view.set([this.valuesOffset, this.#gradients.offset, this.length]);
  }

  get values(): Float32Array {
    this.#source.team?.flush();
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

  sumGradientSquares(): void {
    const { offset } = this.#words;
    this.#source.team?.before(offset);
    this.#words.view[WORD.apart] = this.#source.settle();
    const team = this.#helpers();
    if (team) team.sumGradientSquares(offset);
    else this.arena.kernel.sumGradientSquares(offset);
  }

  get gradientSquares(): number {
    this.#source.team?.flush();
    return this.#words.doubles[WORD.squares / 2]!;
  }

  scaleGradients(factor: number): void {
    const { offset } = this.#words;
    this.#source.team?.before(offset);
    this.#gather();
    this.#words.singles[WORD.factor] = factor;
    const team = this.#helpers();
    if (team) team.scaleGradients(offset);
    else this.arena.kernel.scaleGradients(offset);
  }

  /** One step of Adam with moments in the same arena. */
  adamStep(moments: KernelMoments, c: AdamCoefficients): void {
    const { offset, view, singles } = this.#words;
    this.#source.team?.before(offset);
    this.#gather();
    view[WORD.first] = moments.firstOffset;
    view[WORD.second] = moments.secondOffset;
    singles[WORD.beta1] = c.beta1;
    singles[WORD.rest1] = 1 - c.beta1;
    singles[WORD.beta2] = c.beta2;
    singles[WORD.rest2] = 1 - c.beta2;
    singles[WORD.stepSize] = c.stepSize;
    singles[WORD.secondScale] = c.secondScale;
    singles[WORD.epsilon] = c.epsilon;
    singles[WORD.keep] = c.keep;
    const team = this.#helpers();
    if (team) team.adamStep(offset);
    else this.arena.kernel.adamStep(offset, 0, this.length);
  }

  /** The team, where its threads are the ones to go on with these numbers; else the leader does alone, after what has been asked for before. */
  #helpers(): KernelTeam | undefined {
    const { team } = this.#source;
    if (team?.open && this.#source.shared()) return team;
    team?.flush();
    return undefined;
  }

  /** Makes the gradients whole for whoever reads them next. */
  #settle(): void {
    this.#source.team?.flush();
    this.#gather();
  }

  /** Adds up what shards hold. */
  #gather(): void {
    const apart = this.#source.settle();
    if (apart === 0) return;
    this.#source.team?.flush();
    this.arena.kernel.reduce(apart);
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
    parameters.adamStep(moments, c);
  },
};
