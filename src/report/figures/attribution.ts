import { ATTRIBUTION_GROUPS, groupCost } from "../attribution.ts";
import { againstId, contender, ranked, referenceId } from "../contenders.ts";
import type { Figure } from "../figure.ts";
import { decimalsFor, number, significant } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { extent } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";
import { layRows, valueAxis } from "./rows.ts";

/** What the mean cost of each row is made of, stacked; parts left of zero are gains. */
export function attributionFigure(input: ReportInput): Figure {
  const { evaluation } = input;
  const rows = ranked(evaluation).map((c) => ({
    c,
    groups: ATTRIBUTION_GROUPS.map((g) => ({ ...g, cost: groupCost(c.attribution, g.parts) })),
  }));
  const used = ATTRIBUTION_GROUPS.filter((g) =>
    rows.some((r) => Math.abs(r.groups.find((x) => x.name === g.name)!.cost) > 1e-12),
  );
  const sides = rows.flatMap(({ groups }) => [
    groups.reduce((sum, g) => sum + Math.min(0, g.cost), 0),
    groups.reduce((sum, g) => sum + Math.max(0, g.cost), 0),
  ]);
  const domain = extent([0, ...sides]);
  const decimals = decimalsFor(rows.map((r) => r.c.mean));
  const { unit } = evaluation.objective;
  const a = contender(evaluation, referenceId(evaluation));
  const b = contender(evaluation, againstId(evaluation));
  const largest =
    a && b && a.id !== b.id
      ? [...ATTRIBUTION_GROUPS]
          .map((g) => ({ name: g.name, by: groupCost(a.attribution, g.parts) - groupCost(b.attribution, g.parts) }))
          .sort((x, y) => Math.abs(y.by) - Math.abs(x.by))[0]
      : undefined;

  return {
    id: "attribution",
    caption: `What the mean cost is made of: right of zero costs, left of zero earns, the ring is the sum${
      largest && a && b
        ? `; ${a.id} differs from ${b.id} most in ${largest.name} (${significant(Math.abs(largest.by), 2)} ${unit} ${largest.by < 0 ? "less" : "more"})`
        : ""
    }.`,
    alt: "The table below holds every number of this figure.",
    legend: [
      ...used.map((g) => ({ label: g.name, colour: g.hue, mark: "area" }) as const),
      { label: "mean cost", colour: "ink", mark: "ring" },
    ],
    spec(width) {
      const { names, plotWidth, height, y } = layRows(
        rows.map((r) => r.c.id),
        width,
        14,
      );
      const x = valueAxis(wrapText(`Mean cost of an episode, ${unit}`, plotWidth), domain, plotWidth);
      return {
        width: plotWidth,
        height,
        encoding: { y },
        layer: [
          {
            data: {
              values: rows.flatMap(({ c, groups }) =>
                groups.map((g, order) => ({ name: names.get(c.id), group: g.name, order, cost: g.cost })),
              ),
            },
            mark: { type: "bar", height: 15 },
            encoding: {
              x: { field: "cost", stack: "zero", ...x },
              color: {
                field: "group",
                type: "nominal",
                scale: { domain: ATTRIBUTION_GROUPS.map((g) => g.name), range: ATTRIBUTION_GROUPS.map((g) => g.hue) },
              },
              order: { field: "order", type: "quantitative" },
            },
          },
          {
            data: { values: [{ zero: 0 }] },
            mark: { type: "rule", color: colour("ink"), strokeWidth: 1 },
            encoding: { y: null, x: { field: "zero", ...x } },
          },
          {
            data: {
              values: rows.map(({ c }) => ({
                name: names.get(c.id),
                mean: Number(c.mean.toFixed(decimals + 3)),
                text: number(c.mean, decimals),
              })),
            },
            mark: {
              type: "point",
              shape: "circle",
              size: 52,
              stroke: colour("ink"),
              strokeWidth: 1.6,
              fill: colour("paper"),
              fillOpacity: 1,
              opacity: 1,
            },
            encoding: { x: { field: "mean", ...x } },
          },
        ],
      };
    },
  };
}
