// Loaded into the program by NODE_OPTIONS=--import=…: ends the thread that was started last once the folder END_A_THREAD holds a run with three checkpoints.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

const root = process.env.END_A_THREAD;
if (isMainThread && root !== undefined) {
  let last;
  process.on("worker", (worker) => {
    last = worker;
  });
  const watch = setInterval(() => {
    const runs = existsSync(root) ? readdirSync(root).map((name) => join(root, name, "checkpoints")) : [];
    if (!runs.some((folder) => existsSync(folder) && readdirSync(folder).length >= 3)) return;
    clearInterval(watch);
    void last.terminate();
  }, 1);
  watch.unref();
}
