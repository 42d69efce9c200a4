/**
 * A small attention network: each of `tokens` learned mixtures of the features attends to the others, softmax(Q K') V, and the mean of what
 * they become goes to the output.
 */
export default function build({ tf, inputs, outputs }) {
  const [tokens, width] = [6, 8];
  const x = tf.input({ shape: [inputs] });
  const mixed = tf.layers.dense({ units: tokens * width, activation: "tanh" }).apply(x);
  const sequence = tf.layers.reshape({ targetShape: [tokens, width] }).apply(mixed);
  const project = () => tf.layers.dense({ units: width, useBias: false }).apply(sequence);
  const scores = tf.layers.dot({ axes: [2, 2] }).apply([project(), project()]);
  const weights = tf.layers.softmax({ axis: -1 }).apply(scores);
  const attended = tf.layers.dot({ axes: [2, 1] }).apply([weights, project()]);
  const joined = tf.layers.layerNormalization().apply(tf.layers.add().apply([sequence, attended]));
  const pooled = tf.layers.globalAveragePooling1d().apply(joined);
  const hidden = tf.layers.dense({ units: 32, activation: "tanh" }).apply(pooled);
  return tf.model({ inputs: x, outputs: tf.layers.dense({ units: outputs }).apply(hidden) });
}
