import { parentPort, workerData } from "node:worker_threads";
import { EXIT, GreekgymError } from "../core/errors.ts";
import { type Job, type JobContext, JobRunner } from "../evaluate/jobs.ts";
import { systemClock } from "./ports.ts";

/** Entry of a worker thread: runs the jobs that it is sent, one after another. */
const runner = new JobRunner(workerData as JobContext, systemClock);

parentPort!.on("message", ({ index, job }: { index: number; job: Job }) => {
  try {
    const result = runner.run(job);
    // A table moves to the main thread; else a copy of each would lie here until this thread collects.
    const columns = Object.values(result).filter(
      (column): column is Float64Array<ArrayBuffer> => column instanceof Float64Array,
    );
    parentPort!.postMessage(
      { index, result },
      columns.map(({ buffer }) => buffer),
    );
  } catch (error) {
    // An error keeps its code and exit code on the way to the main thread.
    const known = error instanceof GreekgymError;
    const message = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
    parentPort!.postMessage({
      index,
      error: { message, code: known ? error.code : "worker", exitCode: known ? error.exitCode : EXIT.failed },
    });
  }
});
