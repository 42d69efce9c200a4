import type { Engine } from "../../src/core/contracts/network.ts";
import { canonicalJson } from "../../src/core/hash.ts";
import { Adam, type AdamOptions, plainAdamBackend } from "../optim/adam.ts";
import type { TfjsBackend } from "./backends.ts";
import {
  type Layers,
  layersNetwork,
  layersOf,
  type ModelBuilder,
  topologyFor,
  type UserModel,
} from "./layers-model.ts";
import { type SharedFunction, TfjsNetwork } from "./network.ts";
import { perceptron } from "./perceptron.ts";
import { loadTensorFlow } from "./tensorflow.ts";

export interface TfjsOptions {
  readonly backend: TfjsBackend;
  /** The user's own network instead of perceptrons. */
  readonly model?: UserModel["model"];
  /** Names the model in errors, e.g. its file. */
  readonly source?: string;
  /** Names of the networks' inputs, told to the model. */
  readonly features?: readonly string[];
  /** Loads the native library, where it is not found as `@tensorflow/tfjs-node`. */
  readonly native?: () => Promise<unknown>;
}

export type { ModelBuilder };

/**
 * An engine on TensorFlow.js, loaded now. Afterwards every call is synchronous and leaves no tensor behind. The same seed gives the same
 * bytes on one backend; backends differ in rounding.
 * @throws ConfigError where the backend does not load.
 */
export async function tfjsEngine(options: TfjsOptions): Promise<Engine> {
  const { backend, model, source = "model", features, native } = options;
  const tf = await loadTensorFlow(backend, native);
  // Backends are loaded when they get here, and changing between loaded ones takes effect at once.
  const use = () => {
    if (tf.getBackend() !== backend) void tf.setBackend(backend);
  };
  const perceptrons = new Map<string, SharedFunction>();
  const models = new Map<string, Layers>();
  const keep = <T>(known: Map<string, T>, key: string, make: () => T): T => {
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
  return {
    name: `tfjs-${backend}`,
    mlp(sizes, activation, role = "actor") {
      use();
      const [inputs, outputs] = [sizes[0]!, sizes.at(-1)!];
      if (model === undefined)
        return new TfjsNetwork(
          keep(perceptrons, `${activation} ${sizes.join()}`, () => perceptron(tf, use, sizes, activation)),
        );
      const topology = topologyFor({ model, source, features }, { tf, inputs, outputs, role });
      const { shared, part } = keep(models, `train ${canonicalJson(topology)}`, () =>
        layersNetwork({ tf, use, backend, source: `${source} (${role})` }, topology, { inputs, outputs }),
      );
      return new TfjsNetwork(shared, part);
    },
    layers(spec) {
      use();
      const { shared, part } = keep(models, `play ${canonicalJson(spec.topology)}`, () =>
        layersOf({ tf, use, backend, source }, spec),
      );
      return new TfjsNetwork(shared, part);
    },
    array: (length) => new Float32Array(length),
    adam: (options: AdamOptions) => new Adam(plainAdamBackend, options),
  };
}
