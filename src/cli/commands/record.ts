import type { Argv } from "yargs";
import { ConfigError } from "../../core/errors.ts";
import { SPLITS, type Split } from "../../core/random.ts";
import { dataOfSplit, judgedSplit } from "../../evaluate/experiment.ts";
import { recordSession } from "../../live/session.ts";
import { writeSession } from "../../live/session-file.ts";
import { loadExperiment, loadSeries } from "../experiment-file.ts";
import { printJson } from "../output.ts";

export const command = "record <experiment>";
export const describe = "Record a session of the simulated market, for shadow replays";

export function builder(yargs: Argv) {
  return yargs
    .positional("experiment", { type: "string", demandOption: true, describe: "Experiment file" })
    .option("to", { type: "string", demandOption: true, describe: "Session file to write (JSONL)" })
    .option("seed", { type: "number", describe: "Seed of the episode; default: the experiment's compare.seed" })
    .option("episode", { type: "number", default: 0, describe: "Number of the episode" })
    .option("split", { choices: SPLITS, describe: "Default: test for demos and validations, else select" })
    .option("set", { type: "string", array: true, default: [] as string[], describe: "path=value, overrides the file" })
    .option("data", { type: "string", describe: "Folder of recorded data (or GREEKGYM_DATA)" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on stdout" })
    .example("$0 record experiments/quickstart.yaml --to session.jsonl --episode 3", "one test episode");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const { experiment } = loadExperiment(args.experiment, args.set);
  const split = (args.split as Split | undefined) ?? judgedSplit(experiment, false);
  if (split === "test" && experiment.kind === "experiment")
    throw new ConfigError(
      "The test split of an experiment is not recorded: it is looked at only by `compare --final`.",
      {
        which: "--split",
        value: split,
        fix: "Record a train or select episode.",
      },
    );
  if (!Number.isInteger(args.episode) || args.episode < 0)
    throw new ConfigError("The number of an episode is wrong.", {
      which: "--episode",
      value: args.episode,
      fix: "Give a whole number, 0 or more.",
    });
  const seed = args.seed ?? experiment.compare.seed;
  const data = dataOfSplit(experiment, split, loadSeries(experiment, args.data));
  const lines = recordSession({ experiment, data, split, seed, episode: args.episode });
  writeSession(args.to, lines);
  const result = { session: args.to, split, seed, episode: args.episode, lines: lines.length };
  if (args.json) printJson(result);
  else
    process.stdout.write(
      `session  ${args.to}: ${lines.length} lines, ${split} episode ${args.episode} of seed ${seed}\n`,
    );
}
