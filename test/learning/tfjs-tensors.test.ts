import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { tfjsEngine } from "../../models/tfjs/engine.ts";
import { Random } from "../../src/core/random.ts";
import { lstm } from "../models/tfjs/models.ts";

describe.each(["cpu", "wasm"] as const)("ten thousand updates on the backend %s", (backend) => {
  it.each(["perceptron", "lstm"] as const)("leave no tensor and no memory of the backend behind (%s)", async (name) => {
    const engine = await tfjsEngine(name === "lstm" ? { backend, model: lstm } : { backend });
    const network = engine.mlp([6, 16, 2], "tanh");
    const optimiser = engine.adam({ learningRate: 1e-3 });
    const random = new Random(1, "rows");
    const x = Float32Array.from({ length: 8 * 6 }, () => random.normal());
    const dy = Float32Array.from({ length: 8 * 2 }, () => random.normal());
    const update = () => {
      network.zeroGradients();
      network.forward(x, 8);
      network.accumulate(dy, 8);
      network.step(optimiser);
    };
    update();
    const before = tf.memory();
    for (let i = 0; i < 10_000; i++) update();
    const after = tf.memory();
    expect(network.parameters.values.every(Number.isFinite)).toBe(true);
    for (const what of ["numTensors", "numDataBuffers", "numBytes"] as const) expect(after[what]).toBe(before[what]);
  });
});
