import type { Attribution, EvaluationResult, VerdictValue } from "../core/contracts/evaluation.ts";
import { ContractError } from "../core/errors.ts";
import { type GainSplit, isMostlyTiming, isNotHedgingSkill, splitGain } from "./gain-split.ts";
import { defaultDelta, type Objective, objectiveLabel, objectiveOf } from "./objectives.ts";
import type { ResamplingOptions } from "./statistics/bootstrap.ts";
import { type CostSample, comparePaired, type PairedComparison, type SeedLevel } from "./statistics/paired.ts";
import { minimumDetectableEffect, moreEpisodesToDecide } from "./statistics/power.ts";
import { meanOf } from "./statistics/quantile.ts";
import { tInterval } from "./statistics/seeds.ts";

/** A contender with its costs and, where it is known, its attribution (means over episodes and training seeds). */
export interface Judged extends CostSample {
  readonly attribution?: Attribution;
  /** See ContenderResult; absent on recorded prices. */
  readonly driftProfit?: number;
  /** True where its parameters were tuned on training episodes; the sentence says "tuned" only then. */
  readonly tuned?: boolean;
}

export interface VerdictInput extends ResamplingOptions {
  readonly objective: Objective;
  /** The learned contender: one array of costs for each training seed. */
  readonly learned: Judged;
  /** All rules that can be traded; not `hindsight`, not `dp-optimum`. */
  readonly baselines: readonly Judged[];
  /** Half-width of equivalence as a fraction of the best rule's objective; 0.02 (0.05 for CVaR) unless told. */
  readonly delta?: number;
  readonly seedLevel?: SeedLevel;
  /** The unit of the costs, for the sentence, e.g. `bps of notional`. */
  readonly unit?: string;
  /** Whole clauses about the data that the sentence must carry, e.g. `fees from another period are spliced`. */
  readonly caveats?: readonly string[];
}

export type VerdictSummary = EvaluationResult["verdict"];

export interface Verdict extends VerdictSummary {
  /** Learned minus the best rule. */
  readonly difference: number;
  /** Simultaneous over all rules; the verdict follows from it alone. */
  readonly interval: readonly [number, number];
  /** δ times the best rule's |objective|. */
  readonly margin: number;
  /** For Holm's correction of a table of scenarios. */
  readonly pBetter: number;
  readonly comparison: PairedComparison;
  /** The objective of each training seed. */
  readonly seedObjectives: readonly number[];
  readonly worstSeed: { readonly index: number; readonly objective: number };
  /** Student's interval of the objective over training seeds, where there are at least two. */
  readonly seedInterval?: readonly [number, number];
  readonly gain?: GainSplit;
}

/**
 * The value that an interval of "learned minus best rule" earns. In this order: wholly below 0 is better, whatever its size; inside ±margin is
 * equivalent, even where it excludes 0 from above; wholly above 0 is worse; anything else is inconclusive.
 */
export function verdictValue(interval: readonly [number, number], margin: number): VerdictValue {
  const [low, high] = interval;
  if (high < 0) return "better";
  if (low >= -margin && high <= margin) return "equivalent";
  if (low > 0) return "worse";
  return "inconclusive";
}

/** Independent windows below which nothing is decided: a sign test cannot reach 5% with fewer, and a bootstrap over them is too narrow. */
const FEWEST_WINDOWS = 6;

function figure(x: number): string {
  return Number(x.toPrecision(3)).toString();
}

