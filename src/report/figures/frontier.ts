import {
  againstId,
  contender,
  ranked,
  referenceId,
  STANDING_COLOUR,
  STANDING_STYLE,
  STANDINGS,
  standing,
  standingLegend,
} from "../contenders.ts";
import { type Figure, isNarrow } from "../figure.ts";
import { decimalsFor, number } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { clamp, type Extent, extent, robustExtent } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";
import { placeLabels } from "./labels.ts";

const AXIS = 50;

/** Mean cost against its spread: what a row saves on average, and what risk it takes for that. */
export function frontierFigure(input: ReportInput): Figure | undefined {
  const { evaluation, frontier } = input;
  if (frontier.points.length === 0) return undefined;
  const order = new Map(ranked(evaluation).map((c, i) => [c.id, i + 1]));
  const important = [referenceId(evaluation), againstId(evaluation)];
  const points = [...frontier.points].sort(
    (a, b) =>
      Number(important.includes(b.id)) - Number(important.includes(a.id)) ||
      (order.get(a.id) ?? 99) - (order.get(b.id) ?? 99),
  );
  const sweeps = frontier.sweeps ?? [];
  // Widened so that neither axis collapses on rows that are nearly alike.
  const near = (values: readonly number[]): Extent =>
    extent(
      [
        ...robustExtent(
          values.map((v) => [v, v] as const),
          6,
        ),
      ],
      0.08,
    );
  const xDomain = near(points.map((p) => p.sd));
  const yDomain = near(points.map((p) => p.mean));
  const inside = (p: { sd: number; mean: number }): boolean =>
    p.sd >= xDomain[0] && p.sd <= xDomain[1] && p.mean >= yDomain[0] && p.mean <= yDomain[1];
  const away = points.filter((p) => !inside(p));
  const decimals = decimalsFor(points.flatMap((p) => [p.sd, p.mean]));
  const { unit, k } = evaluation.objective;
  const beat = contender(evaluation, againstId(evaluation));
  const level = k !== undefined && beat ? beat.mean + k * beat.sd : undefined;

  return {
    id: "frontier",
    caption: `Further left is safer and further down is cheaper${level === undefined ? "" : `: a row below the dashed line does better than ${beat!.id} on mean + ${k} sd`}${away.length > 0 ? `; ${away.map((p) => p.id).join(" and ")} ${away.length > 1 ? "lie" : "lies"} outside the frame and ${away.length > 1 ? "are" : "is"} drawn as a cross at its edge` : ""}.`,
    alt: points
      .map((p) => `${p.id}: mean ${number(p.mean, decimals)}, standard deviation ${number(p.sd, decimals)} ${unit}.`)
      .join(" "),
    legend: [
      ...standingLegend(
        evaluation,
        points.map((p) => p.id),
      ),
      ...(level === undefined
        ? []
        : [{ label: `same objective as ${beat!.id}`, colour: "baseline", mark: "dashed" } as const]),
      ...sweeps.map((s) => ({ label: `${s.id} swept over its width`, colour: "other", mark: "line" }) as const),
    ],
    spec(width) {
      const narrow = isNarrow(width);
      const plotWidth = width - AXIS - 14;
      const height = narrow ? 300 : 420;
      const px = (sd: number): number => ((clamp(sd, xDomain) - xDomain[0]) / (xDomain[1] - xDomain[0])) * plotWidth;
      const py = (mean: number): number =>
        height - ((clamp(mean, yDomain) - yDomain[0]) / (yDomain[1] - yDomain[0])) * height;
      const backX = (x: number): number => xDomain[0] + (x / plotWidth) * (xDomain[1] - xDomain[0]);
      const backY = (y: number): number => yDomain[0] + ((height - y) / height) * (yDomain[1] - yDomain[0]);
      // On a telephone the names would cover the points: there the rank in the table stands for the name.
      const text = (id: string): string => (narrow && !important.includes(id) ? `${order.get(id) ?? ""}` : id);
      const exact = (p: { sd: number; mean: number }): readonly [number, number] => [
        ((p.sd - xDomain[0]) / (xDomain[1] - xDomain[0])) * plotWidth,
        height - ((p.mean - yDomain[0]) / (yDomain[1] - yDomain[0])) * height,
      ];
      const drawn = [
        ...(level === undefined ? [] : [xDomain.map((sd) => ({ sd, mean: level - k! * sd }))]),
        ...sweeps.map((s) => s.points),
      ].flatMap((path) => path.slice(1).map((p, i) => [exact(path[i]!), exact(p)] as const));
      const placed = placeLabels(
        points.map((p) => ({ x: px(p.sd), y: py(p.mean), text: text(p.id) })),
        plotWidth,
        height,
        drawn,
      );
      const labels = points.flatMap((p, i) => {
        const at = placed[i];
        return at === undefined ? [] : [{ sd: backX(at.x), mean: backY(at.y), text: text(p.id) }];
      });
      const leaders = points.flatMap((p, i) => {
        const end = placed[i]?.leader;
        return end === undefined
          ? []
          : [{ sd: backX(px(p.sd)), mean: backY(py(p.mean)), sd2: backX(end[0]), mean2: backY(end[1]) }];
      });
      const x = {
        field: "sd",
        type: "quantitative",
        scale: { domain: xDomain, nice: false, zero: false },
        axis: {
          title: wrapText(`Standard deviation of cost, ${unit}`, plotWidth),
          tickCount: Math.floor(plotWidth / 80),
        },
      };
      const y = {
        field: "mean",
        type: "quantitative",
        scale: { domain: yDomain, nice: false, zero: false },
        axis: { title: null, minExtent: AXIS, maxExtent: AXIS, tickCount: 6 },
      };
      const pointValues = (list: typeof points): object[] =>
        list.map((p) => ({
          sd: clamp(p.sd, xDomain),
          mean: clamp(p.mean, yDomain),
          standing: standing(evaluation, p.id),
        }));
      return {
        width: plotWidth,
        height,
        title: {
          text: wrapText(`Mean cost of an episode, ${unit}${narrow ? " (numbers: rank in the table)" : ""}`, plotWidth),
        },
        layer: [
          ...(level === undefined
            ? []
            : [
                {
                  data: { values: xDomain.map((sd) => ({ sd, mean: level - k! * sd })) },
                  mark: { type: "line", clip: true, color: colour("baseline"), strokeDash: [6, 4], strokeWidth: 1.5 },
                  encoding: { x, y },
                },
              ]),
          ...sweeps.map((s) => ({
            data: { values: s.points.map((p, i) => ({ sd: p.sd, mean: p.mean, i })) },
            mark: {
              type: "line",
              clip: true,
              color: colour("other"),
              strokeWidth: 1.5,
              point: { color: colour("other"), size: 10 },
            },
            encoding: { x, y, order: { field: "i", type: "quantitative" } },
          })),
          {
            data: { values: leaders },
            mark: { type: "rule", color: colour("muted"), strokeWidth: 0.7, opacity: 0.7 },
            encoding: { x, y, x2: { field: "sd2" }, y2: { field: "mean2" } },
          },
          {
            data: { values: pointValues(points.filter(inside)) },
            mark: { type: "point", filled: true, size: 70, opacity: 1, stroke: colour("paper"), strokeWidth: 1 },
            encoding: {
              x,
              y,
              color: { field: "standing", type: "nominal", scale: STANDING_COLOUR },
              shape: {
                field: "standing",
                type: "nominal",
                scale: { domain: STANDINGS, range: STANDINGS.map((s) => STANDING_STYLE[s].shape) },
              },
            },
          },
          {
            data: { values: pointValues(away) },
            mark: { type: "point", shape: "cross", size: 60, opacity: 1, strokeWidth: 1.5, filled: true },
            encoding: { x, y, color: { field: "standing", type: "nominal", scale: STANDING_COLOUR } },
          },
          {
            data: { values: labels },
            mark: { type: "text", align: "left", baseline: "middle", color: colour("ink"), fontSize: 12 },
            encoding: { x, y, text: { field: "text", type: "nominal" } },
          },
        ],
      };
    },
  };
}
