import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { makeEncoder } from "../../../../models/encoder/encoder.ts";
import { networkOf } from "../../../../models/format/architecture.ts";
import { type BundleFiles, buildBundle, openBundle } from "../../../../models/format/bundle.ts";
import { layersModelFiles } from "../../../../models/format/tfjs/files.ts";
import { tfjsModel } from "../../../../models/format/tfjs/layers-model.ts";
import { mlpLayout } from "../../../../models/kernel/layout.ts";
import { referenceEngine } from "../../../../models/kernel/reference.ts";
import { bundleInput, experiment, HEADS } from "../../../live/fixture.ts";

const e = experiment();

/** Loads a layers model as `tf.loadLayersModel(url)` does, from memory. */
function load(files: Readonly<Record<string, Uint8Array>>) {
  const json = JSON.parse(new TextDecoder().decode(files["model.json"]!));
  const [{ paths, weights }] = json.weightsManifest as [{ paths: string[]; weights: tf.io.WeightsManifestEntry[] }];
  const data = Buffer.concat(paths.map((path) => files[path]!));
  return loadLayersModel({
    load: async () => ({
      modelTopology: json.modelTopology,
      weightSpecs: weights,
      weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
      format: json.format,
      userDefinedMetadata: json.userDefinedMetadata,
    }),
  });
}

const tfjsFiles = (files: BundleFiles) =>
  Object.fromEntries(
    Object.entries(files).flatMap(([name, bytes]) => (name.startsWith("tfjs/") ? [[name.slice(5), bytes]] : [])),
  );

describe.each(["cpu", "wasm"])("an exported layers model in TensorFlow.js on %s", (backend) => {
  it.each(["tanh", "relu"] as const)(
    "gives the outputs of encoder and %s network to 1e-5, clip edges and unavailable features included",
    async (activation) => {
      await tf.setBackend(backend);
      const made = bundleInput(e, HEADS[0]!, undefined, []);
      // All features, the price itself included: the largest mean over its deviation that there is.
      const input = { ...made, snapshot: { ...made.snapshot, activation } };
      const files = buildBundle(input);
      const { policy, values, golden } = openBundle(files, "b");
      const model = await load(tfjsFiles(files));
      const { encoder, architecture } = policy;
      const inputs = encoder.features.length;
      const columns = encoder.features.map((name) => policy.features.findIndex((f) => f.name === name));

      // TensorFlow.js holds float32 alone: both sides are asked for the features that it can be given.
      const rows = golden.rows.map(Math.fround);
      const available = Uint8Array.from({ length: golden.width }, (_, f) => (f % 7 === 3 ? 0 : 1));
      for (const blind of [false, true]) {
        const given = Float32Array.from({ length: golden.count * inputs }, (_, i) => {
          const at = columns[i % inputs]!;
          const row = Math.floor(i / inputs);
          return blind && available[at] === 0 ? encoder.mean[i % inputs]! : rows[row * golden.width + at]!;
        });
        const x = new Float32Array(golden.count * inputs);
        const had = blind ? available : available.map(() => 1);
        makeEncoder(encoder, made.context.schema).encodeInto(x, rows, golden.count, had);
        const network = referenceEngine.mlp(networkOf(architecture, values).sizes, activation);
        network.parameters.values.set(values);
        const wanted = network.forward(x, golden.count);
        // Some inputs stand at the clip.
        expect(x.some((z) => Math.abs(z) === encoder.clip)).toBe(true);
        const found = tf.tidy(() =>
          (model.predict(tf.tensor2d(given, [golden.count, inputs])) as tf.Tensor).dataSync(),
        );
        for (const [i, y] of found.entries())
          expect(Math.abs(y - wanted[i]!), `output ${i}: ${y} for ${wanted[i]}`).toBeLessThanOrEqual(
            1e-5 * Math.max(1, Math.abs(wanted[i]!)),
          );
      }
      model.dispose();
    },
  );
});

describe("an exported layers model", () => {
  it("says what its inputs are and what the policy is worth", async () => {
    const files = buildBundle(bundleInput(e, HEADS[0]!));
    const { policy } = openBundle(files, "b");
    const model = await load(tfjsFiles(files));
    expect(model.getUserDefinedMetadata()).toMatchObject({
      inputs: policy.encoder.features,
      statement: policy.statement,
      id: "ppo",
    });
  });

  it("is cut into weight files of 4 MB", async () => {
    const sizes = [4, 1024, 1100, 1];
    const made = bundleInput(e, HEADS[0]!);
    const { policy } = openBundle(buildBundle(made), "b");
    const values = Float32Array.from({ length: mlpLayout(sizes).length }, (_, i) => Math.sin(i) / 40);
    const small = {
      ...policy,
      encoder: {
        ...policy.encoder,
        features: policy.encoder.features.slice(0, 4),
        mean: [0, 0, 0, 0],
        variance: [1, 1, 1, 1],
      },
      architecture: { kind: "mlp" as const, sizes, activation: "tanh" as const, distribution: "gaussian" as const },
    };
    const files = tfjsModel(small, values);
    expect(Object.keys(files)).toEqual(["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"]);
    await tf.setBackend("cpu");
    const model = await load(files);
    const network = referenceEngine.mlp(sizes, small.architecture.activation);
    network.parameters.values.set(values);
    const x = Float32Array.of(0.1, -0.2, 0.3, 0.4);
    const y = tf.tidy(() => (model.predict(tf.tensor2d(x, [1, 4])) as tf.Tensor).dataSync());
    expect(y[0]).toBeCloseTo(network.forward(x, 1)[0]!, 5);
    expect(
      layersModelFiles({ name: "none", layers: [], input: "x", output: "x", weights: [], metadata: {} }),
    ).toHaveProperty(["group1-shard1of1.bin"]);
  });
});
