import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Contender } from "./measure.ts";

const entry = new URL("./separate-training.js", import.meta.url);

/**
 * Two trainings that share nothing, at once, each on one core: about the most that two workers could gain on this machine in this hour. Two cores of a
 * rented machine may be one core of its host, and then even these gain little. None under a development runner: threads need the build.
 */
export function separateTrainings(batch: number, epochs: number, seconds: number): Contender[] {
  if (!existsSync(fileURLToPath(entry))) return [];
  const workers = [1, 2].map(() => new Worker(entry, { workerData: { batch, epochs } }));
  return [
    {
      name: "greekgym, two separate trainings, samples of both",
      ours: true,
      yardstick: true,
      version: "",
      round: async () => {
        const rates = await Promise.all(workers.map((worker) => answer(worker, seconds)));
        return [rates.reduce((sum, speed) => sum + speed, 0)];
      },
      close: () => {
        for (const worker of workers) void worker.terminate();
      },
    },
  ];
}

/** The samples a second of one thread's round. Rejects where the thread fails or ends. */
function answer(worker: Worker, seconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
      then();
    };
    worker.once("message", ([speed]: [number]) => settle(() => resolve(speed)));
    worker.once("error", (error) => settle(() => reject(error)));
    worker.once("exit", (code) => settle(() => reject(new Error(`A training thread ended with ${code}.`))));
    worker.postMessage(seconds);
  });
}
