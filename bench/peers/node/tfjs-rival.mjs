/** TensorFlow.js on the backend that the first argument names (wasm or tensorflow): the PPO update and a decision's latency. */
import { packages, percentiles, rate, serve } from "./serve.mjs";

const backend = process.argv[2];
// The Node addon prints a banner to stdout, which carries answers alone.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
// The package asks for a helper that Node 23 took away.
const { default: util } = await import("node:util");
util.isNullOrUndefined ??= (x) => x === null || x === undefined;
util.isArray ??= Array.isArray;
const require = packages(backend === "tensorflow" ? "tfjs-node" : "node");
const tf = require(backend === "tensorflow" ? "@tensorflow/tfjs-node" : "@tensorflow/tfjs");
if (backend === "wasm") {
  const { setThreadsCount } = require("@tensorflow/tfjs-backend-wasm");
  setThreadsCount(1);
}
await tf.setBackend(backend);
await tf.ready();
process.stdout.write = write;

const HALF_LOG_TWO_PI = 0.9189385332046727;

function network(outputs) {
  return [
    [24, 64],
    [64, 64],
    [64, outputs],
  ].map(([a, b]) => [tf.variable(tf.randomNormal([a, b], 0, a ** -0.5)), tf.variable(tf.zeros([b]))]);
}

function apply(layers, x) {
  let y = x;
  layers.forEach(([weight, bias], i) => {
    y = tf.add(tf.matMul(y, weight), bias);
    if (i < layers.length - 1) y = tf.tanh(y);
  });
  return y;
}

const update = (batch) => async (seconds) => {
  const actor = network(3);
  const critic = network(1);
  const logStd = tf.variable(tf.zeros([3]));
  const variables = [...actor.flat(), ...critic.flat(), logStd];
  const x = tf.randomNormal([batch, 24]);
  const noise = tf.randomNormal([batch, 3]);
  const action = tf.tidy(() => apply(actor, x).add(noise));
  const old = tf.tidy(() =>
    noise
      .square()
      .mul(-0.5)
      .sum(-1)
      .sub(3 * HALF_LOG_TWO_PI),
  );
  const raw = tf.randomNormal([batch]);
  const target = tf.randomNormal([batch]);
  const optimiser = tf.train.adam(2.5e-4, 0.9, 0.999, 1e-5);
  const loss = () => {
    const { mean, variance } = tf.moments(raw);
    const advantage = raw.sub(mean).div(variance.sqrt().add(1e-8));
    const z = action.sub(apply(actor, x)).mul(logStd.neg().exp());
    const logProbability = z.square().mul(-0.5).sub(logStd).sub(HALF_LOG_TWO_PI).sum(-1);
    const ratio = logProbability.sub(old).exp();
    const surrogate = tf.maximum(advantage.neg().mul(ratio), advantage.neg().mul(ratio.clipByValue(0.8, 1.2))).mean();
    const entropy = logStd.add(0.5 + HALF_LOG_TWO_PI).sum();
    const value = apply(critic, x).squeeze([-1]).sub(target).square().mean();
    return surrogate.sub(entropy.mul(0.01)).add(value.mul(0.5));
  };
  const step = () =>
    tf.tidy(() => {
      const { grads } = tf.variableGrads(loss, variables);
      const squares = tf.addN(Object.values(grads).map((g) => g.square().sum()));
      const factor = tf.minimum(1, tf.div(0.5, squares.sqrt().add(1e-6)));
      optimiser.applyGradients(Object.fromEntries(Object.entries(grads).map(([k, g]) => [k, g.mul(factor)])));
    });
  // Operations may be queued: reading a weight waits for them.
  const sync = () => void actor[0][0].dataSync();
  for (let i = 0; i < 3; i++) step();
  sync();
  return () => rate(step, batch, seconds, sync);
};

const latency = async (seconds) => {
  const actor = network(3);
  const x = Float32Array.from({ length: 24 }, (_, i) => 0.1 * i - 1);
  const decide = () => tf.tidy(() => apply(actor, tf.tensor2d(x, [1, 24])).dataSync());
  const calls = Math.max(100, Math.floor(4000 * seconds));
  await percentiles(decide, calls);
  return () => percentiles(decide, calls);
};

await serve(
  { ...Object.fromEntries([256, 1024, 4096].map((b) => [`update ${b}`, update(b)])), latency },
  tf.version["tfjs-core"],
);
