import type { Optimiser, ParameterSet } from "../../src/core/contracts/network.ts";
import { ContractError, CorruptFileError } from "../../src/core/errors.ts";
import type { StateTree, StateValue } from "../../src/core/state.ts";

export interface AdamOptions {
  learningRate: number;
  /** Decay of the first moment, default 0.9. */
  beta1?: number;
  /** Decay of the second moment, default 0.999. */
  beta2?: number;
  /** Added to the root of the second moment, default 1e-8. (PPO uses 1e-5.) */
  epsilon?: number;
  /** Decoupled weight decay (AdamW), default 0: each step first multiplies all parameters by 1 - learningRate * weightDecay. */
  weightDecay?: number;
}

/** The two moment vectors [P] of one parameter set. May be views of an engine's memory: read them anew. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** The numbers of one Adam step, computed once in float64: value = keep * value - stepSize * m / (sqrt(v) * secondScale + epsilon). */
export interface AdamCoefficients {
  readonly beta1: number;
  readonly beta2: number;
  readonly stepSize: number;
  readonly secondScale: number;
  readonly epsilon: number;
  /** What weight decay leaves of a value; 1 without it, which changes no bit. */
  readonly keep: number;
}

/** What an engine supplies: moments beside the parameters, and the arithmetic of one step. */
export interface AdamBackend {
  allocate(parameters: ParameterSet): Moments;
  step(parameters: ParameterSet, moments: Moments, coefficients: AdamCoefficients): void;
}

const f = Math.fround;

/**
 * One step in plain TypeScript. Each operation is rounded to float32, as the SIMD kernel does, so that both give the same bits
 * (a float64 operation on float32 numbers, then rounded, is the float32 operation: +, -, *, / and sqrt).
 */
export const plainAdamBackend: AdamBackend = {
  allocate(parameters) {
    const length = parameters.values.length;
    return { first: new Float32Array(length), second: new Float32Array(length) };
  },
  step({ values, gradients }, { first, second }, coefficients) {
    const beta1 = f(coefficients.beta1);
    const beta2 = f(coefficients.beta2);
    const rest1 = f(1 - coefficients.beta1);
    const rest2 = f(1 - coefficients.beta2);
    const stepSize = f(coefficients.stepSize);
    const secondScale = f(coefficients.secondScale);
    const epsilon = f(coefficients.epsilon);
    const keep = f(coefficients.keep);
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i]!;
      const m = f(f(beta1 * first[i]!) + f(rest1 * g));
      const v = f(f(beta2 * second[i]!) + f(rest2 * f(g * g)));
      first[i] = m;
      second[i] = v;
      values[i] = f(f(keep * values[i]!) - f(f(stepSize * m) / f(f(f(Math.sqrt(v)) * secondScale) + epsilon)));
    }
  },
};

interface Track {
  steps: number;
  /** beta^steps as running products: the same bits on every platform, which Math.pow does not promise. */
  beta1Power: number;
  beta2Power: number;
  /** Moments loaded before the parameter set is known wait here until its first update. */
  moments: Moments;
}

/**
 * Adam (Kingma and Ba 2015), in the form of the paper's algorithm 1 (epsilon after the bias correction), and with weight decay AdamW (Loshchilov and
 * Hutter 2019, algorithm 2): the decay is scaled by the learning rate, as in PyTorch, and stays out of the moments.
 * One optimiser may serve several parameter sets: each has its own moments and step count, kept in the order of first update.
 */
export class Adam implements Optimiser {
  learningRate: number;
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #weightDecay: number;
  readonly #backend: AdamBackend;
  #bound: ParameterSet[] = [];
  #tracks: Track[] = [];

