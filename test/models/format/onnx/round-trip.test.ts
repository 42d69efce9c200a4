import { describe, expect, it } from "vitest";
import { bandFormula } from "../../../../agents/baselines/formulas/table.ts";
import { BASELINES, tunable } from "../../../../agents/baselines/registry.ts";
import { buildBundle, openBundle } from "../../../../models/format/bundle.ts";
import { checkGolden, intentsOf } from "../../../../models/format/golden.ts";
import { onnxModel } from "../../../../models/format/onnx/policy-graph.ts";
import type { PolicyJson } from "../../../../models/format/policy-json.ts";
import { referenceEngine } from "../../../../models/kernel/reference.ts";
import type { HeadSpec } from "../../../../src/core/contracts/heads.ts";
import { INTENT, INTENT_KIND, INTENT_WIDTH } from "../../../../src/core/contracts/intent.ts";
import type { Policy, PolicyContext } from "../../../../src/core/contracts/policy.ts";
import { ConfigError } from "../../../../src/core/errors.ts";
import { Random } from "../../../../src/core/random.ts";
import { type Experiment, experimentSchema } from "../../../../src/evaluate/experiment.ts";
import { makeLearnedPolicy } from "../../../../src/evaluate/learned-policy.ts";
import { allOn } from "../../../env/tasks/rebalance/flow-scenarios.ts";
import { bundleInput, experiment, HEADS } from "../../../live/fixture.ts";
import { onnxRuntime } from "../../../support/onnx.ts";

type Distribution = "gaussian" | "squashed";

const plain = experiment();
/** Flow, an oracle, an option slot beside a perpetual, volatility that moves. */
const everything = experimentSchema.parse({ kind: "demo", scenario: allOn() });

/** A bundle, its policy here, and its policy in ONNX Runtime. */
async function both(e: Experiment, head: HeadSpec, distribution?: Distribution) {
  const made = bundleInput(e, head);
  const snapshot = { ...made.snapshot, ...(distribution && { distribution }) };
  const { context, encoder } = made;
  const own = makeLearnedPolicy({ snapshot, encoder, head, context, engine: referenceEngine, id: "ppo" });
  const files = buildBundle({ ...made, snapshot, policy: own });
  const { policy, golden, values } = openBundle(files, "b");
  const model = await onnxRuntime(files["model.onnx"]!, golden.width);
  /** Throws where the graph's intents for rows differ from the policy's by more than 1e-5, absolute (in delta for one unit of book) or relative. */
  const compare = async (rows: Float64Array, available: Uint8Array) => {
    const count = rows.length / golden.width;
    const intents = new Float64Array(count * golden.outputs);
    own.decide(count, rows, available, new Float64Array(0), new Uint8Array(0), intents);
    const answers = await model.decide(rows, available);
    const answer: Policy = { ...own, decide: (_b, _f, _a, _m, _k, out) => out.set(answers) };
    checkGolden({ ...golden, count, rows, intents }, policy, answer, "onnxruntime", "graph");
    return intents;
  };
  return { own, policy, golden, values, model, context, compare };
}

function parameters(id: string, context: PolicyContext): Record<string, number> {
  const random = new Random(3, `test/onnx/${id}`);
  return Object.fromEntries(
    tunable(id, context).dimensions.map(({ name, low, high, scale }) => {
      const u = 0.3 + 0.4 * random.uniform();
      return [name, scale === "log" ? low * (high / low) ** u : low + (high - low) * u];
    }),
  );
}

/** Half of the features cannot be had, and hold 0. */
function without(rows: Float64Array, width: number): { rows: Float64Array; available: Uint8Array } {
  const available = Uint8Array.from({ length: width }, (_, f) => (f % 2 === 0 ? 0 : 1));
  return { available, rows: rows.map((x, i) => (available[i % width] === 1 ? x : 0)) };
}

interface Case {
  readonly name: string;
  readonly e: Experiment;
  readonly head: HeadSpec;
  readonly distribution?: Distribution;
}
const MENU: HeadSpec = { head: "menu", fractions: [0.5, 0, 1, -0.25], minimumTrade: 0.05 };
const CASES: readonly Case[] = [
  ...HEADS.map((head) => ({ name: head.head, e: plain, head })),
  { name: "band, squashed", e: plain, head: HEADS[0]!, distribution: "squashed" },
  { name: "gate+size, squashed", e: plain, head: HEADS[1]!, distribution: "squashed" },
  { name: "gate+size with an option slot", e: everything, head: { head: "gate+size", maxChange: 0.4 } },
  { name: "target with an option slot", e: everything, head: { head: "target", maxPosition: 1.2 } },
  { name: "menu with a lot and an option slot", e: everything, head: MENU },
];

