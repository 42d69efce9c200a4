import type { LayersSpec } from "../../src/core/contracts/network.ts";
import { mlpLayout } from "../kernel/layout.ts";
import type { PolicyJson } from "./policy-json.ts";

/** The network of a policy as numbers. */
export interface PolicyNetwork {
  /** [inputs, hidden..., outputs]; of layers [inputs, outputs]. */
  readonly sizes: readonly number[];
  readonly activation: "tanh" | "relu";
  /** Set where the network is no perceptron but a model of TensorFlow.js layers; the activation means nothing then. */
  readonly layers?: LayersSpec;
  /** Flat parameters: of a perceptron as models/kernel/layout.ts lays them out, of layers in the order of their weights. */
  readonly values: Float32Array;
  /** How outputs become the deterministic action; default: categorical for the menu head, gaussian for the others. */
  readonly distribution?: "gaussian" | "squashed" | "categorical";
}

export type Architecture = PolicyJson["architecture"];

/** A network as a policy's description has it. */
export function architectureOf(
  { sizes, activation, layers }: PolicyNetwork,
  distribution: Architecture["distribution"],
): Architecture {
  if (layers === undefined) return { kind: "mlp", sizes: [...sizes], activation, distribution };
  const weights = layers.weights.map(({ name, shape }) => ({ name, shape: [...shape] }));
  const topology = layers.topology as Extract<Architecture, { kind: "layers" }>["topology"];
  return { kind: "layers", inputs: sizes[0]!, outputs: sizes.at(-1)!, topology, weights, distribution };
}

/** The network that a description means, with its parameters. */
export function networkOf(architecture: Architecture, values: Float32Array): PolicyNetwork {
  const { distribution } = architecture;
  if (architecture.kind === "mlp") {
    const { sizes, activation } = architecture;
    return { sizes, activation, values, distribution };
  }
  const { inputs, outputs, topology, weights } = architecture;
  return { sizes: [inputs, outputs], activation: "tanh", layers: { topology, weights }, values, distribution };
}

/** Numbers of a row of network input. */
export function inputsOf(architecture: Architecture): number {
  return architecture.kind === "mlp" ? architecture.sizes[0]! : architecture.inputs;
}

/** The tensors of a network and where they lie in its flat parameters. */
export function weightSlices(architecture: Architecture): {
  slices: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly offset: number;
    readonly length: number;
  }[];
  length: number;
} {
  if (architecture.kind === "mlp") return mlpLayout(architecture.sizes);
  let length = 0;
  const slices = architecture.weights.map(({ name, shape }) => {
    const slice = { name, shape, offset: length, length: shape.reduce((product, n) => product * n, 1) };
    length += slice.length;
    return slice;
  });
  return { slices, length };
}
