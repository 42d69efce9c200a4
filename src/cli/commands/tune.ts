import type { Argv } from "yargs";
import { parseContender } from "../../../agents/baselines/contender.ts";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { ConfigError } from "../../core/errors.ts";
import { UNIT_NAMES } from "../../evaluate/experiment.ts";
import { JobRunner } from "../../evaluate/jobs.ts";
import { objectiveLabel } from "../../evaluate/objectives.ts";
import { loadExperiment, loadSeries } from "../experiment-file.ts";
import { DATA_OPTION, expectWhole, JSON_OPTION, SCENARIO_OPTION, setOption, WORKERS_OPTION } from "../options.ts";
import { printJson } from "../output.ts";
import { systemClock } from "../ports.ts";
import { makePool } from "../thread-pool.ts";

export const command = "tune <baseline>";
export const describe = "Tune one rule's parameters on a scenario's training episodes";

export function builder(yargs: Argv) {
  return yargs
    .positional("baseline", { type: "string", demandOption: true, describe: "Id of a rule, e.g. delta-band" })
    .option("scenario", SCENARIO_OPTION)
    .option("set", setOption())
    .option("data", DATA_OPTION)
    .option("workers", WORKERS_OPTION)
    .option("json", JSON_OPTION)
    .example("$0 tune delta-band --scenario experiments/quickstart.yaml", "its best half-width there");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  expectWhole(args.workers, "--workers", 1);
  const { id, params } = parseContender(args.baseline);
  if (params !== undefined)
    throw new ConfigError("A rule with given parameters leaves nothing to tune.", {
      which: "baseline",
      value: args.baseline,
      fix: `Write the id alone: ${id}.`,
    });
  const { experiment } = loadExperiment(args.scenario, args.set);
  const series = loadSeries(experiment, args.data);
  // Building it here refuses a rule that this market cannot express before any thread starts.
  const { context } = new JobRunner({ experiment, series }, systemClock).arena("train", experiment.compare.seed).env;
  createBaseline(id, {}, context);
  const pool = makePool(args.workers ?? 1, { experiment, series });
  try {
    const [tuned] = await pool.run([{ kind: "tune", id }]);
    const { params: best, objective, budget, atEdge } = tuned!;
    if (args.json) return printJson({ baseline: id, params: best, objective, budget, atEdge });
    const names = Object.entries(best).map(([name, value]) => `  ${name} = ${value}`);
    process.stdout.write(
      [
        `${id} on ${experiment.scenario.name}`,
        ...(names.length === 0 ? ["  (nothing to tune)"] : names),
        `  ${objectiveLabel(experiment.objective)} = ${objective} ${UNIT_NAMES[experiment.unit]} on training episodes (optimistic by construction)`,
        `  ${budget.trials} trials, ${budget.steps} steps, ${budget.coreSeconds.toFixed(1)} core-seconds`,
        ...(atEdge.length > 0 ? [`  at the edge of its range: ${atEdge.join(", ")}`] : []),
        "",
      ].join("\n"),
    );
  } finally {
    await pool.close();
  }
}
