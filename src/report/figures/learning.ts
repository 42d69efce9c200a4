import type { Figure } from "../figure.ts";
import { decimalsFor, number, plural } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { type Extent, extent, quantile } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";

const AXIS = 52;

interface Point {
  readonly seed: string;
  readonly step: number;
  readonly value: number;
}

/** Mean over seeds at the steps where at least half of them have a value. */
function meanCurve(points: readonly Point[], seeds: number): Point[] {
  const at = new Map<number, number[]>();
  for (const p of points) at.set(p.step, [...(at.get(p.step) ?? []), p.value]);
  return [...at]
    .filter(([, values]) => values.length * 2 >= seeds)
    .map(([step, values]) => ({ seed: "mean", step, value: values.reduce((a, b) => a + b, 0) / values.length }))
    .sort((a, b) => a.step - b.step);
}

/** Objective on the select split and training return against environment steps, with the tuned baselines as reference lines. */
export function learningFigure(input: ReportInput): Figure | undefined {
  const curve = input.learningCurve;
  if (curve === undefined) return undefined;
  const collect = (key: "objective" | "return"): Point[] =>
    curve.seeds.flatMap((s) =>
      s.steps.flatMap((step, i) => {
        const value = s[key][i];
        return value === null || value === undefined || !Number.isFinite(value)
          ? []
          : [{ seed: String(s.seed), step, value }];
      }),
    );
  const objective = collect("objective");
  const returns = collect("return");
  if (objective.length === 0 && returns.length === 0) return undefined;
  const mean = meanCurve(objective, curve.seeds.length);
  const references = [...curve.references].sort((a, b) => a.objective - b.objective);
  const best = references[0];
  const decimals = decimalsFor([...mean.map((p) => p.value), ...references.map((r) => r.objective)]);
  const first = mean[0];
  const last = mean.at(-1);
  // Both the mean policy and the worst seed are shown: a mean hides the run that failed.
  const finals = curve.seeds.flatMap((s) => {
    const value = objective.filter((p) => p.seed === String(s.seed)).at(-1)?.value;
    return value === undefined ? [] : [value];
  });
  const worst = finals.length > 1 ? `; the worst seed ends at ${number(Math.max(...finals), decimals)}` : "";
  const { unit } = input.evaluation.objective;
  // An untrained policy may cost ten times what it costs later: the axis follows the later four fifths and the near references.
  const late = objective.filter((p) => p.step >= 0.2 * (objective.at(-1)?.step ?? 0)).map((p) => p.value);
  const near = references.map((r) => r.objective).filter((v) => best === undefined || v <= best.objective * 1.5);
  const sorted = [...late, ...near].sort((a, b) => a - b);
  const domain: Extent = extent([sorted[0] ?? 0, quantile(sorted, 0.98)], 0.12);

  const sentences = [
    first && last
      ? `Over ${plural(curve.seeds.length, "training seed")} the mean objective on the select split goes from ${number(first.value, decimals)} at ${number(first.step, 0)} steps to ${number(last.value, decimals)} ${unit} at ${number(last.step, 0)} steps.`
      : "",
    best ? `The best rule, ${best.id}, stands at ${number(best.objective, decimals)} ${unit}.` : "",
  ].filter((w) => w !== "");

  return {
    id: "learning",
    caption:
      best && last
        ? `Learning ends ${last.value < best.objective ? "below" : "above"} the best rule on the select split: ${number(last.value, decimals)} against ${number(best.objective, decimals)} ${unit} on average (lower is better)${worst}.`
        : "Learning on the select split (lower is better).",
    alt: sentences.join(" "),
    legend: [
      { label: "mean of seeds", colour: "learned", mark: "line" },
      ...(curve.seeds.length > 1 ? [{ label: "one seed", colour: "other", mark: "line" } as const] : []),
      ...(best
        ? [
            {
              label: `best rule: ${best.id}, ${number(best.objective, decimals)}`,
              colour: "baseline",
              mark: "dashed",
            } as const,
          ]
        : []),
      ...(references.length > 1 ? [{ label: "other rules", colour: "other", mark: "dotted" } as const] : []),
    ],
    spec(width) {
      const plotWidth = width - AXIS - 14;
      const end = Math.max(...[...objective, ...returns].map((p) => p.step));
      const steps = (axisTitle: string | null): object => ({
        field: "step",
        type: "quantitative",
        scale: { domain: [0, end], nice: false },
        axis: {
          title: axisTitle,
          // Each label with its own prefix: 0, 500k, 1M.
          labelExpr: "datum.value === 0 ? '0' : format(datum.value, '~s')",
          tickCount: Math.max(3, Math.floor(plotWidth / 100)),
          grid: false,
        },
      });
      const words = "Environment steps (decisions)";
      const yAxis = { title: null, minExtent: AXIS, maxExtent: AXIS, tickCount: 5 };
      const panel = (
        text: string,
        height: number,
        points: readonly Point[],
        y: Extent,
        lines: readonly object[],
        x: object,
      ): object => ({
        width: plotWidth,
        height,
        title: { text: wrapText(text, plotWidth) },
        layer: [
          ...lines,
          {
            data: { values: points },
            mark: { type: "line", clip: true, strokeWidth: 1, opacity: 0.8, color: colour("other") },
            encoding: {
              x,
              y: { field: "value", type: "quantitative", scale: { domain: y, nice: false, zero: false }, axis: yAxis },
              detail: { field: "seed", type: "nominal" },
            },
          },
          {
            data: { values: meanCurve(points, curve.seeds.length) },
            mark: { type: "line", clip: true, strokeWidth: 2.5, color: colour("learned") },
            encoding: { x, y: { field: "value", type: "quantitative" } },
          },
        ],
      });
      const rule = (
        values: readonly object[],
        role: "baseline" | "other",
        strokeDash: number[],
        strokeWidth: number,
      ): object => ({
        data: { values },
        mark: { type: "rule", clip: true, color: colour(role), strokeDash, strokeWidth },
        encoding: { y: { field: "objective", type: "quantitative" } },
      });
      return {
        bounds: "flush",
        spacing: 58,
        vconcat: [
          ...(objective.length > 0
            ? [
                panel(
                  `Objective on the select split, ${unit}`,
                  230,
                  objective,
                  domain,
                  [rule(references.slice(1), "other", [2, 4], 1), rule(references.slice(0, 1), "baseline", [7, 4], 2)],
                  steps(returns.length > 0 ? null : words),
                ),
              ]
            : []),
          ...(returns.length > 0
            ? [
                panel(
                  "Mean training return, reward units",
                  120,
                  returns,
                  extent(returns.map((p) => p.value)),
                  [],
                  steps(words),
                ),
              ]
            : []),
        ],
      };
    },
  };
}
