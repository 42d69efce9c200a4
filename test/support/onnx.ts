import * as ort from "onnxruntime-web";
import { ONNX_PORTS } from "../../models/format/onnx/policy-graph.ts";

// One thread: more would need workers that outlive the test.
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** Loads an exported graph in ONNX Runtime (its WebAssembly build: the same operators in Node and browsers, and nothing to install). */
export async function onnxRuntime(bytes: Uint8Array, width: number) {
  const session = await ort.InferenceSession.create(bytes as Uint8Array<ArrayBuffer>);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    /** Intents of rows [batch*F]. */
    async decide(rows: Float64Array, available: Uint8Array = new Uint8Array(width).fill(1)): Promise<Float64Array> {
      const { [ONNX_PORTS.intents]: out } = await session.run({
        [ONNX_PORTS.features]: new ort.Tensor("float64", rows as Float64Array<ArrayBuffer>, [
          rows.length / width,
          width,
        ]),
        [ONNX_PORTS.available]: new ort.Tensor("bool", available as Uint8Array<ArrayBuffer>, [width]),
      });
      return out!.data as Float64Array;
    },
  };
}
