import { PART_COUNT } from "../../env/tasks/rebalance/ledger.ts";
import {
  ATTRIBUTION_PARTS,
  type Attribution,
  type Budget,
  type ContenderResult,
  type EvaluationResult,
  type PairedResult,
} from "../core/contracts/evaluation.ts";
import type { Series } from "../core/contracts/series.ts";
import { SPLITS, type Split } from "../core/random.ts";
import {
  dataCaveats,
  dataNotes,
  describeSplit,
  type Experiment,
  equivalenceMargin,
  scenarioHash,
  UNIT_NAMES,
} from "./experiment.ts";
import { dearestFirst, objectiveOf, tailMean } from "./objectives.ts";
import { oracleGaps } from "./oracle-gaps.ts";
import type { EpisodeTable } from "./rollout.ts";
import { comparePaired } from "./statistics/paired.ts";
import { verdict } from "./verdict.ts";

/** A contender whose episodes have been played: one table for a rule, one for each training seed for something learned. */
export interface PlayedContender {
  readonly id: string;
  readonly kind: "baseline" | "learned" | "oracle";
  readonly tuned: boolean;
  readonly params: Readonly<Record<string, number>>;
  readonly budget: Budget;
  readonly tables: readonly EpisodeTable[];
}

export interface CompareInput {
  readonly experiment: Experiment;
  readonly series: Readonly<Record<string, Series>>;
  readonly split: Split;
  readonly seed: number;
  readonly played: readonly PlayedContender[];
  /** Non-overlapping recorded windows of the split, or undefined for simulated prices. */
  readonly windows?: number;
  readonly testTouches: number;
  readonly notes?: readonly string[];
  /** Whole clauses that the verdict must carry, beside those of the data. */
  readonly caveats?: readonly string[];
}

const mean = (a: Float64Array) => a.reduce((s, x) => s + x, 0) / a.length;

function average(tables: readonly EpisodeTable[], of: (t: EpisodeTable) => number): number {
  return tables.reduce((s, t) => s + of(t), 0) / tables.length;
}

function sampleSd(a: Float64Array): number {
  const m = mean(a);
  let squares = 0;
  for (const x of a) squares += (x - m) ** 2;
  return a.length > 1 ? Math.sqrt(squares / (a.length - 1)) : 0;
}

function meanAttribution(tables: readonly EpisodeTable[]): Attribution {
  const parts = ATTRIBUTION_PARTS.map((name, p) => {
    const value = average(tables, (t) => {
      let sum = 0;
      for (let i = p; i < t.attribution.length; i += PART_COUNT) sum += t.attribution[i]!;
      return sum / t.costs.length;
    });
    return [name, value] as const;
  });
  return Object.fromEntries(parts) as unknown as Attribution;
}

/** One row of the contender table; where there are several training seeds, the mean over them. `windows`: see CompareInput. */
export function summarise(experiment: Experiment, c: PlayedContender, windows?: number): ContenderResult {
  const { tables } = c;
  return {
    id: c.id,
    kind: c.kind,
    tuned: c.tuned,
    params: c.params,
    budget: c.budget,
    objective: average(tables, (t) => objectiveOf(experiment.objective, t.costs)),
    mean: average(tables, (t) => mean(t.costs)),
    sd: average(tables, (t) => sampleSd(t.costs)),
    cvar95: average(tables, (t) => tailMean(t.costs, dearestFirst(t.costs), 0.95, t.costs.length)),
    maxDrawdown: average(tables, (t) => mean(t.maxDrawdown)),
    turnover: average(tables, (t) => mean(t.turnover)),
    fees: average(tables, (t) => mean(t.fees)),
    gas: average(tables, (t) => mean(t.gas)),
    slippage: average(tables, (t) => mean(t.slippage)),
    rebalances: average(tables, (t) => mean(t.rebalances)),
    outsideBounds: average(tables, (t) => mean(t.outsideBounds)),
    liquidations: 0,
    attribution: meanAttribution(tables),
    // Without flow nothing comes back: there timing is chance, and all of delta stays direction.
    ...(windows === undefined && experiment.scenario.market.flow !== undefined
      ? { driftProfit: average(tables, (t) => mean(t.exposure) * mean(t.move)) }
      : {}),
  };
}

const paired = ({
  a,
  b,
  difference,
  ci95,
  simultaneousCi95,
  probabilityOfImprovement,
}: PairedResult): PairedResult => ({
  a,
  b,
  difference,
  ci95,
  simultaneousCi95,
  probabilityOfImprovement,
});

/**
 * The honest comparison of docs/design.md §5: every contender on the same episodes, the objective recomputed inside a paired bootstrap, simultaneous
 * intervals over all tradable rules, one verdict. Recorded windows are resampled whole. Oracles take no part in it; what they leave is in `gaps`.
 */
