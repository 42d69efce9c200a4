import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Contender } from "./measure.ts";

const entry = new URL("./separate-training.js", import.meta.url);

/**
 * Two trainings that share nothing, at once, each on one core: the most that two workers could gain on this machine in this hour. Two cores of a
 * rented machine may be one core of its host, and then even these gain little. None under a development runner: threads need the build.
 */
export function separateTrainings(batch: number, epochs: number, seconds: number): Contender[] {
  if (!existsSync(fileURLToPath(entry))) return [];
  const workers = [1, 2].map(() => new Worker(entry, { workerData: { batch, epochs } }));
  return [
    {
      name: "greekgym, two separate trainings, samples of both",
      ours: true,
      version: "",
      round: async () => {
        const answers = workers.map((worker) => once(worker, "message") as Promise<[number[]]>);
        for (const worker of workers) worker.postMessage(seconds);
        const rates = await Promise.all(answers);
        return [rates.reduce((sum, [[speed]]) => sum + speed!, 0)];
      },
      close: () => {
        for (const worker of workers) void worker.terminate();
      },
    },
  ];
}
