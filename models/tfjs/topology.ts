import type { Json } from "../../src/core/contracts/network.ts";
import { ConfigError } from "../../src/core/errors.ts";
import type { Random } from "../../src/core/random.ts";

/** A layer, model or initialiser in a topology: its class and how to make it. */
export interface Described {
  readonly class_name: string;
  readonly config: { readonly [key: string]: Json };
}

const isRecord = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isDescribed = (value: Json): value is { readonly [key: string]: Json } & Described =>
  isRecord(value) && typeof value.class_name === "string" && isRecord(value.config);

/** Rewrites a JSON value from its leaves up; `key` is the nearest name above. */
function rewrite(value: Json, change: (value: Json, key: string) => Json, key = ""): Json {
  if (Array.isArray(value)) return change(value.map((item: Json) => rewrite(item, change, key)) as Json, key);
  if (!isRecord(value)) return change(value, key);
  return change(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, rewrite(v, change, k)])), key);
}

/** Everything with a class and a config, outside in. */
function described(value: Json): Described[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => described(item));
  if (!isRecord(value)) return [];
  const inside = Object.values(value).flatMap(described);
  return isDescribed(value) ? [value, ...inside] : inside;
}

/**
 * Takes a topology out of what holds it (a `model.json` of TensorFlow.js or of a Keras converter) and gives layers that were named by
 * counting (lstm_LSTM7) names that depend on the model alone (lstm_1): the same model has the same topology in every process.
 * @throws ConfigError where there is no layers model in it.
 */
export function canonicalTopology(json: Json, source: string): Json & Described {
  let value = json;
  for (const wrapper of ["modelTopology", "model_config"])
    if (isRecord(value) && wrapper in value) value = value[wrapper]!;
  if (!isDescribed(value))
    throw new ConfigError("This is not the topology of a layers model.", {
      which: source,
      value: isRecord(value) ? Object.keys(value) : value,
      fix: "Give the model.json of a layers model: it holds class_name and config; graph models cannot be trained.",
    });
  const { class_name, config } = value;
  const all = described(value).flatMap(({ class_name: type, config: { name } }) =>
    typeof name === "string" ? [{ type, name }] : [],
  );
  const given = new Set(all.flatMap(({ type, name }) => (isCounted(type, name) ? [] : [name])));
  const names = new Map<string, string>();
  for (const { type, name } of all) {
    if (names.has(name) || given.has(name)) continue;
    let count = 1;
    while (given.has(`${snakeCase(type)}_${count}`)) count++;
    names.set(name, `${snakeCase(type)}_${count}`);
    given.add(`${snakeCase(type)}_${count}`);
  }
  const renamed = rewrite({ class_name, config }, (v) => (typeof v === "string" ? (names.get(v) ?? v) : v));
  return renamed as Json & Described;
}

/** Whether TensorFlow.js or Keras made the name, by counting: lstm_LSTM1, dense_2, sequential_1, model1, input1. */
function isCounted(type: string, name: string): boolean {
  const snake = snakeCase(type);
  const word = name.replace(/\d+$/, "");
  return word !== name && [`${snake}_${type}`, `${snake}_`, snake, snake.replace(/_layer$/, "")].includes(word);
}

/** As TensorFlow.js does for the names it counts: LSTM → lstm, Conv1D → conv1_d. */
function snakeCase(name: string): string {
  const intermediate = name.replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2");
  const words = intermediate.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
  return words.startsWith("_") ? `private${words}` : words;
}

/** The layer that gives the output, where it is a layer of the model itself. */
export function outputLayer(topology: Described): Described | undefined {
  const { layers, output_layers: outputs } = topology.config as { layers?: Json; output_layers?: Json };
  const all = Array.isArray(layers) ? (layers as Json[]).filter(isDescribed) : [];
  if (outputs === undefined) return all.at(-1);
  const [first] = outputs as Json[];
  const name = Array.isArray(first) ? (first[0] as Json) : first;
  return all.find((layer) => layer.config.name === name);
}

