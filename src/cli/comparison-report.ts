import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import type { EvaluationResult } from "../core/contracts/evaluation.ts";
import type { Series } from "../core/contracts/series.ts";
import { canonicalHash } from "../core/hash.ts";
import type { PlayedContender } from "../evaluate/compare.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { costSamples } from "../evaluate/report-data/cost-samples.ts";
import { optimumBand } from "../evaluate/report-data/optimum-band.ts";
import type { Arena } from "../evaluate/rollout.ts";
import { renderHtml } from "../report/html.ts";
import { writeFileAtomic } from "../store/atomic.ts";
import { readProvenance } from "../store/provenance.ts";
import { projectRoot } from "./project.ts";

export interface ComparisonReport {
  readonly experiment: Experiment;
  readonly experimentPath: string;
  readonly evaluation: EvaluationResult;
  readonly played: readonly PlayedContender[];
  readonly series: Readonly<Record<string, Series>>;
  readonly data: ScenarioData;
  readonly command: string;
  /** Of the judged split and seed. */
  readonly arena: Arena;
}

/** Writes the self-contained report of a comparison without training. */
export async function writeComparisonReport(path: string, r: ComparisonReport): Promise<void> {
  const provenance = readProvenance(projectRoot(), "none");
  const { experiment, data, arena, played } = r;
  const { split, seed } = r.evaluation;
  const band = optimumBand({ experiment, data, split, seed, arena, played });
  const html = await renderHtml({
    title: `Comparison on ${r.experiment.scenario.name}`,
    evaluation: r.evaluation,
    provenance: {
      runId: "comparison",
      seed: r.evaluation.seed,
      configHash: canonicalHash(r.experiment),
      gitSha: provenance.gitSha ?? "unknown",
      engine: "none",
      node: provenance.node,
      dataFiles: Object.values(r.series).map((s) => ({ path: s.source, sha256: s.hash })),
      command: r.command,
    },
    costSamples: costSamples(r.played),
    ...(band === undefined ? {} : { optimumBand: band }),
    frontier: { points: r.evaluation.contenders.map((c) => ({ id: c.id, mean: c.mean, sd: c.sd })) },
  });
  writeFileAtomic(path, html);
}
