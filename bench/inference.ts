import { type Bench, own } from "./bench.ts";
import { decisions } from "./decisions.ts";
import { percentiles } from "./measure.ts";
import { TFJS_NATIVE, TFJS_WASM, TORCH } from "./peers/programs.ts";

const HEADS = ["band", "target"] as const;

/**
 * One decision: raw features of one account → encoder → 64-64 tanh network → mode of the distribution → action head → intents, by the policy
 * that evaluation, bundles and the shadow runner play. Each call is timed by itself and meets another account.
 * torch and tfjs run the bare network, 24-64-64-3, without features, encoder and head.
 */
export async function inference(bench: Bench): Promise<void> {
  const calls = Math.round(bench.sized(20_000, 200));
  const seconds = bench.seconds(1);
  const ours = HEADS.map((head) => {
    const { decide, features } = decisions(head);
    const name = `greekgym, ${features} features, ${head} head`;
    return own(name, () => percentiles(decide, calls));
  });
  const rivals = [
    ...(await bench.rival(TORCH, "torch eager, network alone", "latency eager", seconds)),
    ...(await bench.rival(TORCH, "torch.jit, network alone", "latency scripted", seconds)),
    ...(await bench.rival(TFJS_WASM, "tfjs wasm, network alone", "latency", seconds)),
    ...(await bench.rival(TFJS_NATIVE, "tfjs-node native, network alone", "latency", seconds)),
  ];
  await bench.compare({
    name: "one decision, raw features to intents, 64-64 tanh network",
    quantities: [
      { name: "p50", unit: "us", better: "less" },
      { name: "p99", unit: "us", better: "less" },
    ],
    contenders: [...ours, ...rivals],
    rounds: bench.rounds(5),
    warmups: 1,
  });
}
