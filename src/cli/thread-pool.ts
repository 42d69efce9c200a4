import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { GreekgymError, InterruptedError } from "../core/errors.ts";
import { type Job, type JobContext, type JobPool, type JobResult, JobRunner, serialPool } from "../evaluate/jobs.ts";
import { pause, stopped, systemClock } from "./ports.ts";
import { THREAD_LIMITS } from "./thread-limits.ts";

interface Reply {
  readonly index: number;
  readonly result?: JobResult;
  readonly error?: { readonly message: string; readonly code: string; readonly exitCode: number };
}

function interrupted(): InterruptedError {
  return new InterruptedError("Stopped before the end; what was saved until then is kept.");
}

/** Lets signals through between two jobs of this process, and stops there when asked to. */
async function pauseOrStop(): Promise<void> {
  await pause();
  if (stopped()) throw interrupted();
}

/**
 * Runs jobs in `workers` threads, even where that is one: this process stays free to hear Ctrl-C. Results never depend on the number.
 * Throws an InterruptedError as soon as the user asks to stop. Threads start with the first jobs that need them; `close` ends them.
 */
export function makePool(workers: number, context: JobContext): JobPool {
  const entry = new URL(import.meta.resolve("#evaluation-worker"));
  // Under a development runner there may be no build: the same jobs then run here.
  if (!existsSync(fileURLToPath(entry))) return serialPool(new JobRunner(context, systemClock), pauseOrStop);
  const threads: Worker[] = [];
  return {
    run<J extends Job>(jobs: readonly J[], onDone?: (index: number, result: JobResult<J>) => void) {
      while (threads.length < Math.min(workers, jobs.length))
        threads.push(new Worker(entry, { workerData: context, resourceLimits: THREAD_LIMITS }));
      let watch: NodeJS.Timeout | undefined;
      return new Promise<JobResult<J>[]>((resolve, reject) => {
        const results: JobResult<J>[] = new Array(jobs.length);
        let next = 0;
        let done = 0;
        if (jobs.length === 0) return resolve([]);
        const fail = (error: unknown) => {
          for (const thread of threads) thread.removeAllListeners();
          reject(error);
        };
        watch = setInterval(() => {
          if (stopped()) fail(interrupted());
        }, 100);
        const feed = (thread: Worker) => {
          if (next < jobs.length) thread.postMessage({ index: next, job: jobs[next++] });
        };
        for (const thread of threads) {
          thread.removeAllListeners();
          thread.on("error", fail);
          thread.on("exit", (code) =>
            fail(new GreekgymError("worker", "A worker thread ended before its work was done.", { value: code })),
          );
          thread.on("message", (reply: Reply) => {
            if (reply.error !== undefined)
              return fail(new GreekgymError(reply.error.code, reply.error.message, {}, reply.error.exitCode));
            results[reply.index] = reply.result as JobResult<J>;
            done++;
            try {
              onDone?.(reply.index, reply.result as JobResult<J>);
            } catch (error) {
              return fail(error);
            }
            if (done === jobs.length) {
              for (const t of threads) t.removeAllListeners();
              resolve(results);
            } else feed(thread);
          });
          feed(thread);
        }
      }).finally(() => clearInterval(watch));
    },
    async close() {
      const ended = threads.splice(0);
      for (const thread of ended) thread.removeAllListeners();
      await Promise.all(ended.map((thread) => thread.terminate()));
    },
  };
}
