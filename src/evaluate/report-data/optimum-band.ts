import { createBaseline } from "../../../agents/baselines/registry.ts";
import type { ScenarioData } from "../../../env/tasks/rebalance/scenario-data.ts";
import type { Policy } from "../../core/contracts/policy.ts";
import type { Split } from "../../core/random.ts";
import type { PlayedContender } from "../compare.ts";
import type { Experiment } from "../experiment.ts";
import { DP_OPTIMUM, DP_OPTIMUM_ID, riskAversionOf } from "../optimum/oracle.ts";
import { scenarioProblem } from "../optimum/scenario-problem.ts";
import type { Arena } from "../rollout.ts";
import { type Band, midBands } from "./band-curve.ts";
import { baseFeeLevels } from "./base-fee-levels.ts";

/** The optimum's no-trade band at the middle of the session beside analytic and tuned ones. */
export interface OptimumBand {
  readonly xName: string;
  readonly xUnit: string;
  readonly x: readonly number[];
  /** Of the optimum, per unit of cost. */
  readonly riskAversion: number;
  readonly bands: readonly { readonly id: OptimumBandId; readonly name: string; readonly band: Band }[];
}
export type OptimumBandId = "optimum" | "same" | "tuned" | "rule";

export interface OptimumBandInput {
  readonly experiment: Experiment;
  readonly data: ScenarioData;
  readonly split: Split;
  readonly seed: number;
  readonly arena: Arena;
  readonly played: readonly PlayedContender[];
}

/**
 * The band of `dp-optimum` beside Whalley-Wilmott's at the same risk aversion, Whalley-Wilmott's as tuned and the tuned delta band, as far as they were
 * played. Undefined where the optimum was not played, or the session has no middle.
 */
export function optimumBand(input: OptimumBandInput): OptimumBand | undefined {
  const { experiment, arena, played } = input;
  const optimum = played.find((c) => c.id === DP_OPTIMUM_ID);
  if (optimum === undefined) return undefined;
  const { context } = arena.env;
  const riskAversion = riskAversionOf(optimum.params, experiment);
  const { unitUsd, bookSize } = scenarioProblem(experiment.scenario, experiment.unit);
  const rows: { id: OptimumBandId; name: string; policy: Policy }[] = [
    { id: "optimum", name: DP_OPTIMUM_ID, policy: DP_OPTIMUM.policy(optimum.params, arena, experiment) },
    {
      id: "same",
      name: "Whalley-Wilmott at the same risk aversion",
      // From one unit of cost to USD, and from the whole book to one unit of it.
      policy: createBaseline("whalley-wilmott", { riskAversion: (riskAversion * bookSize) / unitUsd }, context),
    },
  ];
  for (const [id, rule, name] of [
    ["tuned", "whalley-wilmott", "Whalley-Wilmott, tuned"],
    ["rule", "delta-band", "delta-band, tuned"],
  ] as const) {
    const row = played.find((c) => c.id === rule && c.tuned);
    if (row !== undefined) rows.push({ id, name, policy: createBaseline(rule, row.params, context) });
  }
  const [level] = baseFeeLevels(input).slice(-1);
  const found = midBands(
    { ...input, levels: [level!], usual: optimum.tables[0]! },
    rows.map((r) => r.policy),
  );
  if (found === undefined) return undefined;
  const { xName, xUnit, x, bands } = found;
  return { xName, xUnit, x, riskAversion, bands: rows.map(({ id, name }, i) => ({ id, name, band: bands[i]![0]! })) };
}
