import { GreekgymError } from "../core/errors.ts";

/**
 * The error to end training with: where a number was not finite, the same one with the newest good checkpoint, and what can be done with it.
 * @param checkpoint its path; undefined where none was written
 */
export function withCheckpoint(error: unknown, dir: string, checkpoint: string | undefined): unknown {
  if (!(error instanceof GreekgymError) || error.code !== "diverged") return error;
  return new GreekgymError("diverged", error.short, {
    ...(error.which === undefined ? {} : { which: error.which }),
    value: error.value,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    hints: [
      ...error.hints,
      checkpoint === undefined ? "No checkpoint had been written." : `The last good checkpoint is ${checkpoint}.`,
      `greekgym resume ${dir} goes on from it and meets the same numbers, so it stops here again unless the program has changed; with other settings, start another run.`,
    ],
    cause: error,
  });
}
