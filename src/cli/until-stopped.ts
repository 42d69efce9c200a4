import { InterruptedError } from "../core/errors.ts";
import { stopped } from "./ports.ts";

/** Waits for work in other threads, and gives up with an InterruptedError once the user asks to stop. */
export async function untilStopped<T>(work: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const stop = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (stopped()) reject(new InterruptedError(message));
    }, 100);
  });
  try {
    return await Promise.race([work, stop]);
  } finally {
    clearInterval(timer);
    // The threads are ended by the caller; what they would still say is of no interest.
    work.catch(() => undefined);
  }
}
