import { resolve } from "node:path";
import type { Argv } from "yargs";
import { evaluationStatement } from "../../../models/format/policy-json.ts";
import { ConfigError } from "../../core/errors.ts";
import { defaultEngine } from "../engine.ts";
import { JSON_OPTION } from "../options.ts";
import { printJson } from "../output.ts";

export const command = "export <run>";
export const describe = "Copy a run's policy, verified, to a folder of its own";

export function builder(yargs: Argv) {
  return yargs
    .positional("run", { type: "string", demandOption: true, describe: "A run's folder or id, or a bundle's folder" })
    .option("to", { type: "string", demandOption: true, describe: "Folder of the bundle: absent, empty, or a bundle" })
    .option("format", { choices: ["bundle", "onnx", "tfjs"] as const, default: "bundle", describe: "What to write" })
    .option("json", JSON_OPTION)
    .example("$0 export runs/quickstart-ppo-s1-0a1b2c3d --to policy", "for another machine");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  if (args.format !== "bundle")
    throw new ConfigError(`Exporting to ${args.format} comes with a later version.`, {
      which: "--format",
      value: args.format,
      fix: "Use --format bundle.",
    });
  const { bundleFolder } = await import("../learned-contender.ts");
  const { loadPolicy, readBundle, writeBundle } = await import("../../live/bundle-folder.ts");
  const from = bundleFolder(args.run);
  const { policyJson, hash } = loadPolicy(from, defaultEngine());
  writeBundle(args.to, readBundle(from));
  const statement = evaluationStatement(policyJson.evaluation);
  if (args.json) printJson({ bundle: resolve(args.to), format: args.format, hash, statement });
  else process.stdout.write(`${args.to}\n  ${statement}\n  sha256 of its manifest ${hash}\n`);
}
