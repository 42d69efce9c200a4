import type { Argv } from "yargs";
import { baselineIds } from "../../../agents/baselines/registry.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Emit } from "../../core/events.ts";
import { comparePlayed, type PlayedContender } from "../../evaluate/compare.ts";
import {
  dataOfSplit,
  firstJudgedEpisode,
  judgedEpisodes,
  judgedSplit,
  scenarioHash,
} from "../../evaluate/experiment.ts";
import { JobRunner } from "../../evaluate/jobs.ts";
import { oracleIds, oracleNotes } from "../../evaluate/oracles.ts";
import { expectOracles, namesRule, playEntries, ruleEntries, tuneEntries } from "../../evaluate/play-contenders.ts";
import { loadExperiment, loadSeries } from "../experiment-file.ts";
import { evaluationText, printJson } from "../output.ts";
import { systemClock } from "../ports.ts";
import { progressReporter } from "../progress.ts";
import { makePool } from "../thread-pool.ts";
import { recordTouch, touchCount } from "../touches.ts";

export const command = "compare <experiment>";
export const describe = "Compare contenders on common episodes: tuned rules, runs and bundles";

export function builder(yargs: Argv) {
  return yargs
    .positional("experiment", { type: "string", demandOption: true, describe: "Experiment file" })
    .option("contenders", {
      type: "string",
      describe: "Comma-separated: ids, ids with parameters such as delta-band(halfWidth=0.1), runs or bundles",
    })
    .option("episodes", { type: "number", describe: "Episodes of the comparison" })
    .option("seed", { type: "number", describe: "Seed of the episodes" })
    .option("final", { type: "boolean", default: false, describe: "Judge on test; logged in test-touches.jsonl" })
    .option("set", { type: "string", array: true, default: [] as string[], describe: "path=value, overrides the file" })
    .option("data", { type: "string", describe: "Folder of recorded data (or GREEKGYM_DATA)" })
    .option("workers", { type: "number", describe: "Threads; never changes a result" })
    .option("report", { type: "string", describe: "Write a self-contained HTML report here" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on stdout" })
    .example("$0 compare experiments/quickstart.yaml --contenders delta,never,delta-band", "three rules, tuned");
}

type Args = Awaited<ReturnType<typeof builder>["argv"]>;

/** Splits at commas outside parentheses. */
export function splitContenders(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((s) => s.trim())
    .filter((s) => s !== "");
}

export async function handler(args: Args): Promise<void> {
  const overrides = [...args.set];
  if (args.episodes !== undefined) overrides.push(`compare.episodes=${args.episodes}`);
  if (args.seed !== undefined) overrides.push(`compare.seed=${args.seed}`);
  if (args.workers !== undefined) overrides.push(`train.workers=${args.workers}`);
  const { experiment } = loadExperiment(args.experiment, overrides);
  const series = loadSeries(experiment, args.data);
  const split = judgedSplit(experiment, args.final);
  const { seed } = experiment.compare;
  const runner = new JobRunner({ experiment, series }, systemClock);
  const arena = runner.arena(split, seed);
  const episodes = judgedEpisodes(experiment, arena.windows);
  const { context } = arena.env;
  const texts =
    args.contenders !== undefined
      ? splitContenders(args.contenders)
      : experiment.compare.contenders === "all"
        ? [...baselineIds(context), ...oracleIds(experiment, context)]
        : experiment.compare.contenders;
  if (texts.length === 0)
    throw new ConfigError("There is nobody to compare.", {
      which: "--contenders",
      fix: "Name at least one contender.",
    });
  const isRule = (text: string) => namesRule(text) || !/[/\\.]|-s\d+-/.test(text);
  const rules = ruleEntries(texts.filter(isRule), "--contenders");
  expectOracles(rules, experiment, context);
  const learnedTexts = texts.filter((text) => !isRule(text));
  const labels = [...rules.map((r) => r.label), ...learnedTexts];

  const events = progressReporter();
  const emit: Emit = (event) => events.next(event);
  const pool = makePool(experiment.train.workers, { experiment, series });
  try {
    const progress = (stage: string) => (done: number, total: number) => emit({ type: "progress", stage, done, total });
    const tuned = await tuneEntries(pool, rules, progress("tuning rules"));
    // The touch is written before anything of the test split is known.
    const hash = scenarioHash(experiment);
    const counted = experiment.kind === "experiment" && split === "test";
    const testTouches = counted
      ? await recordTouch(args.experiment, {
          scenario: experiment.scenario.name,
          scenarioHash: hash,
          episodes,
          seed,
          contenders: labels,
        })
      : touchCount(args.experiment, hash);
    const played: PlayedContender[] = await playEntries(
      pool,
      context,
      rules,
      tuned,
      split,
      seed,
      firstJudgedEpisode(experiment, split),
      episodes,
      progress("playing episodes"),
    );
    // The rest is this thread's alone.
    await pool.close();
    for (const text of learnedTexts) {
      const { learnedContender } = await import("../learned-contender.ts");
      played.push(await learnedContender(text, arena, firstJudgedEpisode(experiment, split), episodes));
    }
    events.complete();
    const evaluation = comparePlayed({
      experiment,
      series,
      split,
      seed,
      played,
      ...(arena.windows === undefined ? {} : { windows: arena.windows }),
      testTouches,
      notes: [
        ...tuned
          .filter((t) => t.atEdge.length > 0)
          .map((t) => `${t.id}: tuned value at the edge of its range: ${t.atEdge.join(", ")}.`),
        ...oracleNotes(tuned, experiment),
      ],
    });
    if (args.report !== undefined) {
      // Loaded when needed: figures are most of the program's start-up time.
      const { writeComparisonReport } = await import("../comparison-report.ts");
      await writeComparisonReport(args.report, {
        experiment,
        experimentPath: args.experiment,
        evaluation,
        played,
        arena,
        series,
        data: dataOfSplit(experiment, split, series),
        command: `greekgym ${process.argv.slice(2).join(" ")}`,
      });
    }
    if (args.json) printJson(evaluation);
    else process.stdout.write(`${evaluationText(evaluation)}\n`);
  } finally {
    events.complete();
    await pool.close();
  }
}
