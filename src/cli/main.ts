#!/usr/bin/env node
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { EXIT, GreekgymError } from "../core/errors.ts";
import { commands } from "./commands.ts";
import { catchSignals } from "./ports.ts";
import { version } from "./version.ts";

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
    throw error;
  });

let parser = yargs(hideBin(process.argv))
  .scriptName("greekgym")
  .usage("$0 <command>\n\nWhen, and how much, should an options book be rebalanced?")
  .version(version())
  .strict()
  .recommendCommands()
  .demandCommand(1, "Name a command.")
  .parserConfiguration({ "strip-dashed": true, "greedy-arrays": false, "duplicate-arguments-array": true })
  .wrap(Math.min(110, process.stderr.columns || 110))
  .help()
  .alias("help", "h")
  .completion("completion", "Print a shell completion script")
  .fail((message, error, y) => {
    if (error) throw error;
    y.showHelp("error");
    process.stderr.write(`\nusage: ${message}\n`);
    process.exit(EXIT.usage);
  });
for (const command of commands) parser = parser.command(command as never);

try {
  await parser.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
