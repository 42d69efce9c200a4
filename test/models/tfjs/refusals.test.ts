import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { type ModelBuilder, tfjsEngine } from "../../../models/tfjs/engine.ts";
import { ConfigError, type GreekgymError } from "../../../src/core/errors.ts";

/** Builds a network 4 → 2 of the model; returns the error. */
async function refusal(model: ModelBuilder | object, backend: "cpu" | "wasm" = "cpu"): Promise<GreekgymError> {
  const engine = await tfjsEngine({ backend, model: model as ModelBuilder, source: "own.mjs" });
  try {
    engine.mlp([4, 64, 2], "tanh", "actor");
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as GreekgymError).fix).toBeDefined();
    return error as GreekgymError;
  }
  throw new Error("nothing was refused");
}
type Layer = ReturnType<typeof layers.layers.dense>;
const sequence =
  (...middle: ((tf: typeof layers) => unknown)[]): ModelBuilder =>
  ({ tf, inputs, outputs }) =>
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 6, inputShape: [inputs] }),
        ...middle.map((make) => make(tf as never) as Layer),
        tf.layers.dense({ units: outputs }),
      ],
    });

describe("a model is refused", () => {
  it.each([
    ["inputs", ({ tf, outputs }) => tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [9] })] })],
    ["outputs", ({ tf, inputs }) => tf.sequential({ layers: [tf.layers.dense({ units: 9, inputShape: [inputs] })] })],
    [
      "inputs",
      ({ tf, inputs, outputs }) =>
        tf.sequential({ layers: [tf.layers.dense({ units: outputs, batchInputShape: [8, inputs] })] }),
    ],
  ] as [string, ModelBuilder][])("for %s of another shape", async (side, model) => {
    const error = await refusal(model);
    expect(error.which).toBe(`own.mjs (actor): ${side}`);
    expect(error.fix).toMatch(side === "inputs" ? /\[null, 4\]/ : /\[null, 2\]/);
  });

  it.each([
    ["BatchNormalization", (l: typeof layers) => l.layers.batchNormalization(), /LayerNormalization/],
    ["Dropout", (l: typeof layers) => l.layers.dropout({ rate: 0.5 }), /nothing is dropped/],
    ["kernel_regularizer", (l: typeof layers) => l.layers.dense({ units: 3, kernelRegularizer: "l1l2" }), /no penalty/],
    ["kernel_constraint", (l: typeof layers) => l.layers.dense({ units: 3, kernelConstraint: "maxNorm" }), /projec/],
  ] as const)("for %s, which would silently do nothing", async (what, make, fix) => {
    const error = await refusal(sequence(make as never));
    expect(error.which).toContain(what);
    expect(error.fix).toMatch(fix);
  });

  it("for a memory between decisions", async () => {
    const model: ModelBuilder = ({ tf, outputs }) =>
      tf.sequential({
        layers: [
          tf.layers.reshape({ inputShape: [4], targetShape: [2, 2] }),
          tf.layers.gru({ units: 3, recurrentDropout: 0.2 }),
          tf.layers.dense({ units: outputs }),
        ],
      });
    const error = await refusal(model);
    expect(error.which).toContain("recurrent_dropout");
    expect(error.value).toBe(0.2);
  });

  it("where it does not end in a dense layer without activation", async () => {
    const error = await refusal(({ tf, inputs, outputs }) =>
      tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [inputs], activation: "tanh" })] }),
    );
    expect(error.which).toBe("own.mjs (actor): last layer");
    expect(error.value).toBe("Dense, activation tanh");
  });

  it("where build throws, promises, or returns something else", async () => {
    const thrown = await refusal(() => {
      throw new Error("out of ideas");
    });
    expect(thrown.value).toBe("out of ideas");
    expect((await refusal((async () => undefined) as never)).value).toBe("a promise");
    expect((await refusal((() => 7) as never)).value).toBe("number");
  });

  it("for layers of its own that are not registered; once they are, it trains", async () => {
    class Twice extends layers.layers.Layer {
      static className = "Twice";
      override call(x: tf.Tensor | tf.Tensor[]) {
        return tf.mul(Array.isArray(x) ? x[0]! : x, 2);
      }
    }
    const model = sequence(() => new Twice({}));
    const error = await refusal(model);
    expect(error.value).toContain("Twice");
    expect(error.fix).toContain("registerClass");
    tf.serialization.registerClass(Twice as never);
    const engine = await tfjsEngine({ backend: "cpu", model });
    const network = engine.mlp([4, 64, 2], "tanh");
    network.parameters.values.fill(1);
    // Six sums of four ones and a bias, doubled, summed, and a bias.
    expect([...network.forward(new Float32Array(4).fill(1), 1)]).toEqual([61, 61]);
  });

  it("for operations that a backend lacks, with the operation and other backends; another one trains it", async () => {
    const model: ModelBuilder = ({ tf, inputs, outputs }) =>
      tf.sequential({
        layers: [
          tf.layers.reshape({ inputShape: [inputs], targetShape: [inputs, 1] }),
          tf.layers.conv1d({ filters: 2, kernelSize: 2 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: outputs }),
        ],
      });
    const error = await refusal(model, "wasm");
    expect(error.short).toContain("backend wasm");
    expect(error.value).toContain("Conv2DBackpropFilter");
    expect(error.fix).toContain("cpu");
    const network = (await tfjsEngine({ backend: "cpu", model })).mlp([4, 64, 2], "tanh");
    // Playing it asks for no gradients.
    const player = (await tfjsEngine({ backend: "wasm" })).layers!(network.layers!);
    expect(player.forward(new Float32Array(8), 2)).toEqual(new Float32Array(4));
  });

  it("where a model.json holds no layers model", async () => {
    const error = await refusal({ format: "graph-model", modelTopology: { node: [] } });
    expect(error.short).toContain("not the topology of a layers model");
  });
});

describe("the engine", () => {
  it("takes a model.json, and gives its last layer the outputs that are asked for", async () => {
    const built = layers.sequential({
      layers: [
        layers.layers.dense({ units: 5, inputShape: [4], activation: "relu" }),
        layers.layers.dense({ units: 9 }),
      ],
    });
    const model = { format: "layers-model", modelTopology: { model_config: JSON.parse(built.toJSON() as string) } };
    const engine = await tfjsEngine({ backend: "cpu", model });
    expect(engine.mlp([4, 64, 2], "tanh", "actor").outputs).toBe(2);
    expect(engine.mlp([4, 64, 1], "tanh", "critic").outputs).toBe(1);
  });

  it("says what a missing native library means", async () => {
    const native = () => Promise.reject(new Error("libtensorflow.so.2: cannot open shared object file"));
    const error = await tfjsEngine({ backend: "tensorflow", native }).catch((e: GreekgymError) => e);
    expect(error).toBeInstanceOf(ConfigError);
    const { which, value, fix, hints } = error as GreekgymError;
    expect({ which, value }).toEqual({ which: "agent.network.backend", value: "tensorflow" });
    expect(fix).toContain("wasm");
    expect(hints).toEqual(["Cause: libtensorflow.so.2: cannot open shared object file"]);
  });

  it("leaves layers to TensorFlow.js: the kernels compute perceptrons", () => {
    expect(kernelEngine().layers).toBeUndefined();
  });
});
