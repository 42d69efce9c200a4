import type { Argv } from "yargs";
import { comparePlayed, type PlayedContender } from "../../evaluate/compare.ts";
import { firstJudgedEpisode, judgedEpisodes, judgedSplit, scenarioHash } from "../../evaluate/experiment.ts";
import { JobRunner } from "../../evaluate/jobs.ts";
import { namesRule, playEntries, ruleEntries, tuneEntries } from "../../evaluate/play-contenders.ts";
import { loadExperiment, loadSeries } from "../experiment-file.ts";
import { DATA_OPTION, expectWhole, JSON_OPTION, SCENARIO_OPTION, setOption, WORKERS_OPTION } from "../options.ts";
import { printJson } from "../output.ts";
import { systemClock } from "../ports.ts";
import { makePool } from "../thread-pool.ts";
import { touchCount } from "../touches.ts";

export const command = "evaluate <contender>";
export const describe = "Play one rule, run or bundle on a scenario and print its figures";

export function builder(yargs: Argv) {
  return yargs
    .positional("contender", {
      type: "string",
      demandOption: true,
      describe: "A rule (tuned first, unless parameters are given), a run, or a bundle's folder",
    })
    .option("scenario", SCENARIO_OPTION)
    .option("episodes", { type: "number", describe: "Episodes to play; default: the experiment's compare.episodes" })
    .option("seed", { type: "number", describe: "Seed of the episodes" })
    .option("set", setOption())
    .option("data", DATA_OPTION)
    .option("workers", WORKERS_OPTION)
    .option("json", JSON_OPTION)
    .example(
      '$0 evaluate "delta-band(halfWidth=0.1)" --scenario experiments/quickstart.yaml --episodes 1000',
      "one band, as given",
    );
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

export async function handler(args: Args): Promise<void> {
  expectWhole(args.episodes, "--episodes", 2);
  expectWhole(args.seed, "--seed", 0);
  expectWhole(args.workers, "--workers", 1);
  const overrides = [...args.set];
  if (args.episodes !== undefined) overrides.push(`compare.episodes=${args.episodes}`);
  if (args.seed !== undefined) overrides.push(`compare.seed=${args.seed}`);
  const { experiment } = loadExperiment(args.scenario, overrides);
  const series = loadSeries(experiment, args.data);
  const split = judgedSplit(experiment, false);
  const { seed } = experiment.compare;
  const arena = new JobRunner({ experiment, series }, systemClock).arena(split, seed);
  const episodes = judgedEpisodes(experiment, arena.windows);
  const from = firstJudgedEpisode(experiment, split);
  let played: PlayedContender;
  if (namesRule(args.contender) || !/[/\\.]|-s\d+-/.test(args.contender)) {
    const entry = ruleEntries([args.contender], "contender")[0]!;
    const pool = makePool(args.workers ?? 1, { experiment, series });
    try {
      const quiet = () => undefined;
      const tuned = await tuneEntries(pool, [entry], quiet);
      played = (await playEntries(pool, arena.env.context, [entry], tuned, split, seed, from, episodes, quiet))[0]!;
    } finally {
      await pool.close();
    }
  } else {
    const { learnedContender } = await import("../learned-contender.ts");
    played = await learnedContender(args.contender, arena, from, episodes);
  }
  const { scenario, objective, effectiveEpisodes, splits, contenders, testTouches } = comparePlayed({
    experiment,
    series,
    split,
    seed,
    played: [played],
    ...(arena.windows === undefined ? {} : { windows: arena.windows }),
    testTouches: touchCount(args.scenario, scenarioHash(experiment)),
  });
  if (args.json)
    return printJson({
      scenario,
      objective,
      episodes,
      effectiveEpisodes,
      seed,
      splits,
      split,
      contenders,
      testTouches,
    });
  const row = contenders[0]!;
  const { id, kind, tuned, params, budget, attribution, driftProfit, ...figures } = row;
  const lines = Object.entries(figures).map(([name, value]) => `  ${name.padEnd(14)} ${value.toPrecision(6)}`);
  const parameters = Object.entries(params).map(([name, value]) => `${name}=${Number(value.toPrecision(6))}`);
  process.stdout.write(
    [
      `${id} on ${scenario.name}: ${episodes} ${split} episodes, seed ${seed}; costs in ${objective.unit}, lower is better`,
      ...(parameters.length > 0 ? [`  ${tuned ? "tuned: " : ""}${parameters.join(", ")}`] : []),
      ...lines,
      "",
    ].join("\n"),
  );
}
