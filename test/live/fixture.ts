import { bandFormula } from "../../agents/baselines/formulas/table.ts";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { featureConfig, RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import { type BundleFiles, type BundleInput, buildBundle, type PolicyNetwork } from "../../models/format/bundle.ts";
import { mlpLayout } from "../../models/kernel/layout.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import type { EncoderSpec } from "../../src/core/contracts/encoder.ts";
import type { HeadSpec } from "../../src/core/contracts/heads.ts";
import type { Engine } from "../../src/core/contracts/network.ts";
import type { Policy } from "../../src/core/contracts/policy.ts";
import { Random } from "../../src/core/random.ts";
import { type Experiment, experimentSchema } from "../../src/evaluate/experiment.ts";
import { makeLearnedPolicy } from "../../src/evaluate/learned-policy.ts";
import { testedRows } from "./tested-rows.ts";

/** One day of a short straddle with everything that can differ between a simulator and a replay: fees that vary, inclusion, reverts, lots, impact. */
export function experiment(changes: Record<string, unknown> = {}): Experiment {
  return experimentSchema.parse({
    kind: "demo",
    scenario: {
      name: "replay-test",
      market: {
        price: { model: "gbm", initial: 2000, volatility: 0.8, tick: 0.01 },
        impliedVolatility: { model: "mean-reverting", volatility: 0.7, volOfVol: 1.5, correlation: -0.3 },
        rate: 0.03,
      },
      chain: {
        fee: { model: "eip1559", medianGwei: 30 },
        inclusionBlocks: 2,
        priorityFeeGwei: 1,
        maxSlippageBps: 40,
        revertProbability: 0.1,
      },
      book: {
        legs: [
          { type: "call", quantity: -10, maturityDays: 3 },
          { type: "put", quantity: -10, maturityDays: 3 },
        ],
      },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [
        {
          name: "spot",
          kind: "spot",
          specification: "dex-spot-5bps",
          halfSpreadBps: 3,
          impactCoefficient: 0.5,
          dailyVolume: 20000,
          transientFraction: 0.5,
        },
      ],
      maturityDays: 1,
      stepSeconds: 60,
      decisionInterval: "10m",
      ...changes,
    },
  });
}

export const REFERENCE = { baseline: "delta-band", params: { halfWidth: 0.08, initialHedge: 0.5 } } as const;

export const HEADS: readonly HeadSpec[] = [
  { head: "band", reference: REFERENCE, scale: 1 },
  { head: "gate+size", maxChange: 0.5 },
  { head: "target", maxPosition: 1.5 },
  { head: "menu", fractions: [0, 0.5, 1] },
];
function outputsOf(head: HeadSpec, slots: number): number {
  if (head.head === "menu") return head.fractions.length;
  return { band: 4, "gate+size": 2 * slots, target: slots }[head.head];
}

/** Anything that depends on features, but for those left out, as a trained actor does: literal seeds, weights large enough to matter. */
export function actor(
  e: Experiment,
  head: HeadSpec,
  engine: Engine = referenceEngine,
  data?: ScenarioData,
  leftOut: readonly string[] = ["spot"],
) {
  const env = new RebalanceEnv({
    scenario: e.scenario,
    numEnvs: 1,
    split: "test",
    seed: 3,
    unit: e.unit,
    ...(data && { data }),
  });
  const { context } = env;
  const baseline = createBaseline(REFERENCE.baseline, REFERENCE.params, context);
  const met = testedRows({
    experiment: e,
    split: "test",
    seed: 3,
    policy: baseline,
    episodes: 4,
    rows: 600,
    ...(data && { data }),
  });
  const width = context.schema.features.length;
  const n = met.length / width;
  const names = context.schema.features.map((f) => f.name).filter((name) => !leftOut.includes(name));
  const columns = names.map((name) => context.schema.features.findIndex((f) => f.name === name));
  const mean = columns.map((f) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += met[i * width + f]!;
    return sum / n;
  });
  const variance = columns.map((f, j) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (met[i * width + f]! - mean[j]!) ** 2;
    return sum / n;
  });
  const encoder: EncoderSpec = { features: names, clip: 4, mean, variance, epsilon: 1e-8 };
  const sizes = [names.length, 12, outputsOf(head, e.scenario.slots.length)];
  const random = new Random(11, "test/actor");
  const values = Float32Array.from({ length: mlpLayout(sizes).length }, () => 0.25 * random.normal());
  const snapshot: PolicyNetwork = { sizes, activation: "tanh", values };
  const policy: Policy = makeLearnedPolicy({ snapshot, encoder, head, context, engine, id: "ppo" });
  return { context, encoder, head, snapshot, policy, baseline };
}

export function bundleInput(
  e: Experiment,
  head: HeadSpec = HEADS[0]!,
  data?: ScenarioData,
  leftOut?: readonly string[],
): BundleInput {
  const { context, encoder, snapshot, policy } = actor(e, head, referenceEngine, data, leftOut);
  return {
    id: "ppo",
    account: featureConfig(e.scenario),
    context,
    snapshot,
    encoder,
    head,
    reference: REFERENCE,
    bandFormula,
    provenance: {
      runId: "r1",
      scenario: { name: e.scenario.name, version: 1, hash: "0".repeat(64) },
      seed: 1,
      steps: 1000,
      gitSha: null,
      configHash: "1".repeat(64),
    },
    evaluation: {
      split: "test",
      episodes: 100,
      seed: 1,
      objective: { name: "mean-plus-sd", unit: "bps of notional", direction: "minimise", k: 1.5 },
      verdict: {
        value: "worse",
        delta: 0.02,
        contender: "ppo",
        against: "delta-band",
        sentence: "It costs 3 bps more.",
      },
      contenders: [],
    },
    rows: testedRows({ experiment: e, split: "test", seed: 5, policy, episodes: 3, rows: 500, ...(data && { data }) }),
    policy,
    knownFailures: ["gaps larger than 10%"],
  };
}

export function bundleFiles(e: Experiment, head?: HeadSpec): BundleFiles {
  return buildBundle(bundleInput(e, head));
}

/** Whether two bundles hold the same files, byte for byte; a matcher would take seconds over the arrays. */
export function same(a: BundleFiles, b: BundleFiles): boolean {
  const names = Object.keys(a).sort();
  return (
    names.join() === Object.keys(b).sort().join() && names.every((name) => Buffer.compare(a[name]!, b[name]!) === 0)
  );
}
