import yargs from "yargs";
import { EXIT } from "../core/errors.ts";
import { commands } from "./commands.ts";
import { version } from "./version.ts";

/** The whole command line, for `width` columns: what main.ts runs and docs/cli.md is made of. */
export function makeParser(words: readonly string[], width: number) {
  let parser = yargs(words)
    .scriptName("greekgym")
    .usage("$0 <command>\n\nWhen, and how much, should an options book be rebalanced?")
    // The texts are English whatever the system speaks: half a translation helps nobody.
    .locale("en")
    .version(version())
    .strict()
    .recommendCommands()
    .demandCommand(1, "Name a command.")
    .parserConfiguration({ "strip-dashed": true, "greedy-arrays": false, "duplicate-arguments-array": true })
    .wrap(Math.min(110, width))
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
  return parser;
}
