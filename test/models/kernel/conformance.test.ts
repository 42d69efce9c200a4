import { describe, expect, it } from "vitest";
import { kernelEngine, trainingEngine } from "../../../models/kernel/engine.ts";
import { referenceEngine } from "../../../models/kernel/reference.ts";
import { KernelTeam } from "../../../models/kernel/team.ts";
import type { Engine, Network } from "../../../src/core/contracts/network.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import { tfjsEngines } from "../../support/tfjs-engines.ts";

const tfjs = await tfjsEngines();
/** On one memory for all its networks, gradients in three parts. */
const sharded: Engine = {
  ...trainingEngine(3, new KernelTeam(1, () => ({ failure: () => undefined }))),
  name: "kernel training",
};
const engines: Engine[] = [referenceEngine, kernelEngine(), sharded, ...tfjs.engines];

describe.each(tfjs.missing)("the tfjs-$backend engine", ({ backend, reason }) => {
  it("is left out only where its library cannot be had", (test) => {
    expect(backend).toBe("tensorflow");
    process.stdout.write(`skipped: tfjs-${backend} does not load here: ${reason}\n`);
    test.skip(reason);
  });
});

function fill(array: Float32Array, random: Random, scale: number): Float32Array {
  for (let i = 0; i < array.length; i++) array[i] = scale * random.normal();
  return array;
}

/** A network with random parameters of a size that keeps tanh away from saturation. */
function randomNetwork(engine: Engine, sizes: readonly number[], activation: "tanh" | "relu", seed: number): Network {
  const network = engine.mlp(sizes, activation);
  fill(network.parameters.values, new Random(seed, "weights"), 0.4);
  return network;
}

/** The definition, in float64 and nested loops: y of one row. */
function plainForward(sizes: readonly number[], activation: string, parameters: Float32Array, x: readonly number[]) {
  let values = [...x];
  let offset = 0;
  for (let l = 0; l + 1 < sizes.length; l++) {
    const [inputs, outputs] = [sizes[l]!, sizes[l + 1]!];
    values = Array.from({ length: outputs }, (_, j) => {
      let z = parameters[offset + inputs * outputs + j]!;
      for (let i = 0; i < inputs; i++) z += values[i]! * parameters[offset + i * outputs + j]!;
      return l + 2 === sizes.length ? z : activation === "tanh" ? Math.tanh(z) : Math.max(0, z);
    });
    offset += inputs * outputs + outputs;
  }
  return values;
}

/** Largest |a - b| relative to the largest |b|, or to 1 where b is small. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let scale = 1e-3;
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    scale = Math.max(scale, Math.abs(b[i]!));
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  }
  return worst / scale;
}

/** The same bits; TensorFlow's own library sums in an order that depends on the batch: there the same numbers to float32 rounding. */
function expectSameRows(engine: Engine, found: Float32Array, wanted: Float32Array): void {
  if (engine.name === "tfjs-tensorflow") expect(distance(found, wanted)).toBeLessThan(1e-6);
  else expect(found).toEqual(wanted);
}

const ODD = [1, 3, 5, 7, 17];
const BATCHES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 257];

