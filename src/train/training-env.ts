import { createBaseline } from "../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import { makeHead } from "../../models/heads/head.ts";
import type { HeadSpec } from "../core/contracts/heads.ts";
import type { Experiment } from "../evaluate/experiment.ts";
import { HeadedEnv } from "./headed-env.ts";
import type { Rows } from "./parallel/env-part.ts";
import type { Reference } from "./reference.ts";

/** What training episodes are made from: plain data, which can be sent to a thread. */
export interface TrainingOrder {
  readonly experiment: Experiment;
  readonly data: ScenarioData;
  /** Of the select split, on which policies are scored. */
  readonly selectData: ScenarioData;
  readonly reference: Reference;
  readonly seed: number;
}

/** The action head of an experiment. */
export function headSpec(experiment: Experiment, reference: Reference): HeadSpec {
  const { head, scale } = experiment.agent;
  if (head === "band") return { head, reference: { baseline: reference.id, params: reference.params }, scale };
  if (head === "gate+size") return { head, maxChange: 1 };
  if (head === "target") return { head, maxPosition: 1.5 };
  return { head, fractions: [0, 0.25, 0.5, 0.75, 1] };
}

/** Some copies of the training environment, with the experiment's action head before it. */
export function buildTrainingEnv({ experiment, data, reference, seed }: TrainingOrder, rows: Rows) {
  const inner = new RebalanceEnv({
    scenario: experiment.scenario,
    numEnvs: rows.count,
    part: { from: rows.from, of: rows.of },
    split: "train",
    seed,
    data,
    unit: experiment.unit,
    riskPenalty: reference.riskPenalty,
    ...(reference.rewardShape === undefined ? {} : { rewardShape: reference.rewardShape }),
  });
  const { context } = inner;
  const head = headSpec(experiment, reference);
  // As in makeLearnedPolicy: only the band head starts from a rule.
  const rule = head.head === "band" ? createBaseline(reference.id, reference.params, context).rule : undefined;
  return { env: new HeadedEnv(inner, makeHead(head, context, rule)), inner, head };
}
