import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { InitialGains, Json, LayersSpec, NetworkRole, ParameterSlice } from "../../src/core/contracts/network.ts";
import { ConfigError, CorruptFileError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/random.ts";
import { orthogonalMatrix } from "../nets/initialise.ts";
import type { TfjsBackend } from "./backends.ts";
import { type LayersPart, type Mirror, SharedFunction } from "./network.ts";
import type { TensorFlow } from "./tensorflow.ts";
import {
  canonicalTopology,
  checkLayers,
  constructorForm,
  type Described,
  outputLayer,
  withOutputs,
  withoutDraws,
  withSeeds,
} from "./topology.ts";

/** What a builder is asked for: a model [batch, inputs] → [batch, outputs], made with this `tf`. */
export interface ModelRequest {
  readonly tf: TensorFlow;
  readonly inputs: number;
  readonly outputs: number;
  readonly role: NetworkRole;
  /** Names of the inputs in their order, where they are known. */
  readonly features?: readonly string[];
}

/** Builds a researcher's own network, the default export of a model module. Its weights are not kept: learners draw them from their seed. */
export type ModelBuilder = (request: ModelRequest) => LayersModel;

/** A researcher's model: what builds it, or the topology of a `model.json`, whose last layer gets as many units as are asked for. */
export interface UserModel {
  readonly model: ModelBuilder | Json;
  /** Names it in errors. */
  readonly source: string;
  /** Names of the inputs. */
  readonly features?: readonly string[] | undefined;
}

/** A layers model that can be trained. */
export interface Layers {
  readonly shared: SharedFunction;
  readonly part: LayersPart;
}

const firstLines = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).trim().split("\n").slice(0, 3).join(" ");

/** Asks for a model and returns its topology. @throws ConfigError where the builder fails, or what it returns cannot be trained. */
export function topologyFor({ model, source, features }: UserModel, asked: ModelRequest): Json & Described {
  const { tf, outputs, role } = asked;
  const request = features === undefined ? asked : { ...asked, features };
  const which = `${source} (${role})`;
  const topology =
    typeof model === "function"
      ? canonicalTopology(describe(tf, model, request, which), which)
      : withOutputs(canonicalTopology(model, which), outputs);
  checkLayers(topology, which);
  return topology;
}

function describe(tf: TensorFlow, build: ModelBuilder, request: ModelRequest, which: string): Json {
  let built: unknown;
  try {
    built = build(request);
  } catch (cause) {
    throw new ConfigError("The model could not be built.", {
      which,
      value: firstLines(cause),
      fix: "Mend the module's build function: it is called with { tf, inputs, outputs, role }.",
      cause,
    });
  }
  if (!(built instanceof tf.LayersModel))
    throw new ConfigError("The build function did not return a layers model.", {
      which,
      value:
        built instanceof Promise ? "a promise" : typeof built === "object" ? built?.constructor?.name : typeof built,
      fix: "Return tf.sequential(…) or tf.model(…), made with the tf that build is given and without await.",
    });
  try {
    return JSON.parse(built.toJSON() as string) as Json;
  } catch (cause) {
    throw new ConfigError("The model cannot be written as JSON, so it could not be saved.", {
      which,
      value: firstLines(cause),
      fix: "Give layers of your own a className and a getConfig that returns plain values.",
      cause,
    });
  } finally {
    // Its numbers are not wanted. A builder may return one model twice, whose weights are gone the second time.
    if (!built.weights.some((w) => w.read().isDisposed)) built.dispose();
  }
}

/** Makes a model of a topology, or throws TensorFlow.js's own error. */
function instantiate(tf: TensorFlow, topology: Json): LayersModel {
  const { className, config } = constructorForm(topology) as { className: string; config: never };
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (known === undefined) throw new Error(`Unknown model class: ${className}`);
  const [type, fromConfig] = known;
  return (fromConfig as (...all: unknown[]) => unknown)(type, config) as LayersModel;
}

/** Where a network computes, and what errors call it. */
export interface Place {
  readonly tf: TensorFlow;
  /** Makes the backend current. */
  readonly use: () => void;
  readonly backend: TfjsBackend;
  readonly source: string;
}

/**
 * A network of a topology, parameters at 0: to be trained with the inputs and outputs that are `wanted`, or only played.
 * @throws ConfigError for layers that are unknown or do not work on this backend, or inputs and outputs of another shape.
 */
