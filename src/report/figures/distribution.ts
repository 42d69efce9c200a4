import { ranked, STANDING_COLOUR, standing, standingLegend } from "../contenders.ts";
import type { Figure } from "../figure.ts";
import { decimalsFor, number } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { clamp, quantile, robustExtent } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";
import { layRows, valueAxis } from "./rows.ts";

const RIGHT = 66;

/** Episode costs as nested quantile bars, one row a contender in the order of the table: stays readable for fifteen rows, and shows the tail. */
export function distributionFigure(input: ReportInput): Figure | undefined {
  const { evaluation } = input;
  const samples = new Map(input.costSamples.map((s) => [s.id, s.costs]));
  const rows = ranked(evaluation).flatMap((c) => {
    const sorted = [...(samples.get(c.id) ?? [])].filter(Number.isFinite).sort((a, b) => a - b);
    if (sorted.length === 0) return [];
    const [q01, q05, q25, q50, q75, q95, q99] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map((p) =>
      quantile(sorted, p),
    );
    return [{ c, q01: q01!, q05: q05!, q25: q25!, q50: q50!, q75: q75!, q95: q95!, q99: q99! }];
  });
  if (rows.length === 0) return undefined;
  const ids = rows.map((r) => r.c.id);
  const domain = robustExtent(rows.map((r) => [r.q01, Math.max(r.q99, r.c.cvar95)]));
  const decimals = decimalsFor(rows.map((r) => r.q50));
  const cut = rows.filter((r) => Math.max(r.q99, r.c.cvar95) > domain[1] || r.q01 < domain[0]);
  const { unit } = evaluation.objective;

  return {
    id: "distribution",
    caption: `Cost of an episode, best objective at the top: further left is cheaper, a shorter bar is safer, and the ring is what the worst 5% of episodes cost on average${cut.length > 0 ? " (an arrow marks a row that runs off the axis, with its 99th percentile)" : ""}.`,
    alt: rows
      .map(
        (r) =>
          `${r.c.id}: median ${number(r.q50, decimals)}, middle half ${number(r.q25, decimals)} to ${number(r.q75, decimals)}, 5th to 95th percentile ${number(r.q05, decimals)} to ${number(r.q95, decimals)}, worst 5% on average ${number(r.c.cvar95, decimals)} ${unit}.`,
      )
      .join(" "),
    legend: [
      ...standingLegend(evaluation, ids),
      { label: "thick: middle half; medium: 5 to 95%; thin: 1 to 99%", colour: "muted", mark: "area" },
      { label: "mean of the worst 5%", colour: "ink", mark: "ring" },
    ],
    spec(width) {
      const { names, plotWidth, height, y } = layRows(ids, width, RIGHT);
      const x = valueAxis(wrapText(`Cost of an episode, ${unit}`, plotWidth), domain, plotWidth);
      const values = rows.map((r) => ({
        name: names.get(r.c.id),
        standing: standing(evaluation, r.c.id),
        ...Object.fromEntries(
          (["q01", "q05", "q25", "q50", "q75", "q95", "q99"] as const).map((q) => [q, clamp(r[q], domain)]),
        ),
        median: r.q50 >= domain[0] && r.q50 <= domain[1] ? r.q50 : null,
        cvar: r.c.cvar95 <= domain[1] && r.c.cvar95 >= domain[0] ? r.c.cvar95 : null,
        edge: domain[1],
        over: Math.max(r.q99, r.c.cvar95) > domain[1] ? `→ ${number(r.q99, decimals)}` : "",
      }));
      const tint = { field: "standing", type: "nominal", scale: STANDING_COLOUR };
      const bar = (from: string, to: string, strokeWidth: number, opacity: number): object => ({
        mark: { type: "rule", strokeWidth, opacity },
        encoding: { x: { field: from, ...x }, x2: { field: to }, color: tint },
      });
      return {
        width: plotWidth,
        height,
        data: { values },
        encoding: { y },
        layer: [
          bar("q01", "q99", 1.5, 1),
          bar("q05", "q95", 5, 0.55),
          bar("q25", "q75", 11, 1),
          {
            mark: { type: "tick", thickness: 2.5, size: 15, color: colour("paper") },
            transform: [{ filter: "isValid(datum.median)" }],
            encoding: { x: { field: "median", ...x } },
          },
          {
            mark: {
              type: "point",
              shape: "circle",
              size: 44,
              stroke: colour("ink"),
              strokeWidth: 1.5,
              fill: colour("paper"),
              fillOpacity: 1,
              opacity: 1,
            },
            transform: [{ filter: "isValid(datum.cvar)" }],
            encoding: { x: { field: "cvar", ...x } },
          },
          {
            mark: { type: "text", align: "left", dx: 5, baseline: "middle", color: colour("muted"), fontSize: 11 },
            encoding: { x: { field: "edge", ...x }, text: { field: "over" } },
          },
        ],
      };
    },
  };
}
