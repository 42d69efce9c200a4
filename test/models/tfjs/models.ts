import type { ModelBuilder } from "../../../models/tfjs/engine.ts";

/** A long short-term memory over pairs of inputs; needs an even number of them. */
export const lstm: ModelBuilder = ({ tf, inputs, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.reshape({ inputShape: [inputs], targetShape: [inputs / 2, 2] }),
      tf.layers.lstm({ units: 5, recurrentActivation: "sigmoid" }),
      tf.layers.dense({ units: outputs }),
    ],
  });

/** A first layer that is not trained. */
export const frozen: ModelBuilder = ({ tf, inputs, outputs }) =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, inputShape: [inputs], trainable: false, name: "fixed" }),
      tf.layers.dense({ units: outputs, name: "free" }),
    ],
  });

/** Self-attention over pairs of inputs, made of dense layers and dot products, with a gated recurrent unit beside it. */
export const attention: ModelBuilder = ({ tf, inputs, outputs }) => {
  const x = tf.input({ shape: [inputs] });
  const tokens = tf.layers.reshape({ targetShape: [inputs / 2, 2] }).apply(x) as typeof x;
  const project = () => tf.layers.dense({ units: 4 }).apply(tokens) as typeof x;
  const scores = tf.layers.dot({ axes: [2, 2] }).apply([project(), project()]) as typeof x;
  const weights = tf.layers.softmax({ axis: -1 }).apply(scores) as typeof x;
  const mixed = tf.layers.dot({ axes: [2, 1] }).apply([weights, project()]) as typeof x;
  const recurrent = tf.layers.gru({ units: 3, recurrentActivation: "sigmoid" }).apply(tokens) as typeof x;
  const pooled = tf.layers.globalAveragePooling1d().apply(mixed) as typeof x;
  const joined = tf.layers.concatenate().apply([pooled, recurrent]) as typeof x;
  const normal = tf.layers.layerNormalization().apply(joined) as typeof x;
  return tf.model({ inputs: x, outputs: tf.layers.dense({ units: outputs }).apply(normal) as typeof x });
};
