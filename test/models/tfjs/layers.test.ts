import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { checkGradients } from "../../../agents/shared/checks.ts";
import { tfjsEngine } from "../../../models/tfjs/engine.ts";
import type { Network } from "../../../src/core/contracts/network.ts";
import { Random } from "../../../src/core/random.ts";
import { attention, frozen, lstm } from "./models.ts";

const normals = (length: number, seed: number, scale = 1) => {
  const random = new Random(seed, "numbers");
  return Float32Array.from({ length }, () => scale * random.normal());
};

describe.each(["cpu", "wasm"] as const)("layers on the backend %s", async (backend) => {
  const engines = {
    lstm: await tfjsEngine({ backend, model: lstm }),
    attention: await tfjsEngine({ backend, model: attention }),
  };

  it.each(["lstm", "attention"] as const)("gives the gradients that central differences give (%s)", (name) => {
    const network = engines[name].mlp([6, 64, 3], "tanh");
    const batch = 4;
    const { values, gradients } = network.parameters;
    values.set(normals(values.length, 1, 0.5));
    const x = normals(batch * 6, 2);
    const dy = normals(batch * 3, 3);
    const loss = () => network.forward(x, batch).reduce((sum, y, i) => sum + y * dy[i]!, 0);
    loss();
    const dx = network.backward(dy, batch).slice();
    const difference = (array: Float32Array, i: number) => {
      const centre = array[i]!;
      const at = (value: number) => {
        array[i] = value;
        return loss();
      };
      const slope = (at(centre + 0.01) - at(centre - 0.01)) / 0.02;
      array[i] = centre;
      return slope;
    };
    for (let i = 0; i < values.length; i++) expect(gradients[i]).toBeCloseTo(difference(values, i), 2);
    for (let i = 0; i < x.length; i++) expect(dx[i]).toBeCloseTo(difference(x, i), 2);
  });

  it("leaves layers as they are that are not to be trained, weight decay or not", async () => {
    const engine = await tfjsEngine({ backend, model: frozen });
    const network = engine.mlp([3, 64, 2], "tanh");
    const { values, slices, gradients } = network.parameters;
    values.set(normals(values.length, 7));
    const before = values.slice();
    const optimiser = engine.adam({ learningRate: 0.1, weightDecay: 0.1 });
    network.forward(normals(6, 8), 2);
    network.backward(normals(4, 9), 2);
    network.step(optimiser);
    for (const { name, offset, length } of slices) {
      const own = (array: Float32Array) => [...array.subarray(offset, offset + length)];
      if (name.startsWith("fixed")) {
        expect(own(gradients)).toEqual(new Array(length).fill(0));
        expect(own(values)).toEqual(own(before));
      } else for (const [i, value] of own(values).entries()) expect(value).not.toBe(before[offset + i]);
    }
    expect(slices.filter((s) => s.name.startsWith("fixed"))).toHaveLength(2);
  });

  it("is the same network, to the bit, when it is rebuilt from its own description", () => {
    const network = engines.attention.mlp([8, 64, 2], "tanh");
    network.parameters.values.set(normals(network.parameters.values.length, 4));
    const again = engines.lstm.layers!(JSON.parse(JSON.stringify(network.layers)));
    again.parameters.values.set(network.parameters.values);
    const x = normals(40, 5);
    expect(again.forward(x, 5)).toEqual(network.forward(x, 5));
    expect(again.layers).toEqual(network.layers);
  });

  it("draws parameters from the seed alone, and starts at exactly 0 with gain 0", () => {
    const drawn = (seed: number, outputGain: number): Network => {
      const network = engines.lstm.mlp([6, 64, 3], "tanh");
      network.initialise!(new Random(seed, "draw"), { outputGain });
      return network;
    };
    const [one, same, other] = [drawn(1, 0.01), drawn(1, 0.01), drawn(2, 0.01)];
    expect(same.parameters.values).toEqual(one.parameters.values);
    expect(other.parameters.values).not.toEqual(one.parameters.values);
    const x = normals(60, 6);
    expect(one.forward(x, 10).some((y) => y !== 0)).toBe(true);
    expect([...drawn(1, 0).forward(x, 10)]).toEqual(new Array(30).fill(0));
    // The recurrent weights are orthogonal, as the layer's own initialiser says: rows of length 1.
    const { slices, values } = one.parameters;
    const { offset, shape } = slices.find((s) => s.name.endsWith("recurrent_kernel"))!;
    const columns = shape[1]!;
    for (let r = 0; r < shape[0]!; r++) {
      const row = values.subarray(offset + r * columns, offset + (r + 1) * columns);
      expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    }
  });

  it("passes NaN on to the gradients, where the learners' check names layer and tensor", () => {
    const network = engines.lstm.mlp([6, 64, 3], "tanh");
    network.initialise!(new Random(1, "draw"), { outputGain: 1 });
    network.forward(normals(12, 11), 2);
    network.accumulate(new Float32Array(6).fill(Number.NaN), 2);
    expect(() => checkGradients([network.parameters], ["actor"], Number.NaN, 7)).toThrow(
      /step 7: "gradient of actor\.lstm_1\/kernel" is not finite/,
    );
  });

  it("leaves no tensor behind in two thousand updates of a perceptron", async () => {
    const engine = await tfjsEngine({ backend });
    const network = engine.mlp([6, 8, 2], "tanh");
    const optimiser = engine.adam({ learningRate: 1e-3 });
    const [x, dy] = [normals(24, 9), normals(8, 10)];
    const before = tf.memory();
    for (let i = 0; i < 2000; i++) {
      network.zeroGradients();
      network.forward(x, 4);
      network.accumulate(dy, 4);
      network.step(optimiser);
    }
    const after = tf.memory();
    expect([after.numTensors, after.numBytes]).toEqual([before.numTensors, before.numBytes]);
  });

  it("leaves no tensor behind, whatever is asked of it", () => {
    const [network, other] = [engines.lstm.mlp([6, 64, 3], "tanh"), engines.attention.mlp([6, 64, 3], "tanh")];
    const optimiser = engines.lstm.adam({ learningRate: 1e-3 });
    const [x, dy] = [normals(24, 7), normals(12, 8)];
    const update = (n: Network) => {
      n.initialise!(new Random(1, "draw"), { outputGain: 1 });
      n.zeroGradients();
      n.forward(x, 4);
      n.backward(dy, 4);
      n.accumulate(dy, 4);
      n.step(optimiser);
    };
    for (const n of [network, other]) update(n);
    engines.lstm.layers!(network.layers!);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 50; i++) {
      for (const n of [network, other]) update(n);
      engines.lstm.layers!(network.layers!).forward(x, 4);
      engines.lstm.mlp([6, 64, 3], "tanh").forward(x, 4);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
