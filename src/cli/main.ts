#!/usr/bin/env node
import { hideBin } from "yargs/helpers";
import { EXIT, GreekgymError } from "../core/errors.ts";
import { makeParser } from "./parser.ts";
import { catchSignals } from "./ports.ts";

/** Prints an error for people: what, which, value, fix; the stack only where GREEKGYM_DEBUG is set. */
function report(error: unknown): number {
  const known = error instanceof GreekgymError;
  const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${known ? `${error.code}: ` : "unexpected: "}${text}\n`);
  if (known && process.env.GREEKGYM_DEBUG && error.stack) process.stderr.write(`${error.stack}\n`);
  if (!known) process.stderr.write("This is a bug in greekgym: please report it with the lines above.\n");
  return known ? error.exitCode : EXIT.failed;
}

catchSignals();
// A reader that has gone (`| head`) is not an error.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.done);
    // A full disk behind a redirection: nothing more can be said on this stream.
    if (stream === process.stdout) process.stderr.write(`storage: stdout cannot be written (${error.code}).\n`);
    process.exit(EXIT.failed);
  });

try {
  await makeParser(hideBin(process.argv), process.stderr.columns || 110).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
