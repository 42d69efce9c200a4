import { GreekgymError } from "../core/errors.ts";

/** What the user does with the checkpoint. */
const NEXT: Readonly<Record<string, (dir: string) => string>> = {
  diverged: (dir) =>
    `greekgym resume ${dir} goes on from it and meets the same numbers, so it stops here again unless the program has changed; with other settings, start another run.`,
  worker: (dir) => `greekgym resume ${dir} goes on from it, with the same result.`,
};

/**
 * The error to end training with: where a number was not finite or a thread was lost, the same one with the newest good checkpoint, and what can be done with it.
 * @param checkpoint its path; undefined where none was written
 */
export function withCheckpoint(error: unknown, dir: string, checkpoint: string | undefined): unknown {
  if (!(error instanceof GreekgymError)) return error;
  const next = NEXT[error.code];
  if (next === undefined) return error;
  return new GreekgymError(error.code, error.short, {
    ...(error.which === undefined ? {} : { which: error.which }),
    value: error.value,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    hints: [
      ...error.hints,
      checkpoint === undefined ? "No checkpoint had been written." : `The last good checkpoint is ${checkpoint}.`,
      next(dir),
    ],
    cause: error,
  });
}
