import { existsSync } from "node:fs";
import type { Argv } from "yargs";
import { listCheckpoints } from "../../../store/checkpoint.ts";
import { decideState, readManifest } from "../../../store/manifest.ts";
import { runPaths } from "../../../store/run-directory.ts";
import { JSON_OPTION, OUT_OPTION } from "../../options.ts";
import { printJson } from "../../output.ts";
import { systemClock } from "../../ports.ts";
import { findRunFolder } from "../../run-folder.ts";

export const command = "show <run>";
export const describe = "One run: state, provenance, figures, files";

export function builder(yargs: Argv) {
  return yargs
    .positional("run", { type: "string", demandOption: true, describe: "A run's folder, id, or beginning of its id" })
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 runs show quickstart-ppo-s1", "the only run whose id begins so");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const dir = await findRunFolder(args.run, args.out);
  const manifest = readManifest(dir);
  const paths = runPaths(dir);
  const state = decideState(manifest.status, systemClock.wallMilliseconds());
  const checkpoints = listCheckpoints(paths.checkpoints);
  if (args.json) return printJson({ dir, state, manifest, checkpoints });
  const { provenance: p, status } = manifest;
  const date = (t: number) => new Date(t).toISOString();
  const file = (name: string, path: string) => `${name.padEnd(12)}${existsSync(path) ? path : "–"}`;
  const lines = [
    `${manifest.id}: ${state} at step ${status.step}${status.resumes > 0 ? `, resumed ${status.resumes} times` : ""}`,
    ...(status.error === null ? [] : [`error       ${status.error}`]),
    ...Object.entries(manifest.summary).map(([name, value]) => `${name.padEnd(12)}${value}`),
    `scenario    ${manifest.scenario}, ${manifest.algorithm}, seed ${manifest.seed}, attempt ${manifest.attempt}`,
    `created     ${date(manifest.createdAt)}${status.endedAt === null ? "" : `, ended ${date(status.endedAt)}`}`,
    `config      ${manifest.configHash}`,
    `program     git ${p.gitSha ?? "unknown"}${p.gitDirty ? " with changes" : ""}, engine ${p.engine}`,
    `machine     ${p.cpu}, ${p.cores} cores, node ${p.node}, ${p.platform}`,
    `checkpoints ${checkpoints.length === 0 ? "none" : checkpoints.map((c) => c.step).join(", ")}`,
    file("config", paths.config),
    file("report", paths.report),
    file("policy", `${paths.policy}/policy.json`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
