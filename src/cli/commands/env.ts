import type { Argv } from "yargs";
import { checkEnv } from "../../../env/core/check-env.ts";
import { checkLeakage } from "../../../env/core/check-leakage.ts";
import { checkVectorEnv } from "../../../env/core/check-vector-env.ts";
import type { Finding } from "../../../env/core/findings.ts";
import type { Space } from "../../../env/core/spaces.ts";
import { schemaOf } from "../../../env/features/schema.ts";
import { listEnvs, make, makeVector } from "../../../env/registry.ts";
import { DEFAULT_SCENARIO } from "../../../env/tasks/rebalance/factories.ts";
import { featureConfig } from "../../../env/tasks/rebalance/feature-config.ts";
import { parseScenario } from "../../../env/tasks/rebalance/scenario.ts";
import type { FeatureSchema } from "../../core/contracts/features.ts";
import { ConfigError, EXIT } from "../../core/errors.ts";
import { loadExperiment, loadSeries } from "../experiment-file.ts";
import { DATA_OPTION, JSON_OPTION, setOption } from "../options.ts";
import { printJson } from "../output.ts";
import { textColumns } from "../text-columns.ts";
import { ENV_FACTS } from "./env-facts.ts";

export const command = "env";
export const describe = "List, describe and check environments";

export function builder(yargs: Argv) {
  const withScenario = <T>(y: Argv<T>) =>
    y
      .positional("id", { type: "string", demandOption: true, describe: "Id of an environment" })
      .option("scenario", { type: "string", describe: "Experiment file whose scenario it plays (rebalance-v1)" })
      .option("set", setOption())
      .option("data", DATA_OPTION)
      .option("json", JSON_OPTION);
  return yargs
    .command({
      command: "list",
      describe: "Environments by id",
      builder: (y: Argv) => y.option("json", JSON_OPTION).example("$0 env list", "all ids"),
      handler: list,
    } as never)
    .command({
      command: "describe <id>",
      describe: "Spaces, and features with their units and live sources",
      builder: (y: Argv) =>
        withScenario(y).example("$0 env describe rebalance-v1 --scenario experiments/quickstart.yaml", "its features"),
      handler: describeEnv,
    } as never)
    .command({
      command: "check <id>",
      describe: "Run the checkers: contract, vector form, leakage from the future",
      builder: (y: Argv) => withScenario(y).example("$0 env check rebalance-v1", "no findings, exit code 0"),
      handler: check,
    } as never)
    .command(ENV_FACTS as never)
    .demandCommand(1, "Name an action: list, describe, check or facts.");
}

export function handler(): void {}

interface EnvArgs {
  readonly id: string;
  readonly scenario: string | undefined;
  readonly set: string[];
  readonly data: string | undefined;
  readonly json: boolean;
}

async function list(args: { json: boolean }): Promise<void> {
  const envs = listEnvs();
  if (args.json) return printJson({ environments: envs });
  process.stdout.write(
    `${textColumns(
      ["id", "vector form", ""],
      envs.map((e) => [e.id, e.nativeVector ? "native" : "copies", e.description]),
    )}\n`,
  );
}

/** Options of the registry for `--scenario`. */
function optionsOf(args: EnvArgs): Record<string, unknown> {
  if (args.scenario === undefined) return {};
  if (args.id !== "rebalance-v1")
    throw new ConfigError("This environment has no scenario.", {
      which: "--scenario",
      value: args.id,
      fix: "Leave --scenario out, or name rebalance-v1.",
    });
  const { experiment } = loadExperiment(args.scenario, args.set);
  const series = loadSeries(experiment, args.data);
  return { scenario: experiment.scenario, data: { series } };
}

function spaceText(space: Space): string {
  if (space.kind === "box") {
    const bound = (a: Float64Array) => (a.every((x) => x === a[0]) ? String(a[0]) : "one an element");
    return `box [${space.shape.join(", ")}] ${space.dtype}, low ${bound(space.low)}, high ${bound(space.high)}`;
  }
  if (space.kind === "discrete") return `discrete, ${space.n} values from ${space.start}`;
  if (space.kind === "multi-discrete") return `multi-discrete [${space.nvec.join(", ")}]`;
  return `multi-binary, ${space.n}`;
}

/** The raw features that a policy sees in the rebalance task. */
function rebalanceFeatures(args: EnvArgs): FeatureSchema {
  const scenario =
    args.scenario === undefined
      ? parseScenario(DEFAULT_SCENARIO)
      : loadExperiment(args.scenario, args.set).experiment.scenario;
  return schemaOf(featureConfig(scenario));
}

async function describeEnv(args: EnvArgs): Promise<void> {
  const listing = listEnvs().find((e) => e.id === args.id);
  const env = make(args.id, optionsOf(args));
  const schema = args.id === "rebalance-v1" ? rebalanceFeatures(args) : undefined;
  const { observationSpace, actionSpace, metadata } = env;
  if (args.json)
    return printJson({
      id: args.id,
      description: listing?.description,
      metadata,
      observationSpace: plain(observationSpace),
      actionSpace: plain(actionSpace),
      features: schema?.features ?? [],
    });
  const lines = [
    `${args.id}: ${listing?.description ?? ""}`,
    `  observation  ${spaceText(observationSpace)}`,
    `  action       ${spaceText(actionSpace)}`,
    `  steps        ${metadata.maxSteps === undefined ? "no limit" : `at most ${metadata.maxSteps} an episode`}`,
  ];
  if (schema !== undefined)
    lines.push(
      "",
      textColumns(
        ["feature", "unit", "live from", "range"],
        schema.features.map((f) => [f.name, f.unit, f.sources.join(" + "), `${f.low} … ${f.high}`]),
      ),
    );
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** A space as JSON: typed arrays as lists, infinities as text. */
function plain(space: Space): unknown {
  if (space.kind !== "box") return space;
  const list = (a: Float64Array) => Array.from(a, (x) => (Number.isFinite(x) ? x : String(x)));
  return { ...space, low: list(space.low), high: list(space.high) };
}

function check(args: EnvArgs): void {
  const options = optionsOf(args);
  const canPerturb = make(args.id, options).metadata.canPerturbFuture === true;
  const findings: (Finding & { checker: string })[] = [];
  const run = (checker: string, found: readonly Finding[]) => findings.push(...found.map((f) => ({ checker, ...f })));
  run(
    "checkEnv",
    checkEnv(() => make(args.id, options)),
  );
  run(
    "checkVectorEnv",
    checkVectorEnv((numEnvs, mode) => makeVector(args.id, numEnvs, mode, options)),
  );
  if (canPerturb)
    run(
      "checkLeakage",
      checkLeakage(() => make(args.id, options)),
    );
  const ok = findings.every((f) => f.severity !== "error");
  const checkers = ["checkEnv", "checkVectorEnv", ...(canPerturb ? ["checkLeakage"] : [])];
  if (args.json) printJson({ id: args.id, ok, checkers, findings });
  else {
    for (const f of findings) process.stdout.write(`${f.severity} ${f.checker}/${f.rule}: ${f.message}\n`);
    process.stdout.write(`${args.id}: ${checkers.join(", ")}: ${findings.length} findings\n`);
  }
  if (!ok) process.exitCode = EXIT.failed;
}
