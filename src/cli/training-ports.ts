import type { Experiment } from "../evaluate/experiment.ts";
import { startThreads } from "../train/parallel/threads.ts";
import type { TrainingOrder } from "../train/training-env.ts";
import { defaultEngine, learningEngine } from "./engine.ts";
import { spawnThread, threadsToUse } from "./training-threads.ts";

/** The engines and threads that an experiment trains with. */
export function trainingPorts(experiment: Experiment) {
  return {
    engine: defaultEngine(),
    learningEngine: learningEngine(experiment),
    threads: (order: TrainingOrder) => startThreads(threadsToUse(experiment.train.workers), spawnThread(order)),
  };
}
