import { describe, expect, it } from "vitest";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { orthogonalInitialise } from "../../../models/nets/initialise.ts";
import { Random } from "../../../src/core/random.ts";

describe("orthogonalInitialise", () => {
  it("makes the shorter side of every weight matrix orthonormal times its gain, and biases 0", () => {
    const network = kernelEngine().mlp([5, 16, 16, 3], "tanh");
    network.parameters.values.fill(9);
    orthogonalInitialise(network, new Random(1, "weights"), { hiddenGain: Math.SQRT2, outputGain: 0.01 });
    for (const [index, { shape, offset, length }] of network.parameters.slices.entries()) {
      const slice = network.parameters.values.subarray(offset, offset + length);
      if (shape.length === 1) {
        expect([...slice].every((b) => b === 0)).toBe(true);
        continue;
      }
      const [rows, columns] = [shape[0]!, shape[1]!];
      const gain = index === 4 ? 0.01 : Math.SQRT2;
      const at = (i: number, k: number) => (rows <= columns ? slice[i * columns + k]! : slice[k * columns + i]!);
      for (let i = 0; i < Math.min(rows, columns); i++)
        for (let j = 0; j <= i; j++) {
          let dot = 0;
          for (let k = 0; k < Math.max(rows, columns); k++) dot += at(i, k) * at(j, k);
          expect(dot / gain ** 2).toBeCloseTo(i === j ? 1 : 0, 5);
        }
    }
  });

  it("gives exactly 0 for every input with an output gain of 0", () => {
    const network = kernelEngine().mlp([4, 8, 2], "tanh");
    orthogonalInitialise(network, new Random(2, "weights"), { outputGain: 0 });
    const y = network.forward(new Float32Array([1, -2, 3, 4, 5, 6, 7, 8]), 2);
    expect([...y]).toEqual([0, 0, 0, 0]);
    expect(network.parameters.values.some((v) => v !== 0)).toBe(true);
  });

  it("depends on the random stream alone", () => {
    const make = (seed: number) => {
      const network = kernelEngine().mlp([3, 4, 1], "relu");
      orthogonalInitialise(network, new Random(seed, "weights"), { outputGain: 1 });
      return network.parameters.values;
    };
    expect(make(3)).toEqual(make(3));
    expect(make(3)).not.toEqual(make(4));
  });
});
