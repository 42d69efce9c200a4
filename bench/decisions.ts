import { bandFormula } from "../agents/baselines/formulas/table.ts";
import { createBaseline } from "../agents/baselines/registry.ts";
import { makeActionHead } from "../agents/shared/action-head.ts";
import { box } from "../env/core/spaces.ts";
import { featureConfig, RebalanceEnv } from "../env/tasks/rebalance/rebalance-env.ts";
import { buildBundle } from "../models/format/bundle.ts";
import { kernelEngine } from "../models/kernel/engine.ts";
import { orthogonalInitialise } from "../models/nets/initialise.ts";
import type { HeadSpec } from "../src/core/contracts/heads.ts";
import { INTENT_WIDTH } from "../src/core/contracts/intent.ts";
import { Random } from "../src/core/random.ts";
import { makeLearnedPolicy } from "../src/evaluate/learned-policy.ts";
import { quickstart } from "./training-speed.ts";

const ACCOUNTS = 512;

/** A policy of a 64-64 network on the quickstart's features, and a function that has it decide for one account after another. */
export function decisions(head: "band" | "target") {
  const { scenario } = quickstart(1, 1, 1);
  const env = new RebalanceEnv({ scenario, numEnvs: ACCOUNTS, split: "train", seed: 1 });
  env.reset({ seed: 1 });
  const { context, extractor } = env;
  const names = extractor.schema.features.map((f) => f.name);
  const { width } = extractor;
  // Accounts in the middle of an episode that delta hedging brought there: no two alike.
  const rule = createBaseline("delta", {}, context);
  const intents = new Float64Array(ACCOUNTS * INTENT_WIDTH);
  const available = new Uint8Array(width).fill(1);
  const none = new Float64Array(0);
  const mask = new Uint8Array(0);
  for (let t = 0; t < 10; t++) {
    rule.decide(ACCOUNTS, env.features, available, none, mask, intents);
    env.step(intents);
  }
  const rows = Array.from({ length: ACCOUNTS }, (_, b) => env.features.slice(b * width, (b + 1) * width));

  const reference = { baseline: "composite", params: createBaseline("composite", {}, context).params };
  const spec: HeadSpec = head === "band" ? { head, reference, scale: 1 } : { head, maxPosition: 1.5 };
  const outputs = head === "band" ? 4 : context.slots.length;
  const bounds = (at: number) => Array.from({ length: outputs }, () => at);
  const sizes = [width, 64, 64, makeActionHead(box(bounds(-1), bounds(1)), "gaussian", 0).distribution.outputs];
  const engine = kernelEngine();
  const network = engine.mlp(sizes, "tanh");
  orthogonalInitialise(network, new Random(1, "bench/decisions"), { hiddenGain: Math.SQRT2, outputGain: 1 });
  const statistics = names.map((_, i) => {
    const values = rows.map((row) => row[i]!);
    const mean = values.reduce((a, b) => a + b, 0) / ACCOUNTS;
    return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / ACCOUNTS };
  });
  const snapshot = { sizes, activation: "tanh", values: network.parameters.values.slice() } as const;
  const encoder = {
    features: names,
    clip: 10,
    epsilon: 1e-8,
    mean: statistics.map((s) => s.mean),
    variance: statistics.map((s) => s.variance),
  };
  const policy = makeLearnedPolicy({ snapshot, encoder, head: spec, context, engine, id: "bench" });
  const out = new Float64Array(context.slots.length * INTENT_WIDTH);
  let at = 0;
  const decide = () => {
    policy.decide(1, rows[at]!, available, none, mask, out);
    at = (at + 1) % ACCOUNTS;
  };
  /** The same policy as its bundle's ONNX graph: raw features in, intents out. */
  const onnx = () =>
    buildBundle({
      id: "bench",
      account: featureConfig(scenario),
      context,
      snapshot,
      encoder,
      head: spec,
      reference,
      bandFormula,
      provenance: {
        runId: "bench",
        scenario: { name: scenario.name, version: scenario.version, hash: "" },
        seed: 1,
        steps: 0,
        gitSha: null,
        configHash: "",
      },
      evaluation: null,
      rows: env.features.slice(),
      policy,
    })["model.onnx"]!;
  return { decide, features: width, policy, rows, onnx };
}
