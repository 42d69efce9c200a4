/** onnxruntime in Node, one thread, on the graph whose path GREEKGYM_ONNX holds. */
import { packages, percentiles, serve } from "./serve.mjs";

const require = packages("node");
const ort = require("onnxruntime-node");

const latency = async (seconds) => {
  const session = await ort.InferenceSession.create(process.env.GREEKGYM_ONNX, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const calls = Math.max(200, Math.floor(20_000 * seconds));
  const inputs = session.inputMetadata.map(({ name, type, shape }) => {
    const dims = shape.map((d) => (typeof d === "number" && d > 0 ? d : 1));
    const length = dims.reduce((a, b) => a * b, 1);
    const data = type === "float64" ? new Float64Array(length).fill(0.3) : new Float32Array(length).fill(0.3);
    return { name, type, dims, data };
  });
  // A new tensor a call, as a live loop makes one of each new observation.
  const decide = () =>
    session.run(
      Object.fromEntries(inputs.map(({ name, type, data, dims }) => [name, new ort.Tensor(type, data, dims)])),
    );
  await percentiles(decide, calls);
  return () => percentiles(decide, calls);
};

await serve({ latency }, require("onnxruntime-node/package.json").version);
