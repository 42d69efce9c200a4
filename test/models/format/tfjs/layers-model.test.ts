import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { schemaOf } from "../../../../env/features/schema.ts";
import { makeEncoder } from "../../../../models/encoder/encoder.ts";
import { architectureOf } from "../../../../models/format/architecture.ts";
import { type BundleFiles, buildBundle, type OpenedBundle, openBundle } from "../../../../models/format/bundle.ts";
import { layersModelFiles } from "../../../../models/format/tfjs/files.ts";
import { tfjsModel } from "../../../../models/format/tfjs/layers-model.ts";
import { mlpLayout } from "../../../../models/kernel/layout.ts";
import { referenceEngine } from "../../../../models/kernel/reference.ts";
import { tfjsEngine } from "../../../../models/tfjs/engine.ts";
import type { Network } from "../../../../src/core/contracts/network.ts";
import { Random } from "../../../../src/core/random.ts";
import { bundleInput, experiment, HEADS } from "../../../live/fixture.ts";
import { attention, lstm } from "../../tfjs/models.ts";

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

/** Asks the exported model and the policy's own encoder and network for outputs on the golden rows, blind to some features or not. */
async function expectSame(
  files: Readonly<Record<string, Uint8Array>>,
  { policy, values, golden }: Omit<OpenedBundle, "hash">,
  network: Network,
): Promise<void> {
  const model = await load(files);
  const { encoder } = policy;
  const inputs = encoder.features.length;
  const columns = encoder.features.map((name) => policy.features.findIndex((f) => f.name === name));
  network.parameters.values.set(values);
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
    makeEncoder(encoder, schemaOf(policy.account)).encodeInto(x, rows, golden.count, had);
    const wanted = network.forward(x, golden.count).slice();
    // Some inputs stand at the clip.
    expect(x.some((z) => Math.abs(z) === encoder.clip)).toBe(true);
    const found = tf.tidy(() => (model.predict(tf.tensor2d(given, [golden.count, inputs])) as tf.Tensor).dataSync());
    for (const [i, y] of found.entries())
      expect(Math.abs(y - wanted[i]!), `output ${i}: ${y} for ${wanted[i]}`).toBeLessThanOrEqual(
        1e-5 * Math.max(1, Math.abs(wanted[i]!)),
      );
  }
  model.dispose();
}

describe.each(["cpu", "wasm"] as const)(
  "an exported layers model in TensorFlow.js on %s gives the outputs of encoder and network to 1e-5",
  (backend) => {
    // All features, the price itself included: the largest mean over its deviation that there is.
    const made = bundleInput(e, HEADS[0]!, undefined, []);

    it.each(["tanh", "relu"] as const)(
      "for a %s perceptron, clip edges and unavailable features included",
      async (activation) => {
        const snapshot = { ...made.snapshot, activation };
        await tf.setBackend(backend);
        const files = buildBundle({ ...made, snapshot });
        const network = referenceEngine.mlp(snapshot.sizes, activation);
        await expectSame(tfjsFiles(files), openBundle(files, "b"), network);
      },
    );

    it.each([
      ["LSTM", lstm],
      ["attention", attention],
    ] as const)("for a network of one's own: %s", async (_, model) => {
      // These take pairs of inputs.
      const leftOut = made.encoder.features.length % 2 === 0 ? [] : ["spot"];
      const { policy: own, golden } = openBundle(buildBundle(bundleInput(e, HEADS[0]!, undefined, leftOut)), "b");
      const engine = await tfjsEngine({ backend, model });
      const network = engine.mlp([own.encoder.features.length, 4], "tanh");
      network.initialise!(new Random(2, "test/tfjs-export"), { outputGain: 0.5 });
      const values = network.parameters.values.slice();
      const snapshot = { sizes: [network.inputs, 4], activation: "tanh", layers: network.layers!, values } as const;
      const policy = { ...own, architecture: architectureOf(snapshot, "gaussian") };
      await expectSame(tfjsModel(policy, values), { policy, values, golden }, network);
    });
  },
);

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
      layersModelFiles({ name: "none", layers: [], input: "x", output: "x", outputUse: 0, weights: [], metadata: {} }),
    ).toHaveProperty(["group1-shard1of1.bin"]);
  });
});
