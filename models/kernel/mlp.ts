import type { Network, Optimiser } from "../../src/core/contracts/network.ts";
import type { Arena } from "./arena.ts";
import { type Activation, expectRows, expectSameBatch, type MlpLayout, mlpLayout } from "./layout.ts";
import { NetworkWords, scratchFloats } from "./network-words.ts";
import { KernelParameters } from "./parameters.ts";
import type { KernelTeam } from "./team.ts";

/** How a batch's gradients are summed, and by whom: shards change the bits, threads do not. */
export interface Sharing {
  /** Parts of the batch whose gradients are summed apart, then added in their order. */
  readonly shards: number;
  readonly team?: KernelTeam;
}

/** A multi-layer perceptron whose arrays all live in one arena. */
export class KernelMlp implements Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: KernelParameters;
  readonly #arena: Arena;
  readonly #layout: MlpLayout;
  readonly #sharing: Sharing;
  readonly #words: NetworkWords;
  /** Byte offsets: a copy of the input, the outputs of each layer, and the gradients of the last outputs and of the input. */
  #x = 0;
  #y: number[] = [];
  #dy = 0;
  #dx = 0;
  #capacity = 0;
  #batch = 0;
  /** The outputs and their gradients of the last batch; made anew where its size changes or growth has detached them. */
  #outputs: Float32Array = new Float32Array(0);
  #slopes: Float32Array = new Float32Array(0);
  /** Whether the network's gradients are to count as 0: they are set to it by whoever adds to them first. */
  #zeroed = false;
  /** Whether shards hold gradients that the network's do not have yet: they are added once they are read, not for each chunk of a minibatch. */
  #apart = false;
  /** Whether the team computed the gradients. */
  #shared = false;

  constructor(arena: Arena, sizes: readonly number[], activation: Activation, sharing: Sharing) {
    this.#arena = arena;
    this.#sharing = sharing;
    this.#layout = mlpLayout(sizes);
    this.inputs = sizes[0]!;
    this.outputs = sizes[sizes.length - 1]!;
    this.parameters = new KernelParameters(arena, this.#layout, {
      ...(sharing.team && { team: sharing.team }),
      settle: () => this.#settle(),
      shared: () => this.#shared,
    });
    const words = new NetworkWords(arena, this.#layout, activation);
    this.#words = words;
    const { shards, team } = sharing;
    const { length } = this.#layout;
    const scratch = scratchFloats(this.#layout);
    words.set("values", this.parameters.valuesOffset);
    words.set("gradients", this.parameters.gradientsOffset);
    words.set("parameters", length);
    words.set("shards", shards);
    // A cache line at least between the gradients of two shards: threads do not write to one another's lines.
    const stride = 16 * Math.ceil((length + 16) / 16);
    words.set("shardGradients", shards > 1 ? arena.allocate((shards - 1) * stride) : 0);
    words.set("shardBytes", 4 * stride);
    const scratchStride = 16 * Math.ceil((scratch + 16) / 16);
    words.set("scratch", arena.allocate((team?.members ?? 1) * scratchStride));
    words.set("scratchBytes", 4 * scratchStride);
  }

  forward(x: Float32Array, batch: number): Float32Array {
    expectRows(x, batch, this.inputs, "x");
    const { team } = this.#sharing;
    team?.before(this.#words.offset);
    const length = batch * this.inputs;
    let given = this.#arena.offsetOf(x);
    if (given === undefined) {
      let source = x.length === length ? x : x.subarray(0, length);
      if (this.#arena.contains(x)) team?.flush();
      // Growth detaches views of this very arena, for example a network's own output passed back in.
      if (batch > this.#capacity && this.#arena.contains(x)) source = source.slice();
      this.#reserve(batch);
      given = this.#x;
      this.#arena.view(given, length).set(source);
    } else this.#reserve(batch);
    this.#batch = batch;
    this.#words.set("x", given);
    this.#words.set("batch", batch);
    if (team?.worthSharing(batch)) team.forward(this.#words.offset);
    else {
      team?.flush();
      this.#arena.kernel.forward(this.#words.offset);
    }
    const outputs = batch * this.outputs;
    if (this.#outputs.length !== outputs) this.#outputs = this.#arena.view(this.#y.at(-1)!, outputs);
    return this.#outputs;
  }

  backward(dy: Float32Array, batch: number): Float32Array {
    this.#propagate(dy, batch, this.#dx);
    return this.#arena.view(this.#dx, batch * this.inputs);
  }

  accumulate(dy: Float32Array, batch: number): void {
    this.#propagate(dy, batch, 0);
  }

  zeroGradients(): void {
    this.#apart = false;
    this.#zeroed = true;
  }

  step(optimiser: Optimiser): void {
    optimiser.update(this.parameters);
  }

  /** Adds the parameter gradients; writes dL/dx to the byte offset `dx` unless that is 0. */
  #propagate(dy: Float32Array, batch: number, dx: number): void {
    expectSameBatch(batch, this.#batch);
    expectRows(dy, batch, this.outputs, "dy");
    const { shards, team } = this.#sharing;
    team?.before(this.#words.offset);
    if (this.#arena.contains(dy)) team?.flush();
    const length = batch * this.outputs;
    if (this.#slopes.length !== length) this.#slopes = this.#arena.view(this.#dy, length);
    this.#slopes.set(dy.length === length ? dy : dy.subarray(0, length));
    this.#words.set("dx", dx);
    this.#words.set("old", (this.#zeroed ? 1 : 0) | (this.#apart ? 0 : 2));
    this.#shared = team?.worthSharing(batch) ?? false;
    if (team && this.#shared) team.backward(this.#words.offset);
    else {
      team?.flush();
      this.#arena.kernel.backward(this.#words.offset);
    }
    this.#zeroed = false;
    this.#apart = shards > 1;
  }

  /** Where shards hold gradients still, the words by which the kernel's `reduce` adds them; 0 where the network's gradients are all there is. */
  #settle(): number {
    if (!this.#apart && !this.#zeroed) return 0;
    this.#sharing.team?.before(this.#words.offset);
    if (this.#zeroed) {
      this.#sharing.team?.flush();
      this.#arena.kernel.zero(this.#words.get("gradients"), this.parameters.length);
    }
    const apart = this.#apart ? this.#words.offset : 0;
    this.#zeroed = false;
    this.#apart = false;
    return apart;
  }

  /** Makes room for `batch` rows. Outgrown room is not reused; doubling keeps that waste below the room in use. */
  #reserve(batch: number): void {
    if (batch <= this.#capacity) return;
    const capacity = Math.max(batch, 2 * this.#capacity);
    this.#x = this.#arena.allocate(this.inputs * capacity);
    this.#dx = this.#arena.allocate(this.inputs * capacity);
    this.#y = this.#layout.layers.map((l) => this.#arena.allocate(l.outputs * capacity));
    this.#dy = this.#arena.allocate(this.outputs * capacity);
    this.#outputs = new Float32Array(0);
    this.#slopes = new Float32Array(0);
    this.#words.set("dy", this.#dy);
    for (const [l, y] of this.#y.entries()) this.#words.setLayer(l, y);
    this.#capacity = capacity;
  }
}
