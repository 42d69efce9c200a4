import { join } from "node:path";
import type { Argv } from "yargs";
import { writeFileAtomic } from "../../store/atomic.ts";
import { experimentJsonSchema } from "../experiment-schema.ts";
import { projectRoot } from "../project.ts";

export const command = "schema";
export const describe = "Print the JSON schema of experiment files";

export function builder(yargs: Argv) {
  return yargs
    .option("write", { type: "boolean", default: false, describe: "Write experiments/schema.json instead" })
    .example("$0 schema > schema.json", "for an editor that completes keys");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export function handler(args: Args): void {
  const text = experimentJsonSchema();
  if (!args.write) {
    process.stdout.write(text);
    return;
  }
  const path = join(projectRoot(), "experiments", "schema.json");
  writeFileAtomic(path, text);
  process.stderr.write(`wrote ${path}\n`);
}