  constructor(backend: AdamBackend, options: AdamOptions) {
    this.#backend = backend;
    this.learningRate = options.learningRate;
    this.#beta1 = options.beta1 ?? 0.9;
    this.#beta2 = options.beta2 ?? 0.999;
    this.#epsilon = options.epsilon ?? 1e-8;
    this.#weightDecay = options.weightDecay ?? 0;
    for (const [which, value, fits] of [
      ["learningRate", this.learningRate, this.learningRate >= 0],
      ["beta1", this.#beta1, this.#beta1 >= 0 && this.#beta1 < 1],
      ["beta2", this.#beta2, this.#beta2 >= 0 && this.#beta2 < 1],
      ["epsilon", this.#epsilon, this.#epsilon > 0],
      ["weightDecay", this.#weightDecay, this.#weightDecay >= 0],
    ] as const)
      if (!fits || !Number.isFinite(value))
        throw new ContractError("An option of Adam is out of range.", {
          which,
          value,
          fix: "Pass learningRate >= 0, beta1 and beta2 in [0, 1), epsilon > 0, weightDecay >= 0.",
        });
  }

  update(parameters: ParameterSet): void {
    const track = this.#trackOf(parameters);
    track.steps++;
    track.beta1Power *= this.#beta1;
    track.beta2Power *= this.#beta2;
    this.#backend.step(parameters, track.moments, {
      beta1: this.#beta1,
      beta2: this.#beta2,
      stepSize: this.learningRate / (1 - track.beta1Power),
      secondScale: 1 / Math.sqrt(1 - track.beta2Power),
      epsilon: this.#epsilon,
      keep: 1 - this.learningRate * this.#weightDecay,
    });
  }

  saveState(): StateTree {
    const sets = this.#tracks.map((t) => ({
      steps: t.steps,
      beta1Power: t.beta1Power,
      beta2Power: t.beta2Power,
      first: t.moments.first.slice(),
      second: t.moments.second.slice(),
    }));
    return { learningRate: this.learningRate, sets };
  }

  /** Sets bound already keep their order; a state saved with more sets binds the rest in the order of their first update. */
  loadState(state: StateTree): void {
    const { learningRate, sets } = state;
    if (typeof learningRate !== "number" || !Array.isArray(sets))
      throw new CorruptFileError("The optimiser state is malformed.", { which: "optimiser.sets" });
    const loaded = (sets as readonly StateValue[]).map(readTrack);
    for (const [i, parameters] of this.#bound.entries()) {
      const track = loaded[i];
      if (track) expectFit(track, parameters);
    }
    this.learningRate = learningRate;
    this.#bound.length = Math.min(this.#bound.length, loaded.length);
    for (let i = 0; i < this.#bound.length; i++) adopt(loaded[i]!, this.#tracks[i]!.moments);
    this.#tracks = loaded;
  }

  #trackOf(parameters: ParameterSet): Track {
    const index = this.#bound.indexOf(parameters);
    if (index >= 0) return this.#tracks[index]!;
    const next = this.#bound.length;
    const waiting = this.#tracks[next];
    if (waiting) {
      expectFit(waiting, parameters);
      adopt(waiting, this.#backend.allocate(parameters));
    } else this.#tracks.push({ steps: 0, beta1Power: 1, beta2Power: 1, moments: this.#backend.allocate(parameters) });
    this.#bound.push(parameters);
    return this.#tracks[next]!;
  }
}

/** Moves loaded moments into the backend's memory. */
function adopt(track: Track, into: Moments): void {
  into.first.set(track.moments.first);
  into.second.set(track.moments.second);
  track.moments = into;
}

function readTrack(value: StateValue, index: number): Track {
  const track = value as Record<string, StateValue> | null;
  if (
    track !== null &&
    typeof track === "object" &&
    Number.isInteger(track.steps) &&
    typeof track.beta1Power === "number" &&
    typeof track.beta2Power === "number" &&
    track.first instanceof Float32Array &&
    track.second instanceof Float32Array &&
    track.first.length === track.second.length
  )
    return {
      steps: track.steps as number,
      beta1Power: track.beta1Power,
      beta2Power: track.beta2Power,
      moments: { first: track.first.slice(), second: track.second.slice() },
    };
  throw new CorruptFileError("The optimiser state is malformed.", {
    which: `optimiser.sets[${index}]`,
    fix: "Load a state that saveState of Adam returned.",
  });
}

function expectFit(track: Track, parameters: ParameterSet): void {
  if (track.moments.first.length !== parameters.values.length)
    throw new ContractError("The optimiser state belongs to a network of another size.", {
      which: "optimiser.sets",
      value: track.moments.first.length,
      fix: `Load a state for ${parameters.values.length} parameters.`,
    });
}
