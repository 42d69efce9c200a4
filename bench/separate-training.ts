import { parentPort, workerData } from "node:worker_threads";
import { oneCore } from "./engines.ts";
import { UpdateLearner } from "./update-learner.ts";

/** A thread of `separateTrainings`: trains alone for as many seconds as it is told, and answers [samples/s]. */
const { batch, epochs } = workerData as { batch: number; epochs: number };
const learner = new UpdateLearner(oneCore().engine, batch, epochs);
parentPort!.on("message", (seconds: number) => parentPort!.postMessage(learner.round(seconds)));
