/**
 * A long short-term memory over horizons: returns, volatilities and base fees, each over the slow and then the fast horizon, are read as a
 * sequence of two steps; what the memory ends with joins all features before the output.
 */
export default function build({ tf, inputs, outputs, features }) {
  const x = tf.input({ shape: [inputs] });
  const horizons = ["slow", "fast"];
  const series = ["return", "realised_volatility", "base_fee"];
  const names = horizons.flatMap((horizon) => series.map((name) => `${name}_${horizon}`));
  const steps = tf.layers.reshape({ targetShape: [horizons.length, series.length] }).apply(
    columns(
      tf,
      x,
      names.map((name) => place(name, features)),
    ),
  );
  const memory = tf.layers.lstm({ units: 16, recurrentActivation: "sigmoid" }).apply(steps);
  const joined = tf.layers.concatenate().apply([x, memory]);
  const hidden = tf.layers.dense({ units: 32, activation: "tanh" }).apply(joined);
  return tf.model({ inputs: x, outputs: tf.layers.dense({ units: outputs }).apply(hidden) });
}

function place(name, features) {
  const at = features.indexOf(name);
  if (at < 0) throw new Error(`the feature "${name}" is not among agent.features`);
  return at;
}

/** The columns of x [batch, inputs] at these places, in this order. */
function columns(tf, x, places) {
  const inputs = x.shape[1];
  const upright = tf.layers.reshape({ targetShape: [inputs, 1, 1] }).apply(x);
  const one = (at) =>
    tf.layers
      .cropping2D({
        cropping: [
          [at, inputs - 1 - at],
          [0, 0],
        ],
      })
      .apply(upright);
  return tf.layers.flatten().apply(tf.layers.concatenate({ axis: 1 }).apply(places.map(one)));
}
