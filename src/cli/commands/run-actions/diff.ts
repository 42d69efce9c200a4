import type { Argv } from "yargs";
import { readManifest } from "../../../store/manifest.ts";
import { differences, inLine } from "../../flatten.ts";
import { JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson } from "../../output.ts";
import { findRunFolder } from "../../run-folder.ts";

export const command = "diff <a> <b>";
export const describe = "What differs between two runs: config, seed, program, machine, figures";

export function builder(yargs: Argv) {
  return yargs
    .positional("a", { type: "string", demandOption: true, describe: "A run" })
    .positional("b", { type: "string", demandOption: true, describe: "Another run" })
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs diff quickstart-ppo-s1 quickstart-ppo-s2", "two training seeds");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const read = async (run: string) => {
    const { seed, seeds, config, provenance, summary, status } = readManifest(await findRunFolder(run, args.out));
    return { seed, seeds, config, provenance, summary, state: status.state, step: status.step };
  };
  const found = differences(await read(args.a), await read(args.b));
  if (args.json)
    return printJson({ differences: found.map(({ path, a, b }) => ({ path, a: a ?? null, b: b ?? null })) });
  for (const { path, a, b } of found) process.stdout.write(`${path}: ${inLine(a)} → ${inLine(b)}\n`);
  if (found.length === 0) process.stderr.write("The two runs do not differ.\n");
}
