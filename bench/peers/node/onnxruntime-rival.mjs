/** onnxruntime in Node, one thread, on the graph GREEKGYM_ONNX from raw features to intents, for the accounts of GREEKGYM_ROWS. */
import { readFileSync } from "node:fs";
import { packages, percentiles, serve } from "./serve.mjs";

const require = packages("node");
const ort = require("onnxruntime-node");

const latency = async (seconds) => {
  const session = await ort.InferenceSession.create(process.env.GREEKGYM_ONNX, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const calls = Math.max(200, Math.floor(20_000 * seconds));
  const rows = JSON.parse(readFileSync(process.env.GREEKGYM_ROWS, "utf8")).map((row) => Float64Array.from(row));
  const width = rows[0].length;
  const available = new ort.Tensor("bool", new Uint8Array(width).fill(1), [width]);
  let at = 0;
  // A new tensor a call, as a live loop makes one of each new observation.
  const decide = () => {
    at = (at + 1) % rows.length;
    return session.run({ features: new ort.Tensor("float64", rows[at], [1, width]), available });
  };
  await percentiles(decide, calls);
  return () => percentiles(decide, calls);
};

await serve({ latency }, require("onnxruntime-node/package.json").version);
