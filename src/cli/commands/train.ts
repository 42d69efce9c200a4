import { resolve } from "node:path";
import type { Argv } from "yargs";
import { loadExperiment, loadSeries } from "../experiment-file.ts";
import { finishedText } from "../finished-text.ts";
import { expectWhole } from "../options.ts";
import { printJson } from "../output.ts";
import { startRun } from "../run-experiment.ts";

export const command = "train <experiment>";
export const describe = "Tune the rules, train an agent, compare them, export the policy";

export function builder(yargs: Argv) {
  return yargs
    .positional("experiment", { type: "string", demandOption: true, describe: "Experiment file" })
    .option("seed", { type: "number", default: 1, describe: "First training seed" })
    .option("workers", { type: "number", describe: "Threads; never changes a result" })
    .option("out", { type: "string", default: "runs", describe: "Folder of runs" })
    .option("set", { type: "string", array: true, default: [] as string[], describe: "path=value, overrides the file" })
    .option("data", { type: "string", describe: "Folder of recorded data (or GREEKGYM_DATA)" })
    .option("deploy", {
      type: "string",
      describe: "Where the policy will run, e.g. deribit-public: sets agent.deploy.target",
    })
    .option("missing", {
      choices: ["refuse", "mask"] as const,
      describe: "Features without a source there: sets agent.deploy.missing",
    })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on stdout" })
    .example("$0 train experiments/quickstart.yaml --set train.steps=100000", "a short run");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  expectWhole(args.seed, "--seed", 0);
  const overrides = [...args.set];
  if (args.workers !== undefined) overrides.push(`train.workers=${args.workers}`);
  if (args.deploy !== undefined) overrides.push(`agent.deploy.target=${args.deploy}`);
  if (args.missing !== undefined) overrides.push(`agent.deploy.missing=${args.missing}`);
  const { experiment, resolved, path } = loadExperiment(args.experiment, overrides);
  const finished = await startRun({
    experiment,
    resolved,
    path,
    series: loadSeries(experiment, args.data),
    seed: args.seed,
    root: resolve(args.out),
    command: `greekgym ${process.argv.slice(2).join(" ")}`,
  });
  if (args.json) printJson(finished);
  else process.stdout.write(finishedText(finished));
}
