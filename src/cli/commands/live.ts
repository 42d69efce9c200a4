import { resolve } from "node:path";
import type { Argv } from "yargs";
import { parseContender } from "../../../agents/baselines/contender.ts";
import { SIMULATION, sourcesOf } from "../../core/live-sources.ts";
import { replaySession } from "../../live/replay.ts";
import { engineOfBundle } from "../engine.ts";
import { bundleFolder } from "../learned-contender.ts";
import { printJson } from "../output.ts";
import { shadowText } from "../shadow-text.ts";

export const command = "live <bundle>";
export const describe = "Run a policy in shadow beside an incumbent rule; trades nothing";

export function builder(yargs: Argv) {
  return yargs
    .positional("bundle", { type: "string", demandOption: true, describe: "Folder of a policy bundle, or a run" })
    .option("feed", {
      choices: ["replay"] as const,
      demandOption: true,
      describe: "Where published messages come from; live feeds come with a later version",
    })
    .option("session", { type: "string", demandOption: true, describe: "Recorded session (see record)" })
    .option("sources", {
      type: "string",
      default: SIMULATION,
      describe: "What the feed supplies, e.g. deribit-public,ethereum-rpc; a recorded session holds everything",
    })
    .option("incumbent", {
      type: "string",
      describe: "Rule in charge, e.g. delta-band(halfWidth=0.1); default: the bundle's own reference",
    })
    .option("out", { type: "string", default: "shadow", describe: "Folder for journal and summary" })
    .option("allow-torn", { type: "boolean", default: false, describe: "Use what is whole of a cut-off session" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on stdout" })
    .example("$0 live runs/<id>/policy --feed replay --session session.jsonl", "beside the tuned reference rule");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const incumbent = args.incumbent === undefined ? undefined : parseContender(args.incumbent);
  const bundle = bundleFolder(args.bundle);
  const { report, files } = replaySession({
    bundle,
    session: args.session,
    engine: await engineOfBundle(bundle),
    out: resolve(args.out),
    allowTorn: args["allow-torn"],
    sources: sourcesOf(args.sources, "--sources"),
    ...(incumbent === undefined ? {} : { incumbent: { baseline: incumbent.id, params: incumbent.params ?? {} } }),
  });
  if (args.json) printJson(report);
  else process.stdout.write(shadowText(report, files));
}
