import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Argv } from "yargs";
import type { Series } from "../../core/contracts/series.ts";
import { DataError } from "../../core/errors.ts";
import type { Description, Predicted } from "../describe-experiment.ts";
import { loadExperiment, loadSeries } from "../experiment-file.ts";
import { differences, inLine } from "../flatten.ts";
import { DATA_OPTION, JSON_OPTION, setOption } from "../options.ts";
import { printJson } from "../output.ts";
import { textColumns } from "../text-columns.ts";

export const command = "config";
export const describe = "Explain an experiment file, or compare two";

export function builder(yargs: Argv) {
  return yargs
    .command({
      command: "explain <experiment>",
      describe: "What the file means: horizon, steps, minutes, where each feature comes from live",
      builder: (y: Argv) =>
        y
          .positional("experiment", { type: "string", demandOption: true, describe: "Experiment file" })
          .option("set", setOption())
          .option("data", DATA_OPTION)
          .option("probe", { type: "boolean", default: true, describe: "Measure this machine to predict minutes" })
          .option("json", JSON_OPTION)
          .example("$0 config explain experiments/quickstart.yaml", "before a long run"),
      handler: explain,
    } as never)
    .command({
      command: "diff <a> <b>",
      describe: "Keys in which two experiments differ, defaults filled in",
      builder: (y: Argv) =>
        y
          .positional("a", { type: "string", demandOption: true, describe: "Experiment file, or a run's folder" })
          .positional("b", { type: "string", demandOption: true, describe: "Experiment file, or a run's folder" })
          .option("json", JSON_OPTION)
          .example("$0 config diff experiments/quickstart.yaml mine.yaml", "what I changed"),
      handler: diff,
    } as never)
    .demandCommand(1, "Name an action: explain or diff.");
}

export function handler(): void {}

interface ExplainArgs {
  readonly experiment: string;
  readonly set: string[];
  readonly data: string | undefined;
  readonly probe: boolean;
  readonly json: boolean;
}

async function explain(args: ExplainArgs): Promise<void> {
  const { experiment, resolved } = loadExperiment(args.experiment, args.set);
  let series: Record<string, Series> | undefined;
  try {
    series = loadSeries(experiment, args.data);
  } catch (error) {
    // The file itself is fine: everything but the minutes can be said.
    if (!(error instanceof DataError)) throw error;
    process.stderr.write(`warning: nothing is measured, since the recorded data cannot be opened. ${error.message}\n`);
  }
  const { describeExperiment } = await import("../describe-experiment.ts");
  const { enginesOf } = await import("../engine.ts");
  const engines = args.probe ? await enginesOf(experiment, args.experiment) : undefined;
  const description = describeExperiment(experiment, series, engines);
  if (args.json) return printJson({ ...description, config: experiment });
  process.stdout.write(`${explanation(description)}\n\n# The whole config, defaults filled in\n${resolved}`);
}

const number = (x: number) => (Math.abs(x) >= 1000 ? Math.round(x).toLocaleString("en") : Number(x.toPrecision(4)));

function phase(name: string, p: Predicted): string {
  const time =
    p.minutes === null
      ? ""
      : p.minutes < 1
        ? `, about ${Math.ceil(p.minutes * 60)} s`
        : `, about ${number(p.minutes)} min`;
  return `${name.padEnd(24)}${number(p.steps)} steps${time}`;
}

function explanation(d: Description): string {
  const { environment, training } = d.stepsPerSecond;
  const line = (name: string, value: string | number) => `${name.padEnd(24)}${value}`;
  const horizon =
    d.effectiveHorizonDecisions === null
      ? "whole episode (nothing is discounted)"
      : `${number(d.effectiveHorizonDecisions)} decisions = ${number(d.effectiveHorizonHours!)} h (discount ${d.discount} a decision, half-life ${number(d.discountHalfLifeHours!)} h)`;
  return [
    line("scenario", `${d.scenario.name} v${d.scenario.version}, ${d.scenario.kind}, judged on ${d.judgedOn}`),
    line("steps an episode", d.stepsPerEpisode),
    line("decisions an episode", `${d.decisionsPerEpisode}, one every ${number(d.decisionMinutes)} min`),
    line("effective horizon", horizon),
    line("rules", d.rules.join(", ")),
    line("deployed on", deployed(d)),
    ...(d.series.length > 0 ? [line("recorded series", d.series.join(", "))] : []),
    ...(["train", "select", "test"] as const).map((s) => line(s, d.splits[s])),
    phase("tuning", d.tuning),
    phase("training", d.training),
    phase("evaluation", d.evaluation),
    ...(environment === null
      ? []
      : [
          line(
            "measured",
            `${number(environment)} environment steps/s, ${number(training!)} training steps/s, one thread`,
          ),
        ]),
    "",
    textColumns(
      ["feature", "unit", "live from", "policy"],
      d.features.map((f) => [
        f.name,
        f.unit,
        f.sources.join(" + "),
        f.use === "read" ? "reads it" : `${f.use.replace("-", " ")}: ${f.why}`,
      ]),
    ),
  ].join("\n");
}

/** The target, and what becomes of features that it does not supply. */
function deployed({ deploy, features }: Description): string {
  const of = (use: string) => features.filter((f) => f.use === use).length;
  if (of("refused") > 0) return `${deploy.target}: train refuses ${of("refused")} features; agent.deploy.missing=mask`;
  return `${deploy.target}: the policy reads ${of("read")} features${of("masked") > 0 ? `, ${of("masked")} are masked` : ""}`;
}

async function diff(args: { a: string; b: string; json: boolean }): Promise<void> {
  const load = (path: string) => {
    const config = join(path, "config.resolved.yaml");
    return loadExperiment(existsSync(config) ? config : path).experiment;
  };
  const found = differences(load(args.a), load(args.b), ["$schema"]);
  if (args.json)
    return printJson({ differences: found.map(({ path, a, b }) => ({ path, a: a ?? null, b: b ?? null })) });
  for (const { path, a, b } of found) process.stdout.write(`${path}: ${inLine(a)} → ${inLine(b)}\n`);
  if (found.length === 0) process.stderr.write("The two mean the same.\n");
}
