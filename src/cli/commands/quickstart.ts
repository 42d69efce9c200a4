import { resolve } from "node:path";
import type { Argv } from "yargs";
import { loadExperiment } from "../experiment-file.ts";
import { finishedText } from "../finished-text.ts";
import { expectWhole } from "../options.ts";
import { printJson } from "../output.ts";
import { startRun } from "../run-experiment.ts";

export const command = "quickstart";
export const describe = "The whole idea in one go: tune, train, compare, export, run in shadow on a recorded session";

export function builder(yargs: Argv) {
  return yargs
    .option("seed", { type: "number", default: 1, describe: "Training seed" })
    .option("out", { type: "string", default: "runs", describe: "Folder of runs" })
    .option("set", { type: "string", array: true, default: [] as string[], describe: "path=value, overrides the file" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on stdout" })
    .example("$0 quickstart", "what `npm start` runs");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  expectWhole(args.seed, "--seed", 0);
  const { experiment, resolved, path } = loadExperiment("experiments/quickstart.yaml", args.set);
  const finished = await startRun({
    experiment,
    resolved,
    path,
    series: {},
    seed: args.seed,
    root: resolve(args.out),
    command: `greekgym quickstart --seed ${args.seed}`,
    shadow: true,
  });
  if (args.json) printJson(finished);
  else process.stdout.write(finishedText(finished));
}
