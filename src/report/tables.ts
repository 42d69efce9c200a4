import { ATTRIBUTION_PARTS, type ContenderResult, type EvaluationResult } from "../core/contracts/evaluation.ts";
import { attributedCost, partCost, splitDifference, sums } from "./attribution.ts";
import { againstId, contender, pairedWith, ranked, referenceId, standing } from "./contenders.ts";
import { compact, count, decimalsFor, duration, number, percent, signed } from "./format.ts";
import type { ShadowSummary } from "./input.ts";
import type { Cell, Column, Row, Table } from "./table.ts";

const left = (label: string, unit?: string): Column => ({ label, align: "left", ...(unit ? { unit } : {}) });
const right = (label: string, unit?: string): Column => ({ label, align: "right", ...(unit ? { unit } : {}) });

function tone(evaluation: EvaluationResult, id: string): Pick<Row, "tone"> {
  const s = standing(evaluation, id);
  return s === "judged" || s === "against" ? { tone: s } : {};
}

function nameCell(evaluation: EvaluationResult, c: ContenderResult, rank: number): Cell {
  const kind = c.kind === "oracle" ? "oracle, not tradable" : c.kind;
  return {
    text: `${rank}.\u00a0${c.id}`,
    note: c.tuned ? `${kind}, tuned` : kind,
    strong: standing(evaluation, c.id) === "judged",
  };
}

/** The tuned values of a contender, e.g. `width = 0.12, fraction = 0.8`. */
function paramsText(c: ContenderResult): string {
  const entries = Object.entries(c.params);
  return entries.length === 0 ? "–" : entries.map(([key, value]) => `${key} = ${compact(value)}`).join(", ");
}

/** Every contender from the lowest objective up, with its paired difference, budget and parameters. */
export function contenderTable(evaluation: EvaluationResult): Table {
  const rows = ranked(evaluation);
  const reference = referenceId(evaluation);
  const { unit } = evaluation.objective;
  const pairs = new Map(rows.map((c) => [c.id, c.id === reference ? undefined : pairedWith(evaluation, c.id)]));
  const anyPair = [...pairs.values()].some((p) => p !== undefined);
  const decimals = decimalsFor(rows.map((c) => c.objective));
  const fine = decimalsFor([...pairs.values()].flatMap((p) => (p ? [...p.simultaneousCi95] : [])));
  const amount = (value: number): Cell => ({ text: number(value, decimals), value });
  return {
    id: "contenders",
    caption: `Contenders by objective, lowest (best) first; costs in ${unit}${anyPair ? `; differences are ${reference} minus the row, so a negative one favours ${reference}` : ""}.`,
    columns: [
      left("Contender"),
      right("Objective", evaluation.objective.name),
      ...(anyPair
        ? [right("Difference", "simultaneous 95% interval"), right("Improves", `episodes ${reference} is cheaper`)]
        : []),
      right("Mean"),
      right("sd"),
      right("CVaR 95", "worst 5%"),
      right("Steps", "tuning or learning"),
      right("Trials"),
      right("Core time"),
      left("Tuned parameters"),
    ],
    rows: rows.map((c, i) => {
      const pair = pairs.get(c.id);
      return {
        ...tone(evaluation, c.id),
        cells: [
          nameCell(evaluation, c, i + 1),
          { text: number(c.objective, decimals), value: c.objective, strong: true },
          ...(anyPair
            ? [
                pair
                  ? {
                      text: signed(pair.difference, fine),
                      note: `${signed(pair.simultaneousCi95[0], fine)} to ${signed(pair.simultaneousCi95[1], fine)}`,
                      value: pair.difference,
                    }
                  : { text: "–" },
                pair
                  ? { text: percent(pair.probabilityOfImprovement, 0), value: pair.probabilityOfImprovement }
                  : { text: "–" },
              ]
            : []),
          amount(c.mean),
          amount(c.sd),
          amount(c.cvar95),
          { text: count(c.budget.steps), value: c.budget.steps },
          { text: count(c.budget.trials), value: c.budget.trials },
          { text: duration(c.budget.coreSeconds), value: c.budget.coreSeconds },
          { text: paramsText(c) },
        ],
      };
    }),
  };
}

/** How each contender trades: means of an episode. */
export function behaviourTable(evaluation: EvaluationResult): Table {
  const rows = ranked(evaluation);
  const { unit } = evaluation.objective;
  const column = (pick: (c: ContenderResult) => number): ((c: ContenderResult) => Cell) => {
    const decimals = decimalsFor(rows.map(pick));
    return (c) => ({ text: number(pick(c), decimals), value: pick(c) });
  };
  const columns: readonly (readonly [Column, (c: ContenderResult) => Cell])[] = [
    [right("Rebalances", "an episode"), column((c) => c.rebalances)],
    [right("Turnover", "units of underlying"), column((c) => c.turnover)],
    [right("Slippage", unit), column((c) => c.slippage)],
    [right("Fees", unit), column((c) => c.fees)],
    [right("Gas", unit), column((c) => c.gas)],
    [right("Max drawdown", unit), column((c) => c.maxDrawdown)],
    [right("Outside bounds", "of decisions"), (c) => ({ text: percent(c.outsideBounds), value: c.outsideBounds })],
    [right("Liquidations", "an episode"), column((c) => c.liquidations)],
  ];
  return {
    id: "behaviour",
    caption: "How the contenders trade: means over episodes. Slippage is spread and impact.",
    columns: [left("Contender"), ...columns.map(([c]) => c)],
    rows: rows.map((c, i) => ({
      ...tone(evaluation, c.id),
      cells: [nameCell(evaluation, c, i + 1), ...columns.map(([, cell]) => cell(c))],
    })),
  };
}

