import type { Argv } from "yargs";
import { JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson } from "../../output.ts";
import { openCatalog } from "../../run-folder.ts";

export const command = "tag <run> [tags..]";
export const describe = "Set a run's tags (none removes them); tagged runs are never cleaned up";

export function builder(yargs: Argv) {
  return yargs
    .positional("run", { type: "string", demandOption: true, describe: "A run's id, or its beginning" })
    .positional("tags", { type: "string", array: true, default: [] as string[], describe: "Tags" })
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs tag quickstart-ppo-s1 paper keep", "");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const catalog = openCatalog(args.out);
  const { id } = await catalog.find(args.run);
  await catalog.tag(id, args.tags.map(String));
  const { tags } = await catalog.find(id);
  if (args.json) printJson({ run: id, tags });
  else process.stdout.write(`${id}: ${tags.length === 0 ? "no tags" : tags.join(" ")}\n`);
}
