import { createBaseline } from "../../agents/baselines/registry.ts";
import type { EvaluationResult } from "../core/contracts/evaluation.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { Emit } from "../core/events.ts";
import type { PlayedContender } from "../evaluate/compare.ts";
import { dataOfSplit, firstJudgedEpisode } from "../evaluate/experiment.ts";
import type { JobRunner } from "../evaluate/jobs.ts";
import { objectiveOf } from "../evaluate/objectives.ts";
import { bandCurve } from "../evaluate/report-data/band-curve.ts";
import { baseFeeLevels } from "../evaluate/report-data/base-fee-levels.ts";
import { costSamples } from "../evaluate/report-data/cost-samples.ts";
import { frontier, sweepWidth } from "../evaluate/report-data/frontier.ts";
import { learningCurve } from "../evaluate/report-data/learning-curve.ts";
import { optimumBand } from "../evaluate/report-data/optimum-band.ts";
import { pickEpisode, traceEpisode } from "../evaluate/report-data/trace-episode.ts";
import { renderHtml } from "../report/html.ts";
import type { ReportInput, ShadowSummary } from "../report/input.ts";
import { renderJson } from "../report/json.ts";
import { renderMarkdown } from "../report/markdown.ts";
import type { RunDirectory } from "../store/run-directory.ts";
import type { Trained } from "../train/run.ts";
import type { RunRequest } from "./run-experiment.ts";

/** Names of the learners in titles. */
const LEARNERS = { ppo: "PPO", "deep-hedging": "Deep hedging" } as const;

export interface RunReport {
  readonly run: RunDirectory;
  readonly request: RunRequest;
  readonly trained: Trained;
  readonly evaluation: EvaluationResult;
  readonly played: readonly PlayedContender[];
  readonly runner: JobRunner;
  readonly policies: readonly Policy[];
  readonly bestIndex: number;
  readonly emit: Emit;
  readonly shadow?: ShadowSummary;
}

/** Writes the run's report as one HTML file, as Markdown and as JSON. */
export async function writeRunReport(r: RunReport): Promise<void> {
  const { run, request, evaluation, trained, played, runner, bestIndex } = r;
  const { experiment, series } = request;
  const { split, seed } = evaluation;
  const { provenance } = run.manifest;
  const data = dataOfSplit(experiment, split, series);
  const arena = runner.arena(split, seed);
  const { context } = arena.env;
  const policy = r.policies[bestIndex]!;
  const learned = played.find((c) => c.kind === "learned")!;
  const paramsOf = (label: string) => trained.rules.find((t) => t.label === label)?.params;
  // The best rule as it was played, which may be the reference at the learner's budget.
  const row = evaluation.contenders.find((c) => c.id === evaluation.best.baseline)!;
  const bestId = trained.rules.find((t) => t.label === row.id)?.id ?? trained.reference.id;
  const best = createBaseline(bestId, row.params, context);
  const where = { experiment, data, split, seed };
  const band = bandCurve({
    ...where,
    learned: policy,
    baseline: createBaseline(trained.reference.id, trained.reference.params, context),
    whalleyWilmott: createBaseline("whalley-wilmott", paramsOf("whalley-wilmott") ?? {}, context),
    levels: baseFeeLevels({ experiment, data, split, seed }),
    usual: learned.tables[bestIndex]!,
  });
  const optimum = optimumBand({ ...where, arena, played });
  const width = paramsOf("delta-band");
  const selectArena = runner.arena("select", seed);
  const references = trained.rules
    .map((t) => {
      const table = selectArena.play(createBaseline(t.id, t.params, context), 0, experiment.train.selectEpisodes);
      return { id: t.label, objective: objectiveOf(experiment.objective, table.costs) };
    })
    .sort((a, b) => a.objective - b.objective)
    .slice(0, 3);
  const input: ReportInput = {
    title: `${LEARNERS[experiment.agent.algorithm]} against tuned rules on ${experiment.scenario.name}`,
    evaluation,
    provenance: {
      runId: run.id,
      seed: request.seed,
      configHash: run.manifest.configHash,
      gitSha: provenance.gitSha ?? "unknown",
      engine: provenance.engine,
      node: provenance.node,
      dataFiles: Object.values(series).map((s) => ({ path: s.source, sha256: s.hash })),
      command: request.command,
    },
    costSamples: costSamples(played),
    frontier: frontier(
      experiment,
      played,
      width === undefined
        ? []
        : [sweepWidth({ experiment, arena, params: width, episodes: Math.min(500, evaluation.episodes) })],
    ),
    learningCurve: learningCurve(trained.seeds, references),
    episode: traceEpisode({
      ...where,
      episode: firstJudgedEpisode(experiment, split) + pickEpisode(learned.tables[bestIndex]!.costs),
      policy,
      baseline: best,
    }),
    ...(band === undefined ? {} : { bandCurve: band }),
    ...(optimum === undefined ? {} : { optimumBand: optimum }),
    ...(r.shadow === undefined ? {} : { shadow: r.shadow }),
  };
  run.writeDocument("report.html", await renderHtml(input));
  run.writeDocument("report.md", renderMarkdown(input));
  run.writeDocument("report.json", renderJson(input));
}
