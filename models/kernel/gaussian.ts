import type { Reals } from "../../src/core/contracts/distribution.ts";
import { Gaussian } from "../distributions/gaussian.ts";
import { NODES, SquashedGaussian, WEIGHTS } from "../distributions/squashed-gaussian.ts";
import type { Arena } from "./arena.ts";
import { HeadMemory } from "./head-memory.ts";

/** Rows below which copying in and out costs more than the kernel saves. The bits are the same. */
const WORTHWHILE_ROWS = 32;

/** Byte offsets of what does not depend on the batch: log standard deviations (f32) and float64 arrays. */
class Constants {
  readonly logStd: number;
  readonly precision: number;
  readonly std: number;
  readonly dLogStd: number;
  readonly nodes: number;
  readonly weights: number;
  readonly #arena: Arena;

  constructor(arena: Arena, actions: number) {
    this.#arena = arena;
    this.logStd = arena.allocate(actions);
    this.precision = arena.allocate(2 * actions);
    this.std = arena.allocate(2 * actions);
    this.dLogStd = arena.allocate(2 * actions);
    this.nodes = arena.allocate(2 * NODES.length);
    this.weights = arena.allocate(2 * WEIGHTS.length);
    this.doubles(this.nodes, NODES.length).set(NODES);
    this.doubles(this.weights, WEIGHTS.length).set(WEIGHTS);
  }

  doubles(offset: number, length: number): Float64Array {
    return new Float64Array(this.#arena.buffer, offset, length);
  }

  singles(offset: number, length: number): Float32Array {
    return this.#arena.view(offset, length);
  }
}

/** `Gaussian` with its sums over a batch in the kernel, to the same bits. */
export class KernelGaussian extends Gaussian {
  readonly #memory: HeadMemory;
  readonly #constants: Constants;

  constructor(actions: number, initialLogStd = 0) {
    super(actions, initialLogStd);
    this.#memory = new HeadMemory({ outputs: actions, actions, mask: 0 });
    this.#constants = new Constants(this.#memory.arena, actions);
  }

  override logProbability(y: Float32Array, action: Reals, batch: number, out: Reals): void {
    if (batch < WORTHWHILE_ROWS) {
      super.logProbability(y, action, batch, out);
      return;
    }
    const memory = this.#memory;
    memory.load(y, batch, action);
    logProbability(this, memory, this.#constants, batch, this.precision, false);
    memory.read("logProbability", out);
  }

  override backward(
    y: Float32Array,
    action: Reals,
    batch: number,
    dLogProbability: Reals,
    dEntropy: Reals,
    dy: Float32Array,
  ): void {
    const memory = this.#memory;
    memory.load(y, batch, action);
    memory.loadSlopes(dLogProbability, dEntropy);
    backward(this, memory, this.#constants, batch, this.precision);
    memory.read("dy", dy);
  }
}

/** `SquashedGaussian` in the kernel, the quadrature of its entropy above all: to the same bits where Math.exp and Math.log1p are fdlibm's. */
export class KernelSquashedGaussian extends SquashedGaussian {
  readonly #memory: HeadMemory;
  readonly #constants: Constants;

  constructor(actions: number, initialLogStd = 0) {
    super(actions, initialLogStd);
    this.#memory = new HeadMemory({ outputs: actions, actions, mask: 0 });
    this.#constants = new Constants(this.#memory.arena, actions);
  }

  override logProbability(y: Float32Array, action: Reals, batch: number, out: Reals): void {
    this.#memory.load(y, batch, action);
    logProbability(this, this.#memory, this.#constants, batch, this.precision, true);
    this.#memory.read("logProbability", out);
  }

  override entropy(y: Float32Array, batch: number, out: Reals): void {
    const { std } = this;
    const n = this.actions;
    this.#memory.load(y, batch);
    const { arena, at } = this.#memory;
    const c = this.#constants;
    c.singles(c.logStd, n).set(this.parameters.values);
    c.doubles(c.std, n).set(std);
    arena.kernel.squashedEntropy(at.y, batch, n, c.logStd, c.std, c.nodes, c.weights, NODES.length, at.entropy);
    this.#memory.read("entropy", out);
  }

  override backward(
    y: Float32Array,
    action: Reals,
    batch: number,
    dLogProbability: Reals,
    dEntropy: Reals,
    dy: Float32Array,
  ): void {
    const { std } = this;
    const n = this.actions;
    const memory = this.#memory;
    memory.load(y, batch, action);
    memory.loadSlopes(dLogProbability, dEntropy);
    const c = this.#constants;
    backward(this, memory, c, batch, this.precision);
    const { arena, at } = memory;
    c.doubles(c.std, n).set(std);
    arena.kernel.squashedEntropyBackward(
      at.y,
      batch,
      n,
      c.std,
      c.nodes,
      c.weights,
      NODES.length,
      at.dEntropy,
      at.dy,
      c.dLogStd,
    );
    addTo(this.parameters.gradients, c.doubles(c.dLogStd, n));
    memory.read("dy", dy);
  }
}

function logProbability(
  { parameters, actions }: Gaussian,
  { arena, at }: HeadMemory,
  c: Constants,
  batch: number,
  precision: Float64Array,
  squashed: boolean,
): void {
  c.singles(c.logStd, actions).set(parameters.values);
  c.doubles(c.precision, actions).set(precision);
  const { y, action, logProbability: out } = at;
  arena.kernel.gaussianLogProbability(y, action, batch, actions, c.logStd, c.precision, squashed, out);
}

function backward(
  { parameters, actions }: Gaussian,
  { arena, at }: HeadMemory,
  c: Constants,
  batch: number,
  precision: Float64Array,
): void {
  c.doubles(c.precision, actions).set(precision);
  arena.kernel.gaussianBackward(
    at.y,
    at.action,
    batch,
    actions,
    c.precision,
    at.dLogProbability,
    at.dEntropy,
    at.dy,
    c.dLogStd,
  );
  addTo(parameters.gradients, c.doubles(c.dLogStd, actions));
}

function addTo(gradients: Float32Array, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i++) gradients[i]! += sums[i]!;
}
