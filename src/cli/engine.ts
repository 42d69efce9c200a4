import { kernelEngine, trainingEngine } from "../../models/kernel/engine.ts";
import type { KernelTeam } from "../../models/kernel/team.ts";
import type { Engine } from "../core/contracts/network.ts";
import type { Experiment } from "../evaluate/experiment.ts";

let engine: Engine | undefined;

/** The engine that commands use: the embedded SIMD kernels. */
export function defaultEngine(): Engine {
  engine ??= kernelEngine();
  return engine;
}

/** The engine that an experiment's learner computes with, on the memory of its team. */
export function learningEngine({ train }: Experiment): (team: KernelTeam) => Engine {
  return (team) => trainingEngine(train.shards, team);
}
