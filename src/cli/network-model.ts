import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { schemaOf } from "../../env/features/schema.ts";
import { featureConfig } from "../../env/tasks/rebalance/feature-config.ts";
import type { UserModel } from "../../models/tfjs/layers-model.ts";
import type { Json } from "../core/contracts/network.ts";
import { ConfigError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { guardFile } from "../store/file-errors.ts";
import { selectedFeatures } from "../train/deployment.ts";
import { locateExperiment } from "./experiment-file.ts";

/** The user's own network, and which file it came from. */
export interface NetworkModel extends UserModel {
  /** As the experiment names it. */
  readonly file: string;
  /** Of that file alone, not of what it imports. */
  readonly sha256: string;
}

const FIELD = "agent.network.model";

/**
 * Loads the model of an experiment: a module or a model.json beside the experiment file.
 * @throws ConfigError for a file that is missing, throws while it is loaded or has no default export that builds.
 */
export async function loadNetworkModel(file: string, experiment: string): Promise<NetworkModel> {
  const path = resolve(dirname(locateExperiment(experiment)), file);
  if (!existsSync(path))
    throw new ConfigError("The network's model does not exist.", {
      which: FIELD,
      value: file,
      fix: `Name a .mjs module or a model.json, relative to ${experiment}.`,
    });
  const bytes = guardFile(path, "read the model", () => readFileSync(path));
  const sha256 = sha256Hex(bytes);
  const source = `${FIELD}: ${file}`;
  const model = file.endsWith(".json")
    ? readTopology(bytes.toString("utf8"), file)
    : await importBuilder(path, sha256, file);
  return { file, sha256, source, model };
}

/** Names of what the experiment's networks are given, in their order. */
export function inputNames(experiment: Experiment): string[] {
  const schema = schemaOf(featureConfig(experiment.scenario));
  return selectedFeatures(experiment, schema).map((i) => schema.features[i]!.name);
}

function readTopology(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new ConfigError("The network's model is not JSON.", {
      which: FIELD,
      value: file,
      fix: "Name the model.json of a layers model.",
      cause,
    });
  }
}

async function importBuilder(path: string, sha256: string, file: string): Promise<UserModel["model"]> {
  let loaded: { readonly default?: unknown };
  try {
    // The hash is part of the name: a module that was changed is loaded anew.
    loaded = (await import(`${pathToFileURL(path).href}?sha256=${sha256}`)) as typeof loaded;
  } catch (cause) {
    throw new ConfigError("The network's module cannot be loaded.", {
      which: FIELD,
      value: file,
      fix: "Mend the module; it must be an ES module (.mjs) of plain JavaScript.",
      hints: [`Cause: ${cause instanceof Error ? `${cause.name}: ${cause.message.split("\n")[0]}` : String(cause)}`],
      cause,
    });
  }
  if (typeof loaded.default !== "function")
    throw new ConfigError("The network's module has no default export that builds a model.", {
      which: FIELD,
      value: file,
      fix: "Export it: export default function build({ tf, inputs, outputs, role }) { return tf.sequential(…); }",
    });
  return loaded.default as UserModel["model"];
}