/** The fourteen parts of each row's mean cost, and their sum. */
export function attributionTable(evaluation: EvaluationResult): Table {
  const rows = ranked(evaluation);
  const { unit } = evaluation.objective;
  const decimals = decimalsFor(rows.map((c) => c.mean)) + 1;
  const amount = (value: number): Cell => ({ text: number(value, decimals), value });
  return {
    id: "attribution-table",
    caption: `Parts of the mean cost of an episode, ${unit}. A positive part costs, a negative one earns; each row sums to the mean cost.`,
    columns: [left("Contender"), ...ATTRIBUTION_PARTS.map((p) => right(p)), right("Sum"), right("Mean cost")],
    rows: rows.map((c, i) => ({
      ...tone(evaluation, c.id),
      cells: [
        { text: `${i + 1}.\u00a0${c.id}`, strong: standing(evaluation, c.id) === "judged" },
        ...ATTRIBUTION_PARTS.map((p) => amount(partCost(c.attribution, p))),
        { ...amount(attributedCost(c.attribution)), strong: true, ...(sums(c) ? {} : { note: "does not sum" }) },
        amount(c.mean),
      ],
    })),
  };
}

/** Where the difference between the judged policy and the row to beat comes from; undefined where there are not two rows. */
export function differenceTable(evaluation: EvaluationResult): Table | undefined {
  const a = contender(evaluation, referenceId(evaluation));
  const b = contender(evaluation, againstId(evaluation));
  if (a === undefined || b === undefined || a.id === b.id) return undefined;
  const split = splitDifference(a, b);
  const { name, unit } = evaluation.objective;
  const lines: readonly (readonly [string, string, number])[] = [
    ["Trading costs", "spread, fee, impact, gas", split.costs],
    ["Carry", "collateral, funding, basis", split.carry],
    ...(split.timing === undefined
      ? ([["Direction", "delta held against the market's move", split.direction]] as const)
      : ([
          ["Direction", "mean delta, times the mean move", split.direction],
          ["Timing", "the rest of delta: how exposure and later moves went together", split.timing],
        ] as const)),
    ["Option Greeks", "gamma, theta, vega, vanna, volga, residual", split.options],
    ["Risk", `objective (${name}) beyond the mean`, split.risk],
  ];
  const decimals = decimalsFor(lines.map(([, , value]) => value));
  return {
    id: "difference-table",
    caption: `Why ${a.id} differs from ${b.id}: objective of the first minus that of the second, ${unit}; negative favours ${a.id}. Hedging skill shows in trading costs and risk, not in carry or direction.`,
    columns: [left("Source"), right("Difference", unit)],
    rows: [
      ...lines.map(([text, note, value]) => ({
        cells: [
          { text, note },
          { text: signed(value, decimals), value },
        ],
      })),
      {
        tone: "sum" as const,
        cells: [
          { text: "Objective", strong: true },
          { text: signed(split.total, decimals), value: split.total, strong: true },
        ],
      },
    ],
  };
}

/** The shadow run in numbers. */
export function shadowTable(shadow: ShadowSummary): Table {
  const decimals = decimalsFor([shadow.pnlAnchored, shadow.pnlFreeRun, shadow.regret]);
  const lines: readonly (readonly [string, string, Cell])[] = [
    ["Decisions", "compared with the incumbent's", { text: count(shadow.decisions), value: shadow.decisions }],
    [
      "Agreement",
      "share of decisions that chose the same",
      { text: percent(shadow.agreement), value: shadow.agreement },
    ],
    [
      "Profit, anchored",
      "position reset to the incumbent's at each decision",
      { text: `${signed(shadow.pnlAnchored, decimals)} ${shadow.unit}`, value: shadow.pnlAnchored },
    ],
    [
      "Profit, free run",
      "the policy's own position runs on",
      { text: `${signed(shadow.pnlFreeRun, decimals)} ${shadow.unit}`, value: shadow.pnlFreeRun },
    ],
    [
      "Regret",
      "against the better of the two in hindsight",
      { text: `${number(shadow.regret, decimals)} ${shadow.unit}`, value: shadow.regret },
    ],
  ];
  return {
    id: "shadow-table",
    caption:
      "The policy beside the incumbent, trading nothing. Anchored profit and regret flatter whoever trades less: a trade's costs are paid at once, and it is valued one decision later, at the mark.",
    columns: [left("Measure"), right("Value")],
    rows: lines.map(([text, note, cell]) => ({ cells: [{ text, note }, cell] })),
  };
}
