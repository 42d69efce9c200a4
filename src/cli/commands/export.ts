import { resolve } from "node:path";
import type { Argv } from "yargs";
import { evaluationStatement } from "../../../models/format/policy-json.ts";
import { engineOfBundle } from "../engine.ts";
import { JSON_OPTION } from "../options.ts";
import { printJson } from "../output.ts";

export const command = "export <run>";
export const describe = "Copy a run's policy, verified, to a folder of its own: whole, or for another program";

export function builder(yargs: Argv) {
  return yargs
    .positional("run", { type: "string", demandOption: true, describe: "A run's folder or id, or a bundle's folder" })
    .option("to", {
      type: "string",
      demandOption: true,
      describe: "Folder to write: absent, empty, or an earlier export of this format",
    })
    .option("format", {
      choices: ["bundle", "onnx", "tfjs", "safetensors", "browser"] as const,
      default: "bundle",
      describe:
        "bundle: what greekgym loads; onnx: raw features to intents in one graph; tfjs: encoder and network as a layers model; safetensors: the weights; browser: one module for a page",
    })
    .option("json", JSON_OPTION)
    .example("$0 export runs/quickstart-ppo-s1-0a1b2c3d --to policy", "for another machine")
    .example("$0 export policy --to model --format onnx", "for ONNX Runtime");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const { bundleFolder } = await import("../learned-contender.ts");
  const { readBundle, writeBundle } = await import("../../live/bundle-folder.ts");
  const { policyOf } = await import("../../live/bundled-policy.ts");
  const { belongsToCopy, COPIES, copyOf } = await import("../export-formats.ts");
  const { writeFolder } = await import("../../store/folder.ts");
  const from = bundleFolder(args.run);
  const files = readBundle(from);
  const { policyJson, hash } = policyOf(files, from, await engineOfBundle(from));
  const { format } = args;
  const copy = COPIES.find((c) => c === format);
  if (copy === undefined) writeBundle(args.to, files);
  else writeFolder(args.to, copyOf(copy, files, from), `an export to ${copy}`, (name) => belongsToCopy(copy, name));
  const statement = evaluationStatement(policyJson.evaluation);
  if (args.json) printJson({ [copy === undefined ? "bundle" : "folder"]: resolve(args.to), format, hash, statement });
  else process.stdout.write(`${args.to}\n  ${statement}\n  sha256 of the bundle's manifest ${hash}\n`);
}