/** The same model with this many outputs: its last layer's units are set. */
export function withOutputs(topology: Json & Described, units: number): Json & Described {
  const last = outputLayer(topology);
  const name = last?.config.name;
  return rewrite(topology, (value) =>
    isDescribed(value) && value.class_name === "Dense" && value.config.name === name
      ? { ...value, config: { ...value.config, units } }
      : value,
  ) as Json & Described;
}

/** All initialisers give zeros: for a model whose weights are written anyway. */
export function withoutDraws(topology: Json): Json {
  return rewrite(topology, (value, key) => (isInitialiser(value, key) ? { class_name: "Zeros", config: {} } : value));
}

/** Initialisers that draw without a seed of their own get one from `random`, in the order of the topology. */
export function withSeeds(topology: Json, random: Random): Json {
  return rewrite(topology, (value, key) =>
    isInitialiser(value, key) && "seed" in value.config && value.config.seed === null
      ? { ...value, config: { ...value.config, seed: random.integer(2 ** 31) } }
      : value,
  );
}

const isInitialiser = (value: Json, key: string): value is { readonly [key: string]: Json } & Described =>
  key.endsWith("_initializer") && isDescribed(value);

/** What a layer does only where TensorFlow.js itself trains: silently nothing here, so it is refused. */
const TRAINING_ONLY: Readonly<Record<string, string>> = {
  BatchNormalization: "its running statistics would never move; use LayerNormalization",
  Dropout: "nothing is dropped",
  AlphaDropout: "nothing is dropped",
  GaussianDropout: "nothing is dropped",
  SpatialDropout1D: "nothing is dropped",
  GaussianNoise: "no noise is added",
  RandomWidth: "no width is drawn",
};

/**
 * Refuses what learners do not do for a network: they ask for the same outputs of the same inputs, and add no terms to the loss.
 * @throws ConfigError naming layer, field and value.
 */
export function checkLayers(topology: Json & Described, source: string): void {
  const refuse = (layer: Described, field: string, value: unknown, why: string) =>
    new ConfigError("The model has a layer that cannot be trained here.", {
      which: `${source}: ${layer.class_name} "${String(layer.config.name)}"${field}`,
      value,
      fix: `Leave it out: ${why}.`,
    });
  for (const layer of described(topology)) {
    const why = TRAINING_ONLY[layer.class_name];
    if (why !== undefined) throw refuse(layer, "", layer.class_name, why);
    for (const [key, value] of Object.entries(layer.config)) {
      if (/_(regularizer|constraint)$/.test(key) && value !== null)
        throw refuse(layer, `, ${key}`, value, "learners add no penalty and project no weights");
      if (/^(recurrent_)?dropout$/.test(key) && typeof value === "number" && value > 0)
        throw refuse(layer, `, ${key}`, value, "nothing is dropped");
      if (key === "stateful" && value === true)
        throw refuse(layer, `, ${key}`, value, "a policy remembers nothing between decisions");
    }
  }
  const last = outputLayer(topology);
  if (last?.class_name !== "Dense" || (last.config.activation ?? "linear") !== "linear")
    throw new ConfigError("The model must end in a dense layer without activation.", {
      which: `${source}: last layer`,
      value: last === undefined ? "none" : `${last.class_name}, activation ${String(last.config.activation)}`,
      fix: "End it with tf.layers.dense({ units: outputs }): action heads and values take any number, and start from this layer's gain.",
    });
}

/** Keys and words as the constructors of layers want them: `recurrent_activation: "hard_sigmoid"` → `recurrentActivation: "hardSigmoid"`; names stay. */
export function constructorForm(value: Json, key = ""): Json {
  if (typeof value === "string") return key === "name" ? value : camelCase(value);
  if (Array.isArray(value))
    return (value as Json[]).map((item, i) =>
      // The first entry of a connection is a layer's name.
      i === 0 && typeof item === "string" && /^(inboundNodes|inputLayers|outputLayers)$/.test(key)
        ? item
        : constructorForm(item, key),
    );
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => {
      const name = camelCase(k);
      return [name, constructorForm(v, name)];
    }),
  );
}

const camelCase = (word: string) =>
  word.length <= 1 ? word : word.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());
