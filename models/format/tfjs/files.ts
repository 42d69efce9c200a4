/** Bytes of one weight file; TensorFlow.js cuts at 4 MB, which browsers cache. */
const SHARD_BYTES = 4 * 1024 * 1024;

export const TFJS_MODEL = "model.json";
/** Names of the weight files beside it. */
export const TFJS_SHARD = /^group1-shard\d+of\d+\.bin$/;

export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface LayersModel {
  readonly name: string;
  /** Layers of a functional Keras model, as JSON. */
  readonly layers: readonly object[];
  readonly input: string;
  readonly output: string;
  /** Which use of that layer: a model inside a model is first used where it was made, so that here it is 1. */
  readonly outputUse: number;
  readonly weights: readonly NamedWeight[];
  /** Anything JSON: found again as the loaded model's user-defined metadata. */
  readonly metadata: object;
}

/** The files of a TensorFlow.js layers model: `model.json` and its weights, little-endian. The same model gives the same bytes. */
export function layersModelFiles(model: LayersModel): Record<string, Uint8Array> {
  const data = weightBytes(model.weights);
  const count = Math.max(1, Math.ceil(data.length / SHARD_BYTES));
  const shards = Array.from({ length: count }, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    bytes: data.slice(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  }));
  const json = {
    format: "layers-model",
    generatedBy: "greekgym",
    convertedBy: null,
    modelTopology: {
      keras_version: "2.1.6",
      backend: "tensorflow",
      model_config: {
        class_name: "Model",
        config: {
          name: model.name,
          layers: model.layers,
          input_layers: [[model.input, 0, 0]],
          output_layers: [[model.output, model.outputUse, 0]],
        },
      },
    },
    weightsManifest: [
      {
        paths: shards.map((s) => s.name),
        weights: model.weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
      },
    ],
    userDefinedMetadata: model.metadata,
  };
  return {
    [TFJS_MODEL]: new TextEncoder().encode(`${JSON.stringify(json, null, 1)}\n`),
    ...Object.fromEntries(shards.map((s) => [s.name, s.bytes])),
  };
}

function weightBytes(weights: readonly NamedWeight[]): Uint8Array {
  const out = new Uint8Array(weights.reduce((n, w) => n + w.data.byteLength, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { data } of weights)
    for (const x of data) {
      view.setFloat32(at, x, true);
      at += 4;
    }
  return out;
}
