import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { kernelBuilds, kernelFile, renderKernel } from "../../../scripts/build-kernel.ts";
import { sha256Hex } from "../../../src/core/hash.ts";
import { Random } from "../../../src/core/random.ts";

describe("the kernel", () => {
  it("computes tanh to 1e-6 of its value, odd, within [-1, 1] and nowhere falling by more than 5e-7", () => {
    // y = tanh(x * 1) * 1 through a 1-1-1 network.
    const network = kernelEngine().mlp([1, 1, 1], "tanh");
    network.parameters.values.set([1, 0, 1, 0]);
    const x: number[] = [];
    for (let e = -30; e <= 1; e++) for (let k = 0; k < 64; k++) x.push(2 ** e * (1 + k / 64));
    for (let k = 0; k < 20_000; k++) x.push(k / 1000);
    x.push(100, 1e30, Number.POSITIVE_INFINITY);
    const input = Float32Array.from(x).sort();
    const y = network.forward(input, input.length).slice();
    const negative = network.forward(
      input.map((v) => -v),
      input.length,
    );
    let error = 0;
    let largest = 0;
    let asymmetry = 0;
    let fall = 0;
    for (let i = 0; i < input.length; i++) {
      const exact = Math.tanh(input[i]!);
      error = Math.max(error, exact === 0 ? Math.abs(y[i]!) : Math.abs(y[i]! / exact - 1));
      largest = Math.max(largest, y[i]!);
      asymmetry = Math.max(asymmetry, Math.abs(negative[i]! + y[i]!));
      if (i > 0) fall = Math.max(fall, y[i - 1]! - y[i]!);
    }
    expect(error).toBeLessThan(1e-6);
    expect(largest).toBeLessThanOrEqual(1);
    expect(asymmetry).toBe(0);
    expect(fall).toBeLessThan(5e-7);
  });

  it.each([
    [[7, 17, 5], "0afa274d91743a4780c3207b4602ad67a54cf643ee7f0c3cfb5b83b85ddae9f0"],
    [[7, 41, 3], "a1ac97efc198129110a9685f1b574caabe3fecf47f89725d65ebaeeab63c1c77"],
  ])("gives the bits that it gave when it was made, on any machine: %j", (sizes, hash) => {
    const network = kernelEngine().mlp(sizes, "tanh");
    const [inputs, outputs] = [network.inputs, network.outputs];
    const random = new Random(1, "bits");
    const values = network.parameters.values;
    // Multiples of 1/64: the numbers themselves depend on no logarithm of the host.
    for (let i = 0; i < values.length; i++) values[i] = (random.integer(129) - 64) / 64;
    const optimiser = kernelEngine().adam({ learningRate: 0.01 });
    for (let k = 0; k < 5; k++) {
      const x = Float32Array.from({ length: inputs * 33 }, () => (random.integer(129) - 64) / 64);
      network.forward(x, 33);
      network.zeroGradients();
      network.backward(
        Float32Array.from({ length: outputs * 33 }, () => (random.integer(129) - 64) / 64),
        33,
      );
      network.step(optimiser);
    }
    const bytes = new Uint8Array(network.parameters.values.slice().buffer);
    expect(sha256Hex(bytes)).toBe(hash);
  });

  it("takes a view of its own memory as input, even where the call makes that memory grow", () => {
    const network = kernelEngine().mlp([1, 8], "tanh");
    network.parameters.values.set([1, 2, 3, 4, 5, 6, 7, 8]);
    const x = Float32Array.from({ length: 700 }, (_, i) => i / 512);
    const copy = network.forward(x, 700).slice();
    const fresh = kernelEngine().mlp([1, 8], "tanh");
    fresh.parameters.values.set([1, 2, 3, 4, 5, 6, 7, 8]);
    const expected = fresh.forward(copy, 5600).slice();
    expect(network.forward(network.forward(x, 700), 5600)).toEqual(expected);
    expect(expected[8 * 9 + 7]).toBe(8 * copy[9]!);
  });

  it.for(kernelBuilds)("is committed as its sources compile now: $name", async (build, context) => {
    const text = await renderKernel(build);
    if (text === undefined) {
      const reason = "the AssemblyScript compiler is not installed: whether the kernel is fresh was not checked";
      process.stdout.write(`skipped: ${reason}\n`);
      return context.skip(reason);
    }
    expect(await readFile(kernelFile(build), "utf8")).toBe(text);
  });
});
