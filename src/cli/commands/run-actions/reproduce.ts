import { basename, join, resolve } from "node:path";
import type { Argv } from "yargs";
import { EXIT } from "../../../core/errors.ts";
import { loadConfig } from "../../../core/yaml-config.ts";
import { experimentSchema } from "../../../evaluate/experiment.ts";
import { readManifest } from "../../../store/manifest.ts";
import { compareRuns } from "../../compare-runs.ts";
import { loadSeries } from "../../experiment-file.ts";
import { inLine } from "../../flatten.ts";
import { DATA_OPTION, JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson } from "../../output.ts";
import { readRunConfig, startRun } from "../../run-experiment.ts";
import { findRunFolder } from "../../run-folder.ts";

export const command = "reproduce <run>";
export const describe = "Run a finished run again in a fresh folder and compare the two, bit for bit";

export function builder(yargs: Argv) {
  return yargs
    .positional("run", { type: "string", demandOption: true, describe: "A run's folder, id, or beginning of its id" })
    .option("out", OUT_OPTION)
    .option("data", DATA_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs reproduce quickstart-ppo-s1", "exit code 0 where both are equal");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const dir = await findRunFolder(args.run, args.out);
  const before = readManifest(dir);
  const { text, path, seed } = readRunConfig(dir);
  const { value, resolved } = loadConfig({ text, path: join(dir, "config.resolved.yaml"), schema: experimentSchema });
  const finished = await startRun({
    experiment: value,
    resolved,
    path,
    series: loadSeries(value, args.data),
    seed,
    root: resolve(args.out),
    command: `greekgym runs reproduce ${basename(dir)}`,
  });
  const { provenance } = readManifest(finished.dir);
  const others = (["gitSha", "gitDirty", "lockfileHash", "engine", "node", "cpu", "platform"] as const).filter(
    (key) => before.provenance[key] !== provenance[key],
  );
  const result = compareRuns(dir, finished.dir);
  const found = { run: before.id, again: finished.run, dir: finished.dir, ...result, otherProvenance: others };
  if (args.json) printJson(found);
  else {
    const lines = [
      `${before.id} and ${finished.run}`,
      ...result.checks.map(
        (c) =>
          `  ${c.equal ? "equal " : "DIFFER"} ${c.what}${c.equal ? "" : `: ${c.first!.path}: ${inLine(c.first!.a)} → ${inLine(c.first!.b)}`}`,
      ),
      ...(others.length > 0 ? [`  made under another ${others.join(", ")}`] : []),
      result.equal ? "Reproduced." : "Not reproduced.",
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  if (!result.equal) process.exitCode = EXIT.failed;
}
