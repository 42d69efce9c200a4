import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { referenceEngine } from "../../../models/kernel/reference.ts";
import type { Engine, Network } from "../../../src/core/contracts/network.ts";
import { ContractError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

const engines: Engine[] = [referenceEngine, kernelEngine()];

function fill(array: Float32Array, random: Random, scale = 1, centre = 0): Float32Array {
  for (let i = 0; i < array.length; i++) array[i] = centre + scale * random.normal();
  return array;
}

/** Largest |a - b| relative to the largest |b|, or to `floor` where b is small. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-3): number {
  expect(a.length).toBe(b.length);
  let scale = floor;
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    scale = Math.max(scale, Math.abs(b[i]!));
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  }
  return worst / scale;
}

function pass(network: Network, x: Float32Array, dy: Float32Array, batch: number) {
  network.zeroGradients();
  const y = network.forward(x, batch).slice();
  const dx = network.backward(dy, batch).slice();
  return { y, dx, gradients: network.parameters.gradients.slice() };
}

/** The definition in float64: L = sum(dy * y). */
function loss(n: number, p: Float32Array, x: Float32Array, dy: Float32Array, epsilon: number): number {
  let sum = 0;
  for (let at = 0; at < x.length; at += n) {
    const row = [...x.subarray(at, at + n)];
    const mean = row.reduce((a, b) => a + b, 0) / n;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
    for (const [i, v] of row.entries())
      sum += dy[at + i]! * (((v - mean) / Math.sqrt(variance + epsilon)) * p[i]! + p[n + i]!);
  }
  return sum;
}

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  "the %s engine's layer norm",
  (_name, engine) => {
    it("gives PyTorch's outputs and gradients", () => {
      // torch 2.15 float64: nn.LayerNorm(5, eps=1e-5).
      const torch = {
        y: [
          -0.607105011936, -0.907105016406, 0.300000011921, 1.414210026852, 1.353552506713, -0.241199124538,
          0.007686421559, 0.210991544261, 3.382321771066, 0.681052990886,
        ],
        dx: [
          0.300517509402, -0.6187179474, -0.742460264098, 2.138993726267, -1.078333024171, -0.351607083517,
          0.045091917481, 1.239928709159, -0.51019213887, -0.423221404253,
        ],
        dGain: [-1.755409152881, 0.561238931252, -0.11867795688, 1.583326115406, -1.796946437789],
        dBias: [1.5, 0.5, -1.75, 2.1, -0.7],
      };
      const network = engine.layerNorm!(5);
      network.parameters.values.set([0.5, 1, -1.5, 2, 0.25, 0.1, -0.2, 0.3, 0, 1]);
      const x = new Float32Array([1, 2, 3, 4, 5, -1, 0.5, 0.25, 3, -2]);
      const dy = new Float32Array([1, -0.5, 0.25, 2, -1, 0.5, 1, -2, 0.1, 0.3]);
      const { y, dx, gradients } = pass(network, x, dy, 2);
      expect(distance(y, torch.y)).toBeLessThan(1e-6);
      expect(distance(dx, torch.dx)).toBeLessThan(1e-6);
      expect(distance(gradients, [...torch.dGain, ...torch.dBias])).toBeLessThan(1e-6);
    });

    it("matches central differences of the float64 definition", () => {
      const [n, batch] = [7, 3];
      const network = engine.layerNorm!(n, 1e-2);
      fill(network.parameters.values, new Random(1, "weights"));
      const x = fill(new Float32Array(n * batch), new Random(1, "x"), 1, 3);
      const dy = fill(new Float32Array(n * batch), new Random(1, "dy"));
      const { dx, gradients } = pass(network, x, dy, batch);
      const p = network.parameters.values.slice();
      const difference = (array: Float32Array) =>
        array.map((centre, i) => {
          array[i] = centre + 1e-3;
          const [up, upper] = [array[i]!, loss(n, p, x, dy, 1e-2)];
          array[i] = centre - 1e-3;
          const [down, lower] = [array[i]!, loss(n, p, x, dy, 1e-2)];
          array[i] = centre;
          return (upper - lower) / (up - down);
        });
      expect(distance(gradients, difference(p))).toBeLessThan(1e-4);
      expect(distance(dx, difference(x))).toBeLessThan(1e-4);
    });

    it("starts at gain 1 and bias 0: rows of mean 0 and deviation 1, zeros for a row of equal numbers", () => {
      const network = engine.layerNorm!(64);
      const y = network.forward(fill(new Float32Array(128), new Random(2, "x"), 3, 100).fill(5, 64), 2);
      const row = [...y.subarray(0, 64)];
      expect(Math.abs(row.reduce((a, b) => a + b, 0) / 64)).toBeLessThan(1e-5);
      expect(row.reduce((a, b) => a + b * b, 0) / 64).toBeCloseTo(1, 4);
      expect([...y.subarray(64)].every((v) => v === 0)).toBe(true);
    });

    it("refuses wrong sizes and a backward of another batch", () => {
      expect(() => engine.layerNorm!(0)).toThrow(ContractError);
      expect(() => engine.layerNorm!(3, 0)).toThrow(/epsilon/);
      const network = engine.layerNorm!(3);
      expect(() => network.backward(new Float32Array(3), 1)).toThrow(/Call forward first/);
      expect(() => network.forward(new Float32Array(5), 2)).toThrow(/too short/);
    });
  },
);

describe("the kernel's layer norm", () => {
  it("agrees with the reference for any shape, with the same bits for a row in any batch", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 1e6 }),
        (n, batch, seed) => {
          const random = new Random(seed, "rows");
          const [kernel, reference] = [kernelEngine().layerNorm!(n, 1e-3), referenceEngine.layerNorm!(n, 1e-3)];
          reference.parameters.values.set(fill(kernel.parameters.values, random));
          const x = fill(new Float32Array(n * batch), random, 2, 1);
          const dy = fill(new Float32Array(n * batch), random);
          const [found, expected] = [pass(kernel, x, dy, batch), pass(reference, x, dy, batch)];
          expect(distance(found.y, expected.y)).toBeLessThan(1e-5);
          // Of one or two columns nothing but epsilon is left of dL/dx: its terms, of size 1, cancel.
          expect(distance(found.dx, expected.dx, 1)).toBeLessThan(1e-5);
          expect(distance(found.gradients, expected.gradients)).toBeLessThan(1e-5);
          const last = kernel.forward(x.slice(n * (batch - 1)), 1);
          expect(last).toEqual(found.y.slice(n * (batch - 1)));
          // `accumulate` adds what `backward` adds.
          kernel.zeroGradients();
          kernel.forward(x, batch);
          kernel.accumulate(dy, batch);
          expect(kernel.parameters.gradients).toEqual(found.gradients);
        },
      ),
      { seed: 4, numRuns: 100 },
    );
  });
});
