import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Argv } from "yargs";
import { loadConfig } from "../../core/yaml-config.ts";
import { experimentSchema } from "../../evaluate/experiment.ts";
import { loadSeries } from "../experiment-file.ts";
import { finishedText } from "../finished-text.ts";
import { printJson } from "../output.ts";
import { continueRun, readRunConfig } from "../run-experiment.ts";

export const command = "resume <run>";
export const describe = "Go on with an interrupted or crashed run, bit for bit";

export function builder(yargs: Argv) {
  return yargs
    .positional("run", { type: "string", demandOption: true, describe: "Folder of the run, or its id under runs/" })
    .option("workers", { type: "number", describe: "Threads that tune, train and evaluate; never changes a result" })
    .option("data", { type: "string", describe: "Folder of recorded data (or GREEKGYM_DATA)" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on stdout" })
    .example("$0 resume runs/quickstart-ppo-s1-0a1b2c3d", "after Ctrl-C, a crash or kill -9");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const given = resolve(args.run);
  const dir = existsSync(given) ? given : resolve(join("runs", args.run));
  const { text, path, seed } = readRunConfig(dir);
  const config = { text, path: join(dir, "config.resolved.yaml"), schema: experimentSchema };
  // The run's own configuration stays what it was.
  const { resolved } = loadConfig(config);
  const overrides = args.workers === undefined ? [] : [`train.workers=${args.workers}`];
  const { value } = loadConfig({ ...config, overrides });
  const finished = await continueRun(dir, {
    experiment: value,
    resolved,
    path,
    series: loadSeries(value, args.data),
    seed,
    command: `greekgym train ${path} --seed ${seed}${args.data === undefined ? "" : ` --data ${args.data}`}`,
  });
  if (args.json) printJson(finished);
  else process.stdout.write(finishedText(finished));
}
