import type { EvaluationResult } from "../core/contracts/evaluation.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { Emit } from "../core/events.ts";
import type { PlayedContender } from "../evaluate/compare.ts";
import type { JobRunner } from "../evaluate/jobs.ts";
import { renderHtml } from "../report/html.ts";
import type { ReportInput } from "../report/input.ts";
import { renderJson } from "../report/json.ts";
import { renderMarkdown } from "../report/markdown.ts";
import type { RunDirectory } from "../store/run-directory.ts";
import type { Trained } from "../train/run.ts";
import type { RunRequest } from "./run-experiment.ts";

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
}

/** Writes the run's report as one HTML file, as Markdown and as JSON. */
export async function writeRunReport(r: RunReport): Promise<void> {
  const { run, request, evaluation, trained } = r;
  const { provenance } = run.manifest;
  const input: ReportInput = {
    title: `${request.experiment.agent.algorithm.toUpperCase()} against tuned rules on ${request.experiment.scenario.name}`,
    evaluation,
    provenance: {
      runId: run.id,
      seed: request.seed,
      configHash: run.manifest.configHash,
      gitSha: provenance.gitSha ?? "unknown",
      engine: provenance.engine,
      node: provenance.node,
      dataFiles: Object.values(request.series).map((s) => ({ path: s.source, sha256: s.hash })),
      command: request.command,
    },
    costSamples: [],
    frontier: { points: evaluation.contenders.map((c) => ({ id: c.id, mean: c.mean, sd: c.sd })) },
  };
  void trained;
  run.writeDocument("report.html", await renderHtml(input));
  run.writeDocument("report.md", renderMarkdown(input));
  run.writeDocument("report.json", renderJson(input));
}
