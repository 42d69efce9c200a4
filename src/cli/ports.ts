import { totalmem } from "node:os";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";

/** The machine's clocks: the only place that reads them. */
export const systemClock: Clock = {
  monotonicSeconds: () => performance.now() / 1000,
  wallMilliseconds: () => Date.now(),
};

/** Text for people, on stderr: stdout carries results. */
export const consoleLog: Log = {
  info: (message) => process.stderr.write(`${message}\n`),
  warn: (message) => process.stderr.write(`warning: ${message}\n`),
};

/** Bytes of memory that this process may use at all: the machine's, or the container's where that is less. */
export function usableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

/** Lets signals and messages through. */
export const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let stop = false;

/** True once the user pressed Ctrl-C or a supervisor sent SIGTERM. */
export const stopped = (): boolean => stop;

/** The first signal asks for a stop with everything saved; the second ends the process at once (files are whole at any moment). */
export function catchSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stop) process.exit(130);
      stop = true;
      process.stderr.write("\nstopping: saving first (again to stop at once)\n");
    });
  // Else a file that outgrows `ulimit -f` ends the process without a word; with it, write(2) fails and the error is told.
  process.on("SIGXFSZ", () => undefined);
}