/** Judges a learned contender against the best of the rules, by the rules of docs/statistics.md. */
export function verdict(input: VerdictInput): Verdict {
  const { objective, learned, baselines } = input;
  const delta = input.delta ?? defaultDelta(objective);
  if (!(delta >= 0 && delta < 1))
    throw new ContractError("The half-width of equivalence must be a fraction.", {
      which: "delta",
      value: delta,
      fix: "Give a number from 0 up to 1, e.g. 0.02.",
    });
  const comparison = comparePaired({ ...input, focus: learned, others: baselines });
  const { against, difference, interval, pBetter } = comparison.toBest;
  const bestIndex = baselines.findIndex((baseline) => baseline.id === against);
  const best = baselines[bestIndex]!;
  const row = comparison.rows[bestIndex]!;
  const margin = delta * Math.abs(comparison.objectives[bestIndex]!);
  const few = input.blocks !== undefined && comparison.effectiveEpisodes < FEWEST_WINDOWS;
  // Identical arms need no windows to be told apart: nothing separates them.
  const value = few && (interval[0] !== 0 || interval[1] !== 0) ? "inconclusive" : verdictValue(interval, margin);

  const seedObjectives = learned.costs.map((costs) => objectiveOf(objective, costs));
  const worst = seedObjectives.reduce((w, x, i) => (x > seedObjectives[w]! ? i : w), 0);

  const scale = Math.hypot(row.pathStandardError, row.seedStandardError);
  // Recorded windows: an episode more on data already seen decides nothing, so the count is of independent windows.
  const more =
    value === "inconclusive"
      ? moreEpisodesToDecide({
          difference,
          margin,
          pathStandardError: row.pathStandardError,
          seedStandardError: row.seedStandardError,
          independent: comparison.effectiveEpisodes,
          critical: scale > 0 ? (interval[1] - interval[0]) / (2 * scale) : 0,
        })
      : undefined;

  const detectable =
    scale > 0 ? minimumDetectableEffect(scale, 0.8, (interval[1] - interval[0]) / (2 * scale)) : undefined;

  const gain =
    learned.attribution !== undefined && best.attribution !== undefined
      ? splitGain(
          {
            objective: comparison.objective,
            mean: meanOf(learned.costs.map(meanOf)),
            attribution: learned.attribution,
            ...(learned.driftProfit === undefined ? {} : { driftProfit: learned.driftProfit }),
          },
          {
            objective: comparison.objectives[bestIndex]!,
            mean: meanOf(best.costs.map(meanOf)),
            attribution: best.attribution,
            ...(best.driftProfit === undefined ? {} : { driftProfit: best.driftProfit }),
          },
        )
      : undefined;
  const notHedgingSkill = value === "better" && gain !== undefined && isNotHedgingSkill(gain);
  const mostlyTiming = value === "better" && gain !== undefined && isMostlyTiming(gain);

  return {
    value,
    delta,
    contender: learned.id,
    against,
    sentence: sentenceOf(),
    ...(more === undefined || more === 0
      ? {}
      : input.blocks === undefined
        ? { moreEpisodes: more }
        : { moreWindows: more }),
    ...(notHedgingSkill ? { notHedgingSkill } : {}),
    ...(mostlyTiming ? { mostlyTiming } : {}),
    ...(detectable === undefined ? {} : { minimumDetectableEffect: detectable }),
    difference,
    interval,
    margin,
    pBetter,
    comparison,
    seedObjectives,
    worstSeed: { index: worst, objective: seedObjectives[worst]! },
    ...(seedObjectives.length > 1 ? { seedInterval: tInterval(seedObjectives) } : {}),
    ...(gain === undefined ? {} : { gain }),
  };

  function sentenceOf(): string {
    const unit = input.unit === undefined ? "" : ` ${input.unit}`;
    const seeds = seedObjectives.length;
    const effective = comparison.effectiveEpisodes;
    const rule = `the best ${best.tuned === true ? "tuned " : ""}rule, ${against}`;
    const judged = `difference in ${objectiveLabel(objective)} ${figure(difference)}${unit} (95% ${figure(interval[0])} to ${figure(interval[1])}, over all rules at once)`;
    const within = `±${figure(margin)}${unit} (δ = ${figure(100 * delta)}%)`;
    const opening: Record<VerdictValue, string> = {
      better: `${learned.id} is better than ${rule}: ${judged}${interval[0] >= -margin ? `, a gain smaller than ${within}` : ""}.`,
      equivalent: `${learned.id} is equivalent to ${rule} within ${within}: ${judged}${interval[0] > 0 ? ", a small loss that is beyond chance" : ""}.`,
      worse: `${learned.id} is worse than ${rule}: ${judged}.`,
      inconclusive: `Inconclusive between ${learned.id} and ${rule}: ${judged}, ${few ? `and ${effective} independent windows are fewer than the ${FEWEST_WINDOWS} that can decide anything` : `neither wholly on one side of 0 nor inside ${within}`}.`,
    };
    const decide =
      // Where nothing separates the pair (a policy that is its own reference), no amount of data is the answer.
      value !== "inconclusive" || more === 0
        ? ""
        : more === undefined
          ? ` No number of ${input.blocks === undefined ? "episodes" : "windows"} would decide: more training seeds are needed.`
          : input.blocks === undefined
            ? ` About ${more} more episodes would decide.`
            : ` About ${more} more independent windows (${effective} ${effective === 1 ? "has" : "have"} been seen) would decide.`;
    const basis = ` ${comparison.episodes} episodes${effective < comparison.episodes ? ` (${effective} independent)` : ""}, ${seeds} training seed${seeds === 1 ? ", so this says nothing of how often training succeeds" : "s"}.${
      detectable === undefined
        ? ""
        : ` A true difference of ${figure(detectable)}${unit} would be found four times in five.`
    }`;
    const skill = notHedgingSkill ? " Not hedging skill: most of the gain is carry or direction." : "";
    const timing = mostlyTiming
      ? " Most of the gain is timing: exposure held while the price was displaced and came back."
      : "";
    const caveats = (input.caveats ?? []).map((caveat) => ` ${caveat.replace(/\.$/, "")}.`).join("");
    return opening[value] + decide + basis + skill + timing + caveats;
  }
}