export function comparePlayed(input: CompareInput): EvaluationResult {
  const { experiment, series, split, seed, played } = input;
  const contenders = played.map((c) => summarise(experiment, c, input.windows));
  const order = [...contenders].sort((a, b) => a.objective - b.objective);
  const baselines = played.filter((c) => c.kind === "baseline");
  const learned = played.filter((c) => c.kind === "learned");
  const episodes = played[0]!.tables[0]!.costs.length;
  const windows = input.windows;
  const blocks = windows === undefined ? undefined : Int32Array.from({ length: episodes }, (_, i) => i % windows);
  const resampling = {
    seed: `${seed}/bootstrap`,
    resamples: experiment.compare.resamples,
    ...(blocks === undefined ? {} : { blocks }),
  };
  const asSample = (c: PlayedContender) => {
    const { attribution, driftProfit } = contenders.find((r) => r.id === c.id)!;
    return {
      id: c.id,
      tuned: c.tuned,
      costs: c.tables.map((t) => t.costs),
      attribution,
      ...(driftProfit === undefined ? {} : { driftProfit }),
    };
  };
  const bestBaseline = order.find((c) => c.kind === "baseline");
  const caveats = [...(input.caveats ?? []), ...dataCaveats(experiment, series, split)];
  if (windows !== undefined && windows < 30) caveats.push(`Only ${windows} independent recorded windows in this split`);
  const unit = UNIT_NAMES[experiment.unit];
  const delta = equivalenceMargin(experiment);
  const rows: PairedResult[] = [];
  let judged: EvaluationResult["verdict"];
  if (learned.length > 0 && baselines.length > 0) {
    const verdicts = learned.map((focus) => {
      const v = verdict({
        ...resampling,
        objective: experiment.objective,
        learned: asSample(focus),
        baselines: baselines.map(asSample),
        delta,
        unit,
        caveats,
      });
      rows.push(...v.comparison.rows.map(paired));
      return v;
    });
    // With several learned contenders, the one with the least objective is judged; all pairs are in `paired`.
    const ids = learned.map((c) => c.id);
    const first = order.find((c) => ids.includes(c.id))!;
    const v = verdicts[ids.indexOf(first.id)]!;
    judged = {
      value: v.value,
      delta: v.delta,
      contender: v.contender,
      against: v.against,
      sentence: v.sentence,
      ...(v.moreEpisodes === undefined ? {} : { moreEpisodes: v.moreEpisodes }),
      ...(v.moreWindows === undefined ? {} : { moreWindows: v.moreWindows }),
      ...(v.notHedgingSkill === undefined ? {} : { notHedgingSkill: v.notHedgingSkill }),
      ...(v.mostlyTiming === undefined ? {} : { mostlyTiming: v.mostlyTiming }),
      ...(v.minimumDetectableEffect === undefined ? {} : { minimumDetectableEffect: v.minimumDetectableEffect }),
    };
  } else {
    const focus = played.find((c) => c.id === (bestBaseline ?? order[0]!).id)!;
    const others = played.filter((c) => c !== focus && c.kind !== "oracle");
    if (others.length > 0)
      rows.push(
        ...comparePaired({
          ...resampling,
          objective: experiment.objective,
          focus: asSample(focus),
          others: others.map(asSample),
        }).rows.map(paired),
      );
    judged = {
      value: "inconclusive",
      delta,
      contender: "",
      against: focus.id,
      sentence: `No learned contender was judged. ${bestBaseline === undefined ? "No rule was played" : `The best rule is ${focus.id}`}.${caveats.map((c) => ` ${c}.`).join("")}`,
    };
  }
  const gaps = oracleGaps({ ...resampling, objective: experiment.objective, played, order });
  const { objective } = experiment;
  const seedNotes = learned.flatMap((c) => {
    if (c.tables.length < 2) return [];
    const each = c.tables.map((t) => objectiveOf(objective, t.costs));
    const list = each.map((x) => x.toFixed(2)).join(", ");
    return [
      `${c.id}: the table shows the mean over ${each.length} training seeds; by seed ${list}; worst ${Math.max(...each).toFixed(2)} ${unit}.`,
    ];
  });
  return {
    scenario: {
      name: experiment.scenario.name,
      version: experiment.scenario.version,
      hash: scenarioHash(experiment),
      kind: experiment.kind,
    },
    objective: {
      name: objective.name,
      unit,
      direction: "minimise",
      ...(objective.name === "mean-plus-sd" ? { k: objective.k } : {}),
    },
    episodes,
    effectiveEpisodes: windows === undefined ? episodes : Math.min(windows, episodes),
    seed,
    splits: Object.fromEntries(SPLITS.map((s) => [s, describeSplit(experiment, s)])) as EvaluationResult["splits"],
    split,
    contenders: order,
    best: { baseline: bestBaseline?.id ?? "", overall: (order.find((c) => c.kind !== "oracle") ?? order[0]!).id },
    paired: rows,
    ...(gaps.length === 0 ? {} : { gaps }),
    verdict: judged,
    testTouches: input.testTouches,
    notes: [...(input.notes ?? []), ...seedNotes, ...dataNotes(series)],
  };
}
