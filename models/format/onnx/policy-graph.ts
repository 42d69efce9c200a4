import type { BandFormula } from "../../../src/core/contracts/formulas.ts";
import type { HeadSpec } from "../../../src/core/contracts/heads.ts";
import { INTENT_FIELDS, INTENT_KIND, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import { ConfigError } from "../../../src/core/errors.ts";
import { headFormula, menuMask, type SlotChanges } from "../../heads/head-formulas.ts";
import { mlpLayout } from "../../kernel/layout.ts";
import type { PolicyJson } from "../policy-json.ts";
import { contextOf } from "../policy-json.ts";
import { GraphWriter, type Tensor } from "./graph.ts";
import { GraphFormulas, type Truth } from "./graph-formulas.ts";
import { encodeOnnx, OPERATOR_SET } from "./model.ts";

/** Names of the graph's inputs and its output. */
export const ONNX_PORTS = { features: "features", available: "available", intents: "intents" } as const;

export interface OnnxInput {
  readonly policy: PolicyJson;
  /** The network's parameters, flat. */
  readonly values: Float32Array;
  /** The band of the head's reference rule: needed by the `band` head. */
  readonly formula?: BandFormula | undefined;
}

/**
 * The bytes of a policy's ONNX model: raw features in, intents out, with encoder, network and action head inside.
 *   features   double [N, F]   raw features in the bundle's order and units; unavailable ones hold 0
 *   available  bool [F]        false where a feature cannot be had
 *   intents    double [N, S, 6]  as a policy's `decide` writes them
 * Everything but the network is computed in float64, as it is here. Where the network's output is not a number, so is the change.
 * Throws a ConfigError naming the rule or architecture that a graph cannot express.
 */
export function onnxModel({ policy, values, formula }: OnnxInput): Uint8Array {
  const { architecture, account, features } = policy;
  if (architecture.kind !== "mlp")
    throw new ConfigError("A model of TensorFlow.js layers cannot be written as an ONNX graph.", {
      which: "architecture.topology",
      value: layerClasses(architecture.topology),
      fix: "Export to tfjs, whose layers model holds the policy's network as it is.",
    });
  const graph = new GraphWriter();
  const index = new Map(features.map(({ name }, i) => [name, i]));
  const column = (name: string) => {
    const at = index.get(name);
    if (at === undefined)
      throw new ConfigError("A policy's head reads a feature that its description does not list.", {
        which: "features",
        value: name,
        fix: "Export the policy again.",
      });
    return at;
  };
  const f = new GraphFormulas(graph, { tensor: ONNX_PORTS.features }, column);
  const x = graph.within("encoder", () => encoder(f, policy, column));
  const y = graph.within("network", () => network(graph, architecture, values, x));
  graph.within("head", () => head(f, policy, y, formula));

  return encodeOnnx({
    name: policy.id,
    description: policy.statement,
    metadata: {
      format: policy.format,
      version: String(policy.version),
      id: policy.id,
      statement: policy.statement,
      features: JSON.stringify(features),
      intents: JSON.stringify({ slots: account.slots.map((s) => s.name), fields: INTENT_FIELDS }),
      bookSize: String(policy.context.bookSize),
      scenario: `${policy.provenance.scenario.name} v${policy.provenance.scenario.version}`,
      scenarioHash: policy.provenance.scenario.hash,
      runId: policy.provenance.runId,
      operatorSet: String(OPERATOR_SET),
    },
    inputs: [
      {
        name: ONNX_PORTS.features,
        type: "double",
        shape: ["N", features.length],
        description: "Raw features in the order and units of the metadata; unavailable ones hold 0.",
      },
      {
        name: ONNX_PORTS.available,
        type: "bool",
        shape: [features.length],
        description: "False where a feature cannot be had.",
      },
    ],
    outputs: [
      {
        name: ONNX_PORTS.intents,
        type: "double",
        shape: ["N", account.slots.length, INTENT_WIDTH],
        description: `One intent a slot: ${INTENT_FIELDS.join(", ")}.`,
      },
    ],
    constants: graph.constants,
    nodes: graph.nodes,
  });
}

/** Classes of a topology's layers, for people. */
function layerClasses(topology: unknown): string[] {
  const { config } = topology as { config?: { layers?: readonly { class_name?: unknown }[] } };
  return [...new Set((config?.layers ?? []).map((layer) => String(layer.class_name)))];
}

/** Selected features → network input, float32 [N, I]. */
function encoder(f: GraphFormulas, { encoder: spec }: PolicyJson, column: (name: string) => number): Tensor {
  const { graph } = f;
  const size = [spec.features.length];
  const at = spec.features.map(column);
  const raw = f.features(spec.features);
  const known = graph.columns({ tensor: ONNX_PORTS.available }, at, 0);
  const mean = graph.constant("mean", size, Float64Array.from(spec.mean));
  const deviation = graph.constant(
    "deviation",
    size,
    Float64Array.from(spec.variance, (v) => Math.sqrt(v + spec.epsilon)),
  );
  const z = f.min(f.max(f.divide(f.subtract(raw, mean), deviation), -spec.clip), spec.clip);
  return graph.node("Cast", [f.choose({ truth: known }, z, 0)], { to: 1 });
}

/** Network input → its outputs, float32 [N, O]. */
function network(
  graph: GraphWriter,
  architecture: Extract<PolicyJson["architecture"], { kind: "mlp" }>,
  values: Float32Array,
  input: Tensor,
): Tensor {
  const { layers } = mlpLayout(architecture.sizes);
  const activation = { tanh: "Tanh", relu: "Relu" }[architecture.activation];
  let x = input;
  layers.forEach(({ inputs, outputs, weightOffset, biasOffset }, i) => {
    x = graph.within(`layer${i}`, () => {
      const w = graph.constant(
        "weight",
        [inputs, outputs],
        values.slice(weightOffset, weightOffset + inputs * outputs),
      );
      const b = graph.constant("bias", [outputs], values.slice(biasOffset, biasOffset + outputs));
      const sum = graph.node("Gemm", [x, w, b]);
      return i + 1 < layers.length ? graph.node(activation, [sum]) : sum;
    });
  });
  return x;
}

/** Network outputs → intents, float64 [N, S, 6]. */
function head(f: GraphFormulas, policy: PolicyJson, y: Tensor, formula: BandFormula | undefined): void {
  const { graph } = f;
  const spec = policy.head as HeadSpec;
  const context: PolicyContext = contextOf(policy, { version: 1, features: [] });
  const outputs = graph.node("Cast", [y], { to: 11 });
  const actions =
    spec.head === "menu"
      ? graph.within("choice", () => choice(f, spec, outputs))
      : graph.within("action", () => boxAction(f, policy.architecture.distribution, outputs));
  const changes = headFormula(f, spec, context, (i) => graph.columns(actions, [i]), formula);
  graph.within("intents", () => intents(f, changes, outputs));
}

/** Deterministic action within ±1: the mean, or the median where it is squashed. */
function boxAction(f: GraphFormulas, distribution: string, outputs: Tensor): Tensor {
  const mode = distribution === "squashed" ? f.tanh(outputs) : outputs;
  return f.min(f.max(mode, -1), 1);
}

/** The likeliest allowed fraction, the first of equals: [N, 1]. */
function choice(f: GraphFormulas, spec: HeadSpec & { head: "menu" }, logits: Tensor): Tensor {
  const { graph } = f;
  const scores = menuMask(f, spec).map((allowed, k) => {
    const own = graph.columns(logits, [k]);
    return allowed === true ? own : f.choose(allowed, own, Number.NEGATIVE_INFINITY);
  });
  const table = graph.node("Concat", scores, { axis: 1 });
  const likeliest = graph.node("ArgMax", [table], { axis: 1, keepdims: 1 });
  const fractions = graph.constant("fractions", [spec.fractions.length], Float64Array.from(spec.fractions));
  return graph.node("Gather", [fractions, likeliest], { axis: 0 });
}

function intents(f: GraphFormulas, changes: SlotChanges<Tensor>, outputs: Tensor): void {
  const { graph } = f;
  // No NaN may end as "do nothing".
  const nan = graph.node("Cast", [graph.node("IsNaN", [outputs])], { to: 11 });
  const broken: Truth = f.greater(f.total(nan), 0);
  const fields = changes.flatMap((change, s) => {
    const traded = change === undefined ? undefined : f.choose(broken, Number.NaN, change);
    /** A column of one number. */
    const all = (value: number) => f.choose(broken, value, value);
    const kind =
      traded === undefined ? all(INTENT_KIND.none) : f.choose(f.equal(traded, 0), INTENT_KIND.none, INTENT_KIND.trade);
    return [kind, all(s), traded ?? all(0), all(0), all(0), all(1)];
  });
  const flat = graph.node("Concat", fields, { axis: 1 });
  const shape = graph.constant("shape", [3], BigInt64Array.of(-1n, BigInt(changes.length), BigInt(INTENT_WIDTH)));
  graph.node("Reshape", [flat, shape], {}, ONNX_PORTS.intents);
}
