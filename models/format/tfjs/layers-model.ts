import { mlpLayout } from "../../kernel/layout.ts";
import { weightSlices } from "../architecture.ts";
import type { PolicyJson } from "../policy-json.ts";
import { layersModelFiles, type NamedWeight } from "./files.ts";

interface Layer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[];
}

/**
 * A policy's encoder and network as a TensorFlow.js layers model, for `tf.loadLayersModel`: file names → bytes.
 *   input   [null, I] float32: the encoder's features, raw, in the order of `encoder.features`; one that cannot be had is given its mean
 *   output  [null, O] float32: the network's output, which the action head of docs/heads.md turns into intents
 * Normalisation and clip are layers. The model is float32 throughout, as all of TensorFlow.js is: it answers as the policy does to features
 * that are rounded to float32.
 */
export function tfjsModel(policy: PolicyJson, values: Float32Array): Record<string, Uint8Array> {
  const { layers, weights } = topology(policy, values);
  return layersModelFiles({
    name: policy.id,
    layers: layers.map(({ class_name, name, config, inputs }) => ({
      class_name,
      name,
      config: { name, trainable: true, ...config },
      inbound_nodes: inputs.length === 0 ? [] : [inputs.map((i) => [i, 0, 0, {}])],
    })),
    input: layers[0]!.name,
    output: layers.at(-1)!.name,
    outputUse: policy.architecture.kind === "layers" ? 1 : 0,
    weights,
    metadata: {
      format: policy.format,
      version: policy.version,
      id: policy.id,
      statement: policy.statement,
      inputs: policy.encoder.features,
      whereUnavailable: policy.encoder.mean,
      head: policy.head,
      distribution: policy.architecture.distribution,
    },
  });
}

function topology({ encoder, architecture }: PolicyJson, values: Float32Array) {
  const size = encoder.features.length;
  const layers: Layer[] = [];
  const weights: NamedWeight[] = [];
  const add = (class_name: string, name: string, inputs: readonly string[], config: Layer["config"]) => {
    layers.push({ class_name, name, inputs, config });
    return name;
  };
  const weight = (name: string, shape: readonly number[], data: Float32Array) => weights.push({ name, shape, data });

  let x = add("InputLayer", "features", [], { batch_input_shape: [null, size], dtype: "float32", sparse: false });

  // What float32 loses of the mean is put back as the layer's shift.
  const deviation = encoder.variance.map((v) => Math.sqrt(v + encoder.epsilon));
  const mean = Float32Array.from(encoder.mean);
  x = add("BatchNormalization", "normalise", [x], { axis: -1, epsilon: 0, center: true, scale: true });
  weight("normalise/gamma", [size], new Float32Array(size).fill(1));
  weight(
    "normalise/beta",
    [size],
    mean.map((m, i) => (m - encoder.mean[i]!) / deviation[i]!),
  );
  weight("normalise/moving_mean", [size], mean);
  weight(
    "normalise/moving_variance",
    [size],
    Float32Array.from(deviation, (d) => d * d),
  );

  // Clip to ±c without a layer of its own: relu(z) and relu(-z), each cut off at c, and their difference.
  const negate = (name: string, of: string) => {
    add("BatchNormalization", name, [of], { axis: -1, epsilon: 0, center: false, scale: true });
    weight(`${name}/gamma`, [size], new Float32Array(size).fill(-1));
    weight(`${name}/moving_mean`, [size], new Float32Array(size));
    weight(`${name}/moving_variance`, [size], new Float32Array(size).fill(1));
    return name;
  };
  const upper = add("ReLU", "clip_above", [x], { max_value: encoder.clip });
  const lower = add("ReLU", "clip_below", [negate("mirror", x)], { max_value: encoder.clip });
  x = add("Add", "clipped", [upper, negate("mirror_back", lower)], {});

  if (architecture.kind === "layers") {
    // A model of the user's own is one layer of this one.
    const { class_name, config } = architecture.topology as unknown as Pick<Layer, "class_name" | "config">;
    add(class_name, String(config.name), [x], config);
    for (const { name, shape, offset, length } of weightSlices(architecture).slices)
      weight(name, shape, values.slice(offset, offset + length));
    return { layers, weights };
  }
  const dense = mlpLayout(architecture.sizes).layers;
  dense.forEach(({ inputs, outputs, weightOffset, biasOffset }, i) => {
    const activation = i + 1 < dense.length ? architecture.activation : "linear";
    x = add("Dense", `layer${i}`, [x], { units: outputs, activation, use_bias: true });
    weight(`layer${i}/kernel`, [inputs, outputs], values.slice(weightOffset, weightOffset + inputs * outputs));
    weight(`layer${i}/bias`, [outputs], values.slice(biasOffset, biasOffset + outputs));
  });
  return { layers, weights };
}
