import type { Tensor, Tensor2D, Variable } from "@tensorflow/tfjs-core";
import type {
  InitialGains,
  LayersSpec,
  Network,
  Optimiser,
  ParameterSet,
  ParameterSlice,
} from "../../src/core/contracts/network.ts";
import type { Random } from "../../src/core/random.ts";
import { expectRows, expectSameBatch } from "../kernel/layout.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** A tensor of parameters, and where its numbers lie in the flat vector. */
export interface Mirror {
  readonly slice: ParameterSlice;
  readonly variable: Variable;
  /** False for weights that the user froze: their gradient stays 0. */
  readonly trained: boolean;
}

/**
 * A differentiable function of TensorFlow.js. Its variables mirror the parameters of whichever network is asked: networks of the same
 * shape share one, so that any number of policies costs no tensors.
 */
export class SharedFunction {
  readonly inputs: number;
  readonly outputs: number;
  readonly mirrors: readonly Mirror[];
  readonly length: number;
  readonly #tf: TensorFlow;
  readonly #use: () => void;
  readonly #apply: (x: Tensor2D) => Tensor;
  /** The bits that the variables hold. */
  readonly #held: Int32Array;

  /** `use` makes the backend current. */
  constructor(
    tf: TensorFlow,
    use: () => void,
    shape: { readonly inputs: number; readonly outputs: number; readonly mirrors: readonly Mirror[] },
    apply: (x: Tensor2D) => Tensor,
  ) {
    this.#tf = tf;
    this.#use = use;
    this.#apply = apply;
    this.inputs = shape.inputs;
    this.outputs = shape.outputs;
    this.mirrors = shape.mirrors;
    this.length = shape.mirrors.reduce((sum, { slice }) => sum + slice.length, 0);
    // NaN of no arithmetic: the first values always differ.
    this.#held = new Int32Array(this.length).fill(-1);
  }

  /** f(x) [batch*outputs] at `values` [P]. */
  value(x: Float32Array, batch: number, values: Float32Array): Float32Array {
    this.#use();
    return this.#tf.tidy(() => {
      this.#show(values);
      return this.#apply(this.#tf.tensor2d(x, [batch, this.inputs])).dataSync() as Float32Array;
    });
  }

  /** Adds the gradients in the parameters for dL/dy [batch*outputs] to `gradients` [P]; returns dL/dx where it is asked for. */
  pullBack(
    x: Float32Array,
    dy: Float32Array,
    batch: number,
    values: Float32Array,
    gradients: Float32Array,
    wanted: "parameters" | "input too",
  ): Float32Array | undefined {
    this.#use();
    const tf = this.#tf;
    return tf.tidy(() => {
      this.#show(values);
      const input = tf.tensor2d(x, [batch, this.inputs]);
      const trained = this.mirrors.filter((m) => m.trained);
      const sources: Tensor[] = trained.map((m) => m.variable);
      if (wanted === "input too") sources.push(input);
      // tf.grads refuses sources that the output does not depend on; their gradient is simply 0.
      const { grads } = tf
        .engine()
        .gradients(() => this.#apply(input), sources, tf.tensor2d(dy, [batch, this.outputs]), true) as {
        readonly grads: readonly (Tensor | null | undefined)[];
      };
      for (const [i, { slice }] of trained.entries()) {
        const own = grads[i]?.dataSync();
        if (own === undefined) continue;
        for (let k = 0; k < slice.length; k++) gradients[slice.offset + k]! += own[k]!;
      }
      if (wanted === "parameters") return undefined;
      return (grads[trained.length]?.dataSync() as Float32Array | undefined) ?? new Float32Array(batch * this.inputs);
    });
  }

  /** Has the variables hold `values`, where their bits are others. */
  #show(values: Float32Array): void {
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    const held = this.#held;
    let same = true;
    for (let i = 0; same && i < bits.length; i++) same = bits[i] === held[i];
    if (same) return;
    for (const { slice, variable } of this.mirrors) {
      const { offset, length, shape } = slice;
      variable.assign(this.#tf.tensor(values.slice(offset, offset + length), shape as number[]));
    }
    held.set(bits);
  }
}

/** What makes a network of layers more than a function: its description, and how it draws its parameters. */
export interface LayersPart {
  readonly spec: LayersSpec;
  draw(out: Float32Array, random: Random, gains: InitialGains): void;
}

/** A network on TensorFlow.js. Parameters and gradients are plain arrays; nothing of a call stays behind in the backend. */
export class TfjsNetwork implements Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: ParameterSet;
  readonly layers?: LayersSpec;
  readonly initialise?: (random: Random, gains: InitialGains) => void;
  readonly #function: SharedFunction;
  /** The last input, for the way back, which computes the forward pass again. [batch*inputs] */
  #x = new Float32Array(0);
  #batch = 0;

  constructor(shared: SharedFunction, part?: LayersPart) {
    this.#function = shared;
    this.inputs = shared.inputs;
    this.outputs = shared.outputs;
    const values = new Float32Array(shared.length);
    this.parameters = {
      slices: shared.mirrors.map((m) => m.slice),
      values,
      gradients: new Float32Array(shared.length),
    };
    if (part === undefined) return;
    this.layers = part.spec;
    this.initialise = (random, gains) => part.draw(values, random, gains);
  }

  forward(x: Float32Array, batch: number): Float32Array {
    expectRows(x, batch, this.inputs, "x");
    this.#x = x.slice(0, batch * this.inputs);
    this.#batch = batch;
    return this.#function.value(this.#x, batch, this.parameters.values);
  }

  backward(dy: Float32Array, batch: number): Float32Array {
    return this.#pullBack(dy, batch, "input too")!;
  }

  accumulate(dy: Float32Array, batch: number): void {
    this.#pullBack(dy, batch, "parameters");
  }

  zeroGradients(): void {
    this.parameters.gradients.fill(0);
  }

  /** Layers that are not trained stay as they are, whatever the optimiser does beside following gradients (weight decay). */
  step(optimiser: Optimiser): void {
    const { values } = this.parameters;
    const frozen = this.#function.mirrors.filter((m) => !m.trained).map(({ slice }) => slice);
    const before = frozen.map(({ offset, length }) => values.slice(offset, offset + length));
    optimiser.update(this.parameters);
    for (const [i, { offset }] of frozen.entries()) values.set(before[i]!, offset);
  }

  #pullBack(dy: Float32Array, batch: number, wanted: "parameters" | "input too"): Float32Array | undefined {
    expectSameBatch(batch, this.#batch);
    expectRows(dy, batch, this.outputs, "dy");
    const { values, gradients } = this.parameters;
    return this.#function.pullBack(this.#x, dy.slice(0, batch * this.outputs), batch, values, gradients, wanted);
  }
}
