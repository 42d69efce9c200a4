import type { Experiment } from "../evaluate/experiment.ts";
import { startThreads } from "../train/parallel/threads.ts";
import type { TrainingOrder } from "../train/training-env.ts";
import { type Engines, kernelEngines } from "./engine.ts";
import { spawnThread, threadsToUse } from "./training-threads.ts";

/** The engines and threads that an experiment trains with. */
export function trainingPorts(experiment: Experiment, engines: Engines = kernelEngines(experiment)) {
  const { envs, relaxedSimd } = experiment.train;
  // A thread needs an environment to play.
  const workers = Math.min(experiment.train.workers, envs);
  return {
    engine: engines.playing,
    learningEngine: engines.learning,
    threads: (order: TrainingOrder) =>
      startThreads(threadsToUse(workers), spawnThread(order), relaxedSimd ? "relaxed" : "exact"),
  };
}
