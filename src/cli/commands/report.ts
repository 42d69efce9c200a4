import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Argv } from "yargs";
import { ConfigError, CorruptFileError } from "../../core/errors.ts";
import type { ReportInput } from "../../report/input.ts";
import { writeFileAtomic } from "../../store/atomic.ts";
import { guardFile } from "../../store/file-errors.ts";
import { JSON_OPTION, OUT_OPTION } from "../options.ts";
import { printJson } from "../output.ts";
import { findRunFolder } from "../run-folder.ts";

export const command = "report <run>";
export const describe = "Print where a run's report is; write it again where it is missing, or elsewhere";

export function builder(yargs: Argv) {
  return yargs
    .positional("run", { type: "string", demandOption: true, describe: "A run's folder, id, or beginning of its id" })
    .option("to", { type: "string", describe: "Write the report here: .html, .md or .json" })
    .option("out", OUT_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 report quickstart-ppo-s1 --to report.md", "as Markdown");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  const dir = await findRunFolder(args.run, args.out);
  let path = join(dir, "report.html");
  if (args.to !== undefined || !existsSync(path)) {
    path = args.to ?? path;
    writeFileAtomic(path, await render(join(dir, "report.json"), path));
  }
  if (args.json) printJson({ report: path });
  else process.stdout.write(`${path}\n`);
}

/** Renders report.json in the form that the target's ending asks for. */
async function render(source: string, target: string): Promise<string> {
  if (!existsSync(source))
    throw new ConfigError("This run has no report yet.", {
      which: source,
      fix: "Let the run end: greekgym resume <run>.",
    });
  const text = guardFile(source, "read the report", () => readFileSync(source, "utf8"));
  const kind = extname(target);
  if (kind === ".json") return text;
  if (kind !== ".html" && kind !== ".md")
    throw new ConfigError("A report cannot be written in this form.", {
      which: "--to",
      value: target,
      fix: "Use a name that ends in .html, .md or .json.",
    });
  let input: ReportInput;
  try {
    const { format, version: _version, ...rest } = JSON.parse(text) as { format: string; version: number };
    if (format !== "greekgym-report") throw new SyntaxError(`format ${format}`);
    input = rest as unknown as ReportInput;
  } catch (cause) {
    throw new CorruptFileError("A run's report cannot be read.", {
      which: source,
      fix: "Delete it and run the experiment again: greekgym runs reproduce <run>.",
      cause,
    });
  }
  if (kind === ".md") return (await import("../../report/markdown.ts")).renderMarkdown(input);
  return (await import("../../report/html.ts")).renderHtml(input);
}
