import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Argv } from "yargs";
import { ConfigError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../store/atomic.ts";
import { guardFile } from "../../store/file-errors.ts";
import { experimentJsonSchema } from "../experiment-schema.ts";
import { NEW_EXPERIMENT } from "../new-experiment.ts";

export const command = "init [dir]";
export const describe = "Write a commented experiment.yaml to start from";

export function builder(yargs: Argv) {
  return yargs
    .positional("dir", { type: "string", default: ".", describe: "Folder, made where it is missing" })
    .example("$0 init mine && greekgym train mine/experiment.yaml", "an experiment of your own");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export function handler(args: Args): void {
  const path = join(args.dir, "experiment.yaml");
  const schema = join(args.dir, "schema.json");
  if (existsSync(path))
    throw new ConfigError("There is an experiment here already; nothing was written.", {
      which: path,
      fix: "Name another folder, or move that file away.",
    });
  guardFile(args.dir, "make the folder", () => mkdirSync(args.dir, { recursive: true }));
  if (!existsSync(schema)) writeFileAtomic(schema, experimentJsonSchema());
  writeFileAtomic(path, NEW_EXPERIMENT);
  process.stdout.write(`${path}\n`);
  process.stderr.write(`next: greekgym config explain ${path}, then greekgym train ${path}\n`);
}
