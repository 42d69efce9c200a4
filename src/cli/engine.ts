import { kernelEngine, trainingEngine } from "../../models/kernel/engine.ts";
import { expectRelaxedSimd } from "../../models/kernel/functions.ts";
import type { KernelTeam } from "../../models/kernel/team.ts";
import type { Engine } from "../core/contracts/network.ts";
import { ConfigError } from "../core/errors.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { architectureOfBundle } from "../live/bundle-folder.ts";

let engine: Engine | undefined;

/** The engine that commands use: the embedded SIMD kernels. */
export function defaultEngine(): Engine {
  engine ??= kernelEngine();
  return engine;
}

/** What computes the networks of an experiment. */
export interface Engines {
  /** Plays the policies that are scored and judged. */
  readonly playing: Engine;
  /** Computes what is learned, on the memory of a team where it can. */
  readonly learning: (team: KernelTeam) => Engine;
  /** As provenance has it. */
  readonly name: string;
  /** The file of the user's own network. */
  readonly model?: { readonly file: string; readonly sha256: string };
}

/** @throws GreekgymError `kernel` where the experiment asks for relaxed SIMD and the runtime has none: at once, not after the tuning. */
export function kernelEngines({ train }: Experiment): Engines {
  if (train.relaxedSimd) expectRelaxedSimd();
  return {
    playing: defaultEngine(),
    learning: (team) => trainingEngine(train.shards, team),
    name: train.relaxedSimd ? "kernel (wasm-relaxed-simd)" : "kernel (wasm-simd)",
  };
}

/** Loads what an experiment asks for; `path` is its file. @throws ConfigError where backend or model do not load. */
export async function enginesOf(experiment: Experiment, path: string): Promise<Engines> {
  const { engine: which, backend, model } = experiment.agent.network;
  if (which === "kernel") return kernelEngines(experiment);
  if (experiment.train.relaxedSimd)
    throw new ConfigError("Relaxed SIMD is of the kernel engine alone.", {
      which: "train.relaxedSimd",
      value: true,
      fix: "Set it to false, or agent.network.engine to kernel.",
    });
  const { tfjsEngine } = await import("../../models/tfjs/engine.ts");
  const name = `tfjs (${backend})`;
  if (model === undefined) {
    const learning = await tfjsEngine({ backend });
    // A perceptron is a perceptron on any engine; this is the one that will run it.
    return { playing: defaultEngine(), learning: () => learning, name };
  }
  const { inputNames, loadNetworkModel } = await import("./network-model.ts");
  const own = await loadNetworkModel(model, path);
  const features = inputNames(experiment);
  const both = await tfjsEngine({ backend, model: own.model, source: own.source, features });
  return { playing: both, learning: () => both, name, model: { file: own.file, sha256: own.sha256 } };
}

/** The engine that can play a bundle: TensorFlow.js for models of layers, the kernels for perceptrons. */
export async function engineOfBundle(folder: string): Promise<Engine> {
  if (architectureOfBundle(folder) !== "layers") return defaultEngine();
  const { tfjsEngine } = await import("../../models/tfjs/engine.ts");
  return tfjsEngine({ backend: "wasm", source: folder });
}
