import { parentPort, workerData } from "node:worker_threads";
import { type Job, type JobContext, JobRunner } from "../evaluate/jobs.ts";
import { systemClock } from "./ports.ts";

/** Entry of a worker thread: runs the jobs that it is sent, one after another. */
const runner = new JobRunner(workerData as JobContext, systemClock);

parentPort!.on("message", ({ index, job }: { index: number; job: Job }) => {
  try {
    parentPort!.postMessage({ index, result: runner.run(job) });
  } catch (error) {
    parentPort!.postMessage({ index, error: { message: error instanceof Error ? error.message : String(error) } });
  }
});
