import v8 from "node:v8";
import { describe, expect, it } from "vitest";
import { kernelEngine, trainingEngine } from "../../../models/kernel/engine.ts";
import { KernelTeam } from "../../../models/kernel/team.ts";
import type { Engine } from "../../../src/core/contracts/network.ts";
import { GreekgymError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";

const alone = () => {
  throw new Error("A team of one starts no thread.");
};
const relaxedEngine = () => trainingEngine(1, new KernelTeam(1, alone, "relaxed"));
const hasRelaxedSimd = Number(process.versions.node.split(".")[0]) >= 22;

/** Output and gradients of one pass. */
function pass(engine: Engine) {
  const network = engine.mlp([24, 64, 64, 3], "tanh");
  const random = new Random(1, "relaxed");
  const draw = (array: Float32Array, scale: number) => {
    for (let i = 0; i < array.length; i++) array[i] = scale * random.normal();
  };
  const [x, dy] = [new Float32Array(24 * 37), new Float32Array(3 * 37)];
  draw(network.parameters.values, 0.3);
  draw(x, 1);
  draw(dy, 1);
  const y = network.forward(x, 37).slice();
  network.accumulate(dy, 37);
  return { y, gradients: network.parameters.gradients.slice() };
}

describe("the kernel with relaxed multiply-adds", () => {
  // Node 20 has them behind a flag. The first test needs it off, so the order counts.
  it.skipIf(hasRelaxedSimd)("says what it needs where the runtime has no relaxed SIMD", () => {
    try {
      relaxedEngine();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(GreekgymError);
      expect((error as GreekgymError).code).toBe("kernel");
      expect((error as GreekgymError).fix).toBe(
        "Use Node 22 or newer, whose WebAssembly has relaxed SIMD, or set train.relaxedSimd to false.",
      );
    }
  });

  it("computes what the exact one does but for rounding, and the same each time", () => {
    if (!hasRelaxedSimd) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
    const engine = relaxedEngine();
    expect(engine.name).toBe("kernel-relaxed");
    const [exact, relaxed] = [pass(kernelEngine()), pass(engine)];
    const largest = (a: Float32Array) => a.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    for (const which of ["y", "gradients"] as const) {
      const difference = largest(exact[which].map((v, i) => v - relaxed[which][i]!));
      expect(difference / largest(exact[which])).toBeLessThan(1e-5);
    }
    expect(pass(relaxedEngine())).toEqual(relaxed);
  });
});
