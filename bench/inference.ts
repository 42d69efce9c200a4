import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, own } from "./bench.ts";
import { decisions } from "./decisions.ts";
import { percentiles } from "./measure.ts";
import { onnxRuntime, TFJS_NATIVE, TFJS_WASM, TORCH } from "./peers/programs.ts";

const HEADS = ["band", "target"] as const;

/**
 * One decision: raw features of one account → encoder → 64-64 tanh network → mode of the distribution → action head → intents, by the policy
 * that evaluation, bundles and the shadow runner play. Each call is timed by itself and meets another account. onnxruntime plays the same
 * policy as its bundle exports it, on the same accounts. torch and tfjs run the bare network, 24-64-64-3, without features, encoder and head.
 */
export async function inference(bench: Bench): Promise<void> {
  const calls = Math.round(bench.sized(20_000, 200));
  const seconds = bench.seconds(1);
  const folder = mkdtempSync(join(tmpdir(), "greekgym-bench-"));
  try {
    for (const head of HEADS) {
      const { decide, features, rows, onnx } = decisions(head);
      const files = { model: join(folder, `${head}.onnx`), rows: join(folder, `${head}.json`) };
      writeFileSync(files.model, onnx());
      writeFileSync(files.rows, JSON.stringify(rows.map((row) => Array.from(row))));
      const rivals = [
        ...(await bench.rival(onnxRuntime("node", head, files), "onnxruntime in Node", "latency", seconds)),
        ...(await bench.rival(onnxRuntime("python", head, files), "onnxruntime in Python", "latency", seconds)),
      ];
      // The bare network is the same for both heads.
      const network =
        head === "band"
          ? [
              ...(await bench.rival(TORCH, "torch eager, network alone", "latency eager", seconds)),
              ...(await bench.rival(TORCH, "torch.jit, network alone", "latency scripted", seconds)),
              ...(await bench.rival(TFJS_WASM, "tfjs wasm, network alone", "latency", seconds)),
              ...(await bench.rival(TFJS_NATIVE, "tfjs-node native, network alone", "latency", seconds)),
            ]
          : [];
      await bench.compare({
        name: `one decision, ${features} raw features to intents, 64-64 tanh network, ${head} head`,
        quantities: [
          { name: "p50", unit: "us", better: "less" },
          { name: "p99", unit: "us", better: "less" },
        ],
        contenders: [own("greekgym", () => percentiles(decide, calls)), ...rivals, ...network],
        rounds: bench.rounds(5),
        warmups: 1,
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