describe("an exported graph gives the policy's intents to 1e-5 in ONNX Runtime", () => {
  it.each(CASES)(
    "for the head $name, on golden rows and where half of the features cannot be had",
    async ({ e, head, distribution }) => {
      const { golden, compare } = await both(e, head, distribution);
      const all = new Uint8Array(golden.width).fill(1);
      expect(await compare(golden.rows, all)).toEqual(golden.intents);
      const blind = without(golden.rows, golden.width);
      const intents = await compare(blind.rows, blind.available);
      expect(intents.some((x, i) => x !== golden.intents[i])).toBe(true);
    },
  );

  const spot = { name: "spot", kind: "spot", specification: "dex-spot-5bps", halfSpreadBps: 3 } as const;
  const flow = experimentSchema.parse({ kind: "demo", scenario: allOn({ slots: [spot] }) });
  const ids = BASELINES.filter((b) => b.reference).map((b) => b.id);
  it.each(ids)("for a band that starts from %s", async (baseline) => {
    const { context } = bundleInput(flow, HEADS[1]!);
    const reference = { baseline, params: parameters(baseline, context) };
    const { golden, compare } = await both(flow, { head: "band", reference, scale: 0.8 });
    await compare(golden.rows, new Uint8Array(golden.width).fill(1));
    const kinds = new Set(Array.from({ length: golden.count }, (_, i) => golden.intents[i * golden.outputs]!));
    expect([...kinds].sort()).toEqual([0, 1]);
    const blind = without(golden.rows, golden.width);
    await compare(blind.rows, blind.available);
  });
});

describe("an exported graph", () => {
  it("is the same bytes whenever it is made", async () => {
    const { policy, values, context } = await both(plain, HEADS[0]!);
    const { baseline, params } = (HEADS[0] as HeadSpec & { head: "band" }).reference;
    const make = () => onnxModel({ policy, values, formula: bandFormula(baseline, params, context) });
    expect(Buffer.compare(make(), make())).toBe(0);
  });

  it.each(HEADS)("never says `do nothing` where the network's output is not a number: $head", async (head) => {
    const { golden, model, own } = await both(plain, head);
    const row = golden.rows.slice(0, golden.width);
    row[1] = Number.NaN;
    expect(() => intentsOf(own, row, 1, golden.width, 1)).toThrow(/not a number|not finite/);
    const intents = await model.decide(row);
    expect(intents[INTENT.kind]).toBe(INTENT_KIND.trade);
    expect(intents[INTENT.change]).toBeNaN();
    expect(intents).toHaveLength(INTENT_WIDTH);
  });

  it("is refused, naming the layers, where the network is a model of TensorFlow.js layers", () => {
    const { policy, values } = openBundle(buildBundle(bundleInput(plain, HEADS[1]!)), "b");
    const architecture = {
      kind: "layers",
      inputs: 5,
      outputs: 2,
      topology: { class_name: "Sequential", config: { layers: [{ class_name: "LSTM" }, { class_name: "Dense" }] } },
      weights: [{ name: "w", shape: [1] }],
      distribution: "gaussian",
    } as const satisfies PolicyJson["architecture"];
    expect(() => onnxModel({ policy: { ...policy, architecture } as unknown as PolicyJson, values })).toThrow(
      /architecture.topology\n {2}value: \["LSTM","Dense"\]/,
    );
  });

  it("is refused, naming the rule, where the reference's band is no formula, and the bundle then has none", () => {
    const { policy, values } = openBundle(buildBundle(bundleInput(plain, HEADS[0]!)), "b");
    expect(() => onnxModel({ policy, values })).toThrow(ConfigError);
    expect(() => onnxModel({ policy, values })).toThrow(/head.reference.baseline\n {2}value: "delta-band"/);
    const { bandFormula: _, ...input } = bundleInput(plain, HEADS[0]!);
    expect(Object.keys(buildBundle(input))).not.toContain("model.onnx");
  });
});
