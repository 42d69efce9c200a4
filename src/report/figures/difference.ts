import { againstId, contender, pairedWith, ranked, referenceId, STANDING_COLOUR, standing } from "../contenders.ts";
import type { Figure } from "../figure.ts";
import { decimalsFor, percent, signed } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { clamp, type Extent, robustExtent } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";
import { layRows, valueAxis } from "./rows.ts";

const RIGHT = 66;

/** Paired differences of the reference row to every other, with both intervals and the zone of equivalence: the evidence of the verdict. */
export function differenceFigure(input: ReportInput): Figure | undefined {
  const { evaluation } = input;
  const reference = referenceId(evaluation);
  const rows = ranked(evaluation).flatMap((c) => {
    const pair = c.id === reference ? undefined : pairedWith(evaluation, c.id);
    return pair === undefined ? [] : [{ id: c.id, pair }];
  });
  if (rows.length === 0) return undefined;
  const zone = Math.abs((contender(evaluation, againstId(evaluation))?.objective ?? 0) * evaluation.verdict.delta);
  const reach = robustExtent(rows.map((r) => r.pair.simultaneousCi95));
  const domain: Extent = [Math.min(reach[0], -1.5 * zone), Math.max(reach[1], 1.5 * zone)];
  const decimals = decimalsFor(rows.flatMap((r) => [...r.pair.simultaneousCi95]));
  const { unit } = evaluation.objective;
  const clear = rows.filter((r) => r.pair.simultaneousCi95[1] < 0).length;

  return {
    id: "difference",
    caption: `Objective of ${reference} minus each row's: left of zero ${reference} is better, and it is clearly so (the whole simultaneous interval left of zero) against ${clear} of ${rows.length} rows.`,
    alt: rows
      .map(
        ({ id, pair }) =>
          `Against ${id}: ${signed(pair.difference, decimals)} ${unit}, simultaneous 95% interval ${signed(pair.simultaneousCi95[0], decimals)} to ${signed(pair.simultaneousCi95[1], decimals)}.`,
      )
      .join(" "),
    legend: [
      { label: "simultaneous 95% interval", colour: "ink", mark: "line" },
      { label: "95% interval of this row alone", colour: "muted", mark: "area" },
      {
        label: `equivalent: within ${percent(evaluation.verdict.delta, 0)} of ${againstId(evaluation)}`,
        colour: "grid",
        mark: "area",
      },
    ],
    spec(width) {
      const { names, plotWidth, height, y } = layRows(
        rows.map((r) => r.id),
        width,
        RIGHT,
      );
      const title = wrapText(`${reference} minus the row, ${unit} (left is better)`, plotWidth);
      const x = valueAxis(title, domain, plotWidth);
      const values = rows.map(({ id, pair }) => ({
        name: names.get(id),
        standing: standing(evaluation, id),
        low: clamp(pair.simultaneousCi95[0], domain),
        high: clamp(pair.simultaneousCi95[1], domain),
        low1: clamp(pair.ci95[0], domain),
        high1: clamp(pair.ci95[1], domain),
        difference: pair.difference >= domain[0] && pair.difference <= domain[1] ? pair.difference : null,
        edge: domain[1],
        beyond:
          pair.simultaneousCi95[0] < domain[0]
            ? `← ${signed(pair.difference, decimals)}`
            : pair.simultaneousCi95[1] > domain[1]
              ? `→ ${signed(pair.difference, decimals)}`
              : "",
      }));
      const tint = { field: "standing", type: "nominal", scale: STANDING_COLOUR };
      return {
        width: plotWidth,
        height,
        data: { values },
        encoding: { y },
        layer: [
          {
            data: { values: [{ from: -zone, to: zone }] },
            mark: { type: "rect", color: colour("grid"), opacity: 0.8 },
            encoding: { y: null, x: { field: "from", ...x }, x2: { field: "to" } },
          },
          {
            data: { values: [{ zero: 0 }] },
            mark: { type: "rule", color: colour("muted") },
            encoding: { y: null, x: { field: "zero", ...x } },
          },
          {
            mark: { type: "rule", strokeWidth: 7, opacity: 0.45 },
            encoding: { x: { field: "low1", ...x }, x2: { field: "high1" }, color: tint },
          },
          {
            mark: { type: "rule", strokeWidth: 1.5 },
            encoding: { x: { field: "low", ...x }, x2: { field: "high" }, color: tint },
          },
          {
            mark: { type: "point", filled: true, size: 60, opacity: 1 },
            transform: [{ filter: "isValid(datum.difference)" }],
            encoding: { x: { field: "difference", ...x }, color: tint },
          },
          {
            mark: { type: "text", align: "left", dx: 5, baseline: "middle", color: colour("muted"), fontSize: 11 },
            encoding: { x: { field: "edge", ...x }, text: { field: "beyond" } },
          },
        ],
      };
    },
  };
}