export function layersNetwork(
  { tf, use, backend, source }: Place,
  topology: Json & Described,
  wanted?: { readonly inputs: number; readonly outputs: number },
): Layers {
  const fail = (cause: unknown, short: string, fix: string) =>
    new ConfigError(short, { which: source, value: firstLines(cause), fix, cause });
  let model: LayersModel;
  try {
    model = instantiate(tf, withoutDraws(topology));
  } catch (cause) {
    throw fail(
      cause,
      "A model cannot be made from its layers.",
      "Use layers of TensorFlow.js; a class of your own must be registered first: tf.serialization.registerClass(YourLayer).",
    );
  }
  const shape = shapeOf(model, source, wanted);
  const mirrors = mirrorsOf(model);
  const shared = new SharedFunction(tf, use, { ...shape, mirrors }, (x) => model.apply(x) as never);
  try {
    const values = new Float32Array(shared.length);
    const [x, dy] = [new Float32Array(2 * shape.inputs), new Float32Array(2 * shape.outputs)];
    shared.value(x, 2, values);
    if (wanted !== undefined) shared.pullBack(x, dy, 2, values, values.slice(), "input too");
  } catch (cause) {
    throw fail(
      cause,
      `The model cannot be ${wanted === undefined ? "played" : "trained"} on the backend ${backend}.`,
      "Use other layers or another backend: cpu and tensorflow know more operations than wasm.",
    );
  }
  const weights = mirrors.map(({ slice: { name, shape: dims } }) => ({ name, shape: dims }));
  const spec: LayersSpec = { topology, weights };
  const name = String(outputLayer(topology)?.config.name);
  return { shared, part: { spec, draw: (out, random, gains) => draw(tf, use, spec, name, out, random, gains) } };
}

/** One input [batch, inputs], one output [batch, outputs], any batch. */
function shapeOf(
  model: LayersModel,
  source: string,
  wanted: { readonly inputs: number; readonly outputs: number } | undefined,
): { inputs: number; outputs: number } {
  const side = (name: "inputs" | "outputs") => {
    const shapes = model[name].map((t) => t.shape);
    const asked = wanted?.[name];
    const [only] = shapes;
    const width = only?.[1];
    const fits = shapes.length === 1 && only!.length === 2 && only![0] === null && typeof width === "number";
    if (!fits || (asked !== undefined && width !== asked))
      throw new ConfigError(`The model's ${name} have the wrong shape.`, {
        which: `${source}: ${name}`,
        value: shapes,
        fix: `Give it one ${name.slice(0, -1)} of shape [null, ${asked ?? name}]: any batch, ${asked ?? "its"} numbers a row.`,
      });
    return width;
  };
  return { inputs: side("inputs"), outputs: side("outputs") };
}

/** The weights in the model's own order, as slices of one flat vector. */
function mirrorsOf(model: LayersModel): Mirror[] {
  let offset = 0;
  const taken = new Map<string, number>();
  // A layer's own flag decides: its variables do not know of it.
  const trained = new Set(model.trainableWeights);
  return model.weights.map((weight) => {
    const dims = weight.shape as number[];
    const length = dims.reduce((product, n) => product * n, 1);
    const times = taken.get(weight.originalName) ?? 0;
    taken.set(weight.originalName, times + 1);
    const name = times === 0 ? weight.originalName : `${weight.originalName}#${times + 1}`;
    const slice: ParameterSlice = { name, shape: dims, offset, length };
    offset += length;
    return { slice, variable: weight.read() as Mirror["variable"], trained: trained.has(weight) };
  });
}

/**
 * Draws parameters as the layers' own initialisers say, each with a seed from `random`; the last layer is orthogonal times the output
 * gain, its bias 0, as in a perceptron: with gain 0 the network's output is exactly 0.
 */
function draw(
  tf: TensorFlow,
  use: () => void,
  { topology, weights }: LayersSpec,
  last: string,
  out: Float32Array,
  random: Random,
  gains: InitialGains,
): void {
  use();
  const model = instantiate(tf, withSeeds(topology, random));
  let offset = 0;
  for (const [i, weight] of model.weights.entries()) {
    const { name, shape } = weights[i]!;
    const values = tf.tidy(() => weight.read().dataSync());
    const slice = out.subarray(offset, offset + values.length);
    offset += values.length;
    if (name === `${last}/kernel`) orthogonalMatrix(slice, [shape[0]!, shape[1]!], gains.outputGain, random);
    else if (name === `${last}/bias`) slice.fill(0);
    else slice.set(values);
  }
  model.dispose();
}

/** A network from the layers of a checkpoint or bundle, to be played. @throws CorruptFileError where its weights are not those of its topology. */
export function layersOf(place: Place, spec: LayersSpec): Layers {
  const layers = layersNetwork(place, canonicalTopology(spec.topology, place.source));
  const list = (s: LayersSpec) => s.weights.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join("; ");
  if (list(layers.part.spec) !== list(spec))
    throw new CorruptFileError("The weights are not those of the layers.", {
      which: `${place.source}: weights`,
      value: list(spec),
      fix: `These layers have: ${list(layers.part.spec)}. Export the policy again.`,
    });
  return layers;
}
