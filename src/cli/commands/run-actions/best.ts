import type { Argv } from "yargs";
import { ConfigError } from "../../../core/errors.ts";
import { JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson } from "../../output.ts";
import { openCatalog } from "../../run-folder.ts";
import { runTable } from "./list.ts";

export const command = "best [scenario]";
export const describe = "The finished run with the least objective, of each scenario or of one";

export function builder(yargs: Argv) {
  return yargs
    .positional("scenario", { type: "string", describe: "Name of a scenario" })
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs best quickstart", "");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const done = (await openCatalog(args.out).list())
    .filter((r) => r.state === "done" && typeof r.summary.objective === "number")
    .filter((r) => args.scenario === undefined || r.scenario === args.scenario)
    .sort((a, b) => (a.summary.objective as number) - (b.summary.objective as number) || (a.id < b.id ? -1 : 1));
  // Objectives of two scenarios cannot be compared.
  const best = done.filter((r, i) => done.findIndex((other) => other.scenario === r.scenario) === i);
  if (best.length === 0)
    throw new ConfigError("No finished run fits.", {
      which: args.out,
      ...(args.scenario === undefined ? {} : { value: args.scenario }),
      fix: "`greekgym runs ls` lists all runs.",
    });
  if (args.json) printJson({ runs: best });
  else process.stdout.write(`${runTable(best)}\n`);
}
