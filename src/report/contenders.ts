import type { ContenderResult, EvaluationResult, PairedResult } from "../core/contracts/evaluation.ts";
import type { LegendItem } from "./figure.ts";
import { shorten } from "./textwidth.ts";
import { colour } from "./theme.ts";

/** How a contender is drawn: the policy that is judged, the row it is judged against, rows nobody can trade, and the rest. */
export type Standing = "judged" | "against" | "learned" | "oracle" | "other";

export const STANDINGS: readonly Standing[] = ["judged", "against", "learned", "oracle", "other"];

/** Colour and symbol of each standing: never by colour alone. */
export const STANDING_STYLE = {
  judged: { role: "learned", shape: "circle", legend: "dot" },
  against: { role: "baseline", shape: "square", legend: "square" },
  learned: { role: "learned", shape: "circle", legend: "ring" },
  oracle: { role: "oracle", shape: "triangle-up", legend: "triangle" },
  other: { role: "other", shape: "circle", legend: "dot" },
} as const;

/** The scale that maps a standing to its colour. */
export const STANDING_COLOUR = {
  domain: STANDINGS,
  range: STANDINGS.map((s) => colour(STANDING_STYLE[s].role)),
} as const;

/** Contenders from the lowest objective up; equal ones by name. */
export function ranked(evaluation: EvaluationResult): ContenderResult[] {
  return [...evaluation.contenders].sort((a, b) => a.objective - b.objective || (a.id < b.id ? -1 : 1));
}

export function contender(evaluation: EvaluationResult, id: string): ContenderResult | undefined {
  return evaluation.contenders.find((c) => c.id === id);
}

/** The row that others are compared with: the judged policy, else the best row there is. */
export function referenceId(evaluation: EvaluationResult): string {
  return evaluation.verdict.contender || evaluation.best.overall;
}

/** The row that the judged one must beat: the verdict's, else the best rule. */
export function againstId(evaluation: EvaluationResult): string {
  return evaluation.verdict.against || evaluation.best.baseline;
}

export function standing(evaluation: EvaluationResult, id: string): Standing {
  if (id === evaluation.verdict.contender) return "judged";
  if (id === againstId(evaluation)) return "against";
  const kind = contender(evaluation, id)?.kind;
  return kind === "oracle" ? "oracle" : kind === "learned" ? "learned" : "other";
}

/** Row `a` minus row `id` (negative: `a` is better; by default the reference), whichever way round the pair was stored. */
export function pairedWith(
  evaluation: EvaluationResult,
  id: string,
  a: string = referenceId(evaluation),
): PairedResult | undefined {
  const pair = evaluation.paired.find((p) => p.a === a && p.b === id);
  if (pair !== undefined) return pair;
  const turned = evaluation.paired.find((p) => p.a === id && p.b === a);
  if (turned === undefined) return undefined;
  const flip = ([low, high]: readonly [number, number]): [number, number] => [-high, -low];
  return {
    a,
    b: id,
    difference: -turned.difference,
    ci95: flip(turned.ci95),
    simultaneousCi95: flip(turned.simultaneousCi95),
    probabilityOfImprovement: 1 - turned.probabilityOfImprovement,
  };
}

/** Names as figures show them: whole where they fit, else shortened; two that shorten alike get their rank. */
export function figureNames(ids: readonly string[], width: number): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [i, id] of ids.entries()) {
    let name = shorten(id, width);
    if (taken.has(name)) name = `${shorten(id, width - 24)} #${i + 1}`;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

/** Legend entries for the standings that occur among `ids`. */
export function standingLegend(evaluation: EvaluationResult, ids: readonly string[]): LegendItem[] {
  const against = againstId(evaluation);
  const words: Record<Standing, string> = {
    judged: `${evaluation.verdict.contender} (learned)`,
    against: `${against} (${against === evaluation.best.baseline ? "best rule" : "row to beat"})`,
    learned: "other learned policies",
    oracle: "oracles, which nobody can trade",
    other: "other baselines",
  };
  const present = new Set(ids.map((id) => standing(evaluation, id)));
  return STANDINGS.filter((s) => present.has(s)).map((s) => ({
    label: words[s],
    colour: STANDING_STYLE[s].role,
    mark: STANDING_STYLE[s].legend,
  }));
}