describe.each(engines.map((engine) => [engine.name, engine] as const))("the %s engine", (_name, engine) => {
  it.each(["tanh", "relu"] as const)("computes the defining sum for odd shapes and batches (%s)", (activation) => {
    for (const inputs of ODD)
      for (const outputs of ODD) {
        const sizes = [inputs, 6, outputs];
        const network = randomNetwork(engine, sizes, activation, 1);
        for (const batch of BATCHES) {
          const x = fill(new Float32Array(batch * inputs), new Random(2, "x", batch), 1);
          const y = network.forward(x, batch);
          const expected: number[] = [];
          for (let b = 0; b < batch; b++) {
            const row = [...x.subarray(b * inputs, (b + 1) * inputs)];
            expected.push(...plainForward(sizes, activation, network.parameters.values, row));
          }
          expect(distance(y, expected), `${sizes} batch ${batch}`).toBeLessThan(5e-6);
        }
      }
  });

  it.each(["tanh", "relu"] as const)("agrees with the reference on all gradients (%s)", (activation) => {
    const few = [
      [33, 4],
      [70, 40, 3],
      [50, 2, 37, 1],
    ];
    const even = [[2, 8, 6, 10, 16, 9]];
    const odd = [...ODD.map((n) => [n, 5, 7, 3]), ...ODD.map((n) => [4, 17, n])];
    // Weights' gradients take 64 outputs at a time.
    const wide = [
      [9, 65, 3],
      [5, 150, 6],
      [130, 130, 2],
    ];
    for (const sizes of [...odd, ...even, ...few, ...wide, [3, 1], [64, 64, 64, 5]]) {
      const network = randomNetwork(engine, sizes, activation, 3);
      const reference = randomNetwork(referenceEngine, sizes, activation, 3);
      for (const batch of BATCHES) {
        const x = fill(new Float32Array(batch * network.inputs), new Random(4, "x", batch), 1);
        const dy = fill(new Float32Array(batch * network.outputs), new Random(5, "dy", batch), 1);
        for (const n of [network, reference]) {
          n.zeroGradients();
          n.forward(x, batch);
        }
        const dx = network.backward(dy, batch);
        expect(distance(dx, reference.backward(dy, batch)), `dx ${sizes} batch ${batch}`).toBeLessThan(1e-4);
        const gradients = reference.parameters.gradients;
        expect(distance(network.parameters.gradients, gradients), `dw ${sizes} batch ${batch}`).toBeLessThan(1e-4);
      }
    }
  });

  it.each(["tanh", "relu"] as const)("matches central differences (%s)", (activation) => {
    const sizes = [3, 5, 4, 2];
    const batch = 6;
    const network = randomNetwork(engine, sizes, activation, 6);
    const x = fill(new Float32Array(batch * 3), new Random(7, "x"), 1);
    const dy = fill(new Float32Array(batch * 2), new Random(8, "dy"), 1);
    // L = sum(dy * y), summed in float64 from the defining loops, so that the difference is not drowned in float32 rounding.
    const loss = (parameters: Float32Array, inputs: Float32Array) => {
      let sum = 0;
      for (let b = 0; b < batch; b++)
        for (const [j, y] of plainForward(sizes, activation, parameters, [
          ...inputs.subarray(b * 3, b * 3 + 3),
        ]).entries())
          sum += dy[b * 2 + j]! * y;
      return sum;
    };
    network.forward(x, batch);
    const dx = network.backward(dy, batch).slice();
    const difference = (array: Float32Array, i: number, evaluate: () => number) => {
      const centre = array[i]!;
      array[i] = centre + 1e-3;
      const [up, upper] = [array[i]!, evaluate()];
      array[i] = centre - 1e-3;
      const [down, lower] = [array[i]!, evaluate()];
      array[i] = centre;
      return (upper - lower) / (up - down);
    };
    const parameters = network.parameters.values.slice();
    const dParameters = parameters.map((_, i) => difference(parameters, i, () => loss(parameters, x)));
    expect(distance(network.parameters.gradients, dParameters)).toBeLessThan(1e-4);
    const dInputs = x.map((_, i) => difference(x, i, () => loss(parameters, x)));
    expect(distance(dx, dInputs)).toBeLessThan(1e-4);
  });

  it("accumulates gradients until they are zeroed", () => {
    const network = randomNetwork(engine, [3, 4, 2], "tanh", 9);
    const x = fill(new Float32Array(15), new Random(9, "x"), 1);
    const dy = fill(new Float32Array(10), new Random(9, "dy"), 1);
    network.forward(x, 5);
    network.backward(dy, 5);
    const once = network.parameters.gradients.slice();
    network.backward(dy, 5);
    const twice = once.map((g) => 2 * g);
    expect(distance(network.parameters.gradients, twice)).toBeLessThan(1e-6);
    network.zeroGradients();
    expect([...network.parameters.gradients].every((g) => g === 0)).toBe(true);
  });

  it("keeps its parameters when the batch grows past its memory, and gives the same bits after", () => {
    const network = randomNetwork(engine, [17, 64, 3], "tanh", 10);
    const parameters = network.parameters.values.slice();
    const x = fill(new Float32Array(17 * 5000), new Random(10, "x"), 1);
    const small = network.forward(x.subarray(0, 34), 2).slice();
    const large = network.forward(x, 5000).slice();
    expect(network.parameters.values).toEqual(parameters);
    expect(network.forward(x.subarray(0, 34), 2)).toEqual(small);
    expectSameRows(engine, large.subarray(0, 6), small);
    expect(network.forward(x, 5000)).toEqual(large);
  });

  it("gives a row the same bits whatever batch it is in", () => {
    const network = randomNetwork(engine, [5, 7, 7, 3], "tanh", 11);
    // Small ones, and ones whose rows end within a tile and within a block.
    for (const batch of [9, 33, 70, 130]) {
      const x = fill(new Float32Array(5 * batch), new Random(11, "x"), 1);
      const together = network.forward(x, batch).slice();
      for (let b = 0; b < batch; b++)
        expectSameRows(engine, network.forward(x.slice(b * 5, b * 5 + 5), 1), together.slice(b * 3, b * 3 + 3));
    }
  });

  it("starts at zero and passes NaN on", () => {
    const network = engine.mlp([2, 3, 1], "relu");
    expect([...network.forward(new Float32Array([1, 2]), 1)]).toEqual([0]);
    fill(network.parameters.values, new Random(12, "w"), 1);
    expect(network.forward(new Float32Array([Number.NaN, 2]), 1)[0]).toBeNaN();
    const smooth = randomNetwork(engine, [2, 3, 1], "tanh", 12);
    expect(smooth.forward(new Float32Array([Number.NaN, 2]), 1)[0]).toBeNaN();
  });

  it("refuses wrong sizes, short arrays and a backward that does not follow its forward", () => {
    expect(() => engine.mlp([3], "tanh")).toThrow(ContractError);
    expect(() => engine.mlp([3, 0, 1], "tanh")).toThrow(ContractError);
    const network = engine.mlp([3, 2], "tanh");
    expect(() => network.backward(new Float32Array(2), 1)).toThrow(/Call forward first/);
    expect(() => network.forward(new Float32Array(5), 2)).toThrow(/too short/);
    expect(() => network.forward(new Float32Array(5), 0)).toThrow(/at least one row/);
    network.forward(new Float32Array(6), 2);
    expect(() => network.backward(new Float32Array(6), 3)).toThrow(/Pass 2/);
  });
});
