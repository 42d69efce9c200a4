import type { Argv } from "yargs";
import type { CatalogEntry } from "../../../store/catalog.ts";
import { RUN_STATES } from "../../../store/manifest.ts";
import { JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson, textTable } from "../../output.ts";
import { openCatalog } from "../../run-folder.ts";

export const command = "ls";
export const describe = "All runs, newest last";

export function builder(yargs: Argv) {
  return yargs
    .option("state", { choices: RUN_STATES, describe: "Only runs in this state" })
    .option("tag", { type: "string", describe: "Only runs with this tag" })
    .option("scenario", { type: "string", describe: "Only runs of this scenario" })
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs ls --state done", "finished runs");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

/** A figure of a run's summary as text. */
export const figure = (entry: CatalogEntry, name: string): string => {
  const value = entry.summary[name];
  return value === undefined || value === null ? "" : typeof value === "number" ? value.toPrecision(6) : String(value);
};

export function runTable(runs: readonly CatalogEntry[]): string {
  return textTable(
    ["run", "state", "steps", "objective", "verdict", "tags", "created"],
    runs.map((r) => [
      r.id,
      r.state,
      String(r.step),
      figure(r, "objective"),
      figure(r, "verdict"),
      r.tags.join(" "),
      new Date(r.createdAt).toISOString().slice(0, 16).replace("T", " "),
    ]),
  );
}

export async function handler(args: Args): Promise<void> {
  const all = await openCatalog(args.out).list();
  const runs = all
    .filter((r) => args.state === undefined || r.state === args.state)
    .filter((r) => args.tag === undefined || r.tags.includes(args.tag))
    .filter((r) => args.scenario === undefined || r.scenario === args.scenario)
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  if (args.json) return printJson({ runs });
  if (runs.length === 0) process.stderr.write(`No runs in ${args.out}${all.length > 0 ? " fit" : ""}.\n`);
  else process.stdout.write(`${runTable(runs)}\n`);
}
