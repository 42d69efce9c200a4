import type { Argv } from "yargs";
import { JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson } from "../../output.ts";
import { openCatalog } from "../../run-folder.ts";

export const command = "reindex";
export const describe = "Rebuild the catalog from the run folders";

export function builder(yargs: Argv) {
  return yargs
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs reindex", "after folders were copied or moved by hand");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const runs = await openCatalog(args.out).reindex();
  if (args.json) printJson({ runs });
  else process.stdout.write(`${runs.length} runs\n`);
}
