import type { EvaluationResult, VerdictValue } from "../core/contracts/evaluation.ts";
import { sums } from "./attribution.ts";
import { checkInput } from "./check.ts";
import type { Figure } from "./figure.ts";
import { attributionFigure } from "./figures/attribution.ts";
import { bandFigure } from "./figures/band.ts";
import { differenceFigure } from "./figures/difference.ts";
import { distributionFigure } from "./figures/distribution.ts";
import { episodeFigure } from "./figures/episode.ts";
import { frontierFigure } from "./figures/frontier.ts";
import { learningFigure } from "./figures/learning.ts";
import { optimumBandFigure } from "./figures/optimum-band.ts";
import { count, percent, plural } from "./format.ts";
import { gapLines } from "./gaps.ts";
import type { Provenance, ReportInput } from "./input.ts";
import type { Table } from "./table.ts";
import { attributionTable, behaviourTable, contenderTable, differenceTable, shadowTable } from "./tables.ts";

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "facts"; readonly facts: readonly (readonly [string, string])[] }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "figure"; readonly figure: Figure }
  | { readonly kind: "table"; readonly table: Table };

export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface Verdict {
  /** The verdict in words, never by colour alone. */
  readonly word: string;
  readonly tone: "good" | "same" | "bad" | "unsure";
  readonly sentence: string;
  readonly remarks: readonly string[];
}

const WORDS: Record<VerdictValue, Pick<Verdict, "word" | "tone">> = {
  better: { word: "Better", tone: "good" },
  equivalent: { word: "Equivalent", tone: "same" },
  worse: { word: "Worse", tone: "bad" },
  inconclusive: { word: "Inconclusive", tone: "unsure" },
};

/** What the top of the page says. */
export function verdictOf(evaluation: EvaluationResult): Verdict {
  const { verdict } = evaluation;
  const remarks: string[] = [];
  if (verdict.notHedgingSkill) remarks.push("Not hedging skill: the gain is mostly carry or direction.");
  if (verdict.mostlyTiming)
    remarks.push("The gain is mostly timing: exposure held while the price was displaced and came back.");
  if (verdict.moreEpisodes !== undefined)
    remarks.push(`About ${plural(verdict.moreEpisodes, "further episode")} would decide.`);
  if (verdict.moreWindows !== undefined)
    remarks.push(`About ${plural(verdict.moreWindows, "further independent window")} would decide.`);
  const word = verdict.contender === "" ? { word: "Baselines only", tone: "same" as const } : WORDS[verdict.value];
  return { ...word, sentence: verdict.sentence, remarks };
}

const text = (value: string): Block => ({ kind: "text", text: value });
const table = (value: Table | undefined): Block[] => (value === undefined ? [] : [{ kind: "table", table: value }]);
const figure = (value: Figure | undefined): Block[] => (value === undefined ? [] : [{ kind: "figure", figure: value }]);

function comparedText(evaluation: EvaluationResult): string {
  const { scenario, objective, contenders, episodes, effectiveEpisodes, split } = evaluation;
  const kinds = (["learned", "baseline", "oracle"] as const).flatMap((kind) => {
    const n = contenders.filter((c) => c.kind === kind).length;
    return n === 0
      ? []
      : [plural(n, kind === "learned" ? "learned policy" : kind, kind === "learned" ? "learned policies" : `${kind}s`)];
  });
  const effective =
    effectiveEpisodes === episodes ? "" : ` (${count(effectiveEpisodes)} of them on data that do not overlap)`;
  return `Scenario ${scenario.name}, version ${scenario.version} (${scenario.kind}). ${plural(contenders.length, "contender")}: ${kinds.join(", ")}. Each met the same shocks in ${plural(episodes, "episode")}${effective} of the ${split} split. Objective: ${objective.name}${objective.k === undefined ? "" : ` with k = ${objective.k}`}, in ${objective.unit}; lower is better.`;
}

function gapsText(evaluation: EvaluationResult): Block[] {
  return gapLines(evaluation).map(text);
}

function honesty(evaluation: EvaluationResult): Block[] {
  const { splits, testTouches, scenario, verdict, notes } = evaluation;
  const broken = evaluation.contenders.filter((c) => !sums(c)).map((c) => c.id);
  const caveats = [
    ...notes,
    ...(broken.length > 0 ? [`The attribution does not sum to the mean cost for: ${broken.join(", ")}.`] : []),
  ];
  return [
    {
      kind: "facts",
      facts: [
        ["Train split", splits.train],
        ["Select split", splits.select],
        ["Test split", splits.test],
        ["Judged on", evaluation.split],
        [
          "Test split touched",
          `${plural(testTouches, "time")}${scenario.kind === "experiment" ? "" : ` (a ${scenario.kind} scenario counts none)`}`,
        ],
        ["Equivalence margin", `${percent(verdict.delta, 1)} of the objective of the row to beat`],
        ["Evaluation seed", String(evaluation.seed)],
        ["Scenario hash", scenario.hash],
      ],
    },
    ...(caveats.length > 0 ? [{ kind: "list", items: caveats } as const] : []),
  ];
}

function origin(p: Provenance): Block[] {
  return [
    {
      kind: "facts",
      facts: [
        ["Run", p.runId],
        ["Seed", String(p.seed)],
        ["Config hash", p.configHash],
        ["Source (git)", p.gitSha],
        ["Engine", p.engine],
        ["Node", p.node],
        ...p.dataFiles.map((f) => [f.path, `sha256 ${f.sha256}`] as const),
      ],
    },
    text("Generated by:"),
    { kind: "command", text: p.command },
  ];
}

/**
 * The report after its verdict, in the order in which a person looks. A section without content is left out.
 *
 * @throws ContractError where series that belong together differ in length
 */
export function sectionsOf(input: ReportInput): Section[] {
  checkInput(input);
  const { evaluation, provenance } = input;
  const sections: Section[] = [
    {
      id: "compared",
      heading: "What was compared",
      blocks: [text(comparedText(evaluation)), text("Run it again:"), { kind: "command", text: provenance.command }],
    },
    {
      id: "result",
      heading: "Contenders",
      blocks: [
        ...table(contenderTable(evaluation)),
        ...gapsText(evaluation),
        ...figure(differenceFigure(input)),
        ...table(behaviourTable(evaluation)),
      ],
    },
    { id: "learning-curve", heading: "Learning curve", blocks: figure(learningFigure(input)) },
    { id: "costs", heading: "Distribution of costs", blocks: figure(distributionFigure(input)) },
    { id: "hedged-episode", heading: "One hedged episode", blocks: figure(episodeFigure(input)) },
    {
      id: "no-trade-band",
      heading: "No-trade band",
      blocks: [...figure(bandFigure(input)), ...figure(optimumBandFigure(input))],
    },
    { id: "mean-and-risk", heading: "Mean against risk", blocks: figure(frontierFigure(input)) },
    {
      id: "where-costs-arise",
      heading: "Where costs arise",
      blocks: [
        ...table(differenceTable(evaluation)),
        ...figure(attributionFigure(input)),
        ...table(attributionTable(evaluation)),
      ],
    },
    {
      id: "shadow",
      heading: "Shadow run",
      blocks: input.shadow === undefined ? [] : table(shadowTable(input.shadow)),
    },
    { id: "splits", heading: "Splits, test touches and caveats", blocks: honesty(evaluation) },
    { id: "provenance", heading: "Provenance", blocks: origin(provenance) },
  ];
  return sections.filter((s) => s.blocks.length > 0);
}
