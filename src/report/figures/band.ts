import { type Figure, isNarrow } from "../figure.ts";
import { compact, significant } from "../format.ts";
import type { Band, ReportInput } from "../input.ts";
import { extent } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";

const AXIS = 46;

const middleOf = (band: Band): number[] => band.upper.map((u, i) => (u + band.lower[i]!) / 2);

const meanWidth = (band: Band): number =>
  band.upper.reduce((sum, u, i) => sum + u - band.lower[i]!, 0) / Math.max(1, band.upper.length);

/**
 * The learned no-trade band at each base-fee level, beside the tuned baseline's and Whalley-Wilmott's.
 * Drawn as distance from the middle of the last: over the whole range of delta, bands a few hundredths wide would be one line.
 */
export function bandFigure(input: ReportInput): Figure | undefined {
  const curve = input.bandCurve;
  if (curve === undefined || curve.x.length === 0 || curve.levels.length === 0) return undefined;
  const levels = [...curve.levels].sort((a, b) => a.baseFeeGwei - b.baseFeeGwei);
  const low = levels[0]!;
  const high = levels.at(-1)!;
  const change = meanWidth(high.learned) / meanWidth(low.learned);
  const grows =
    levels.length < 2
      ? ""
      : ` from ${significant(meanWidth(low.learned), 2)} delta wide at ${compact(low.baseFeeGwei)} gwei to ${significant(meanWidth(high.learned), 2)} at ${compact(high.baseFeeGwei)} gwei`;

  return {
    id: "band",
    caption:
      levels.length < 2
        ? `The learned no-trade band is ${significant(meanWidth(low.learned), 2)} delta wide on average; inside it the policy waits; edges are drawn as distance from the middle of Whalley-Wilmott's band.`
        : `The learned no-trade band ${change > 1.05 ? "widens" : change < 0.95 ? "narrows" : "hardly changes"} as gas grows dearer,${grows}; inside the shaded zone the policy waits (edges as distance from the middle of Whalley-Wilmott's band).`,
    alt: levels
      .map(
        (l) =>
          `${l.baseFeeGwei > 0 ? `At a base fee of ${compact(l.baseFeeGwei)} gwei the` : "The"} mean width is ${significant(meanWidth(l.learned))} delta learned, ${significant(meanWidth(l.baseline))} for ${curve.baselineId}, ${significant(meanWidth(l.whalleyWilmott))} for Whalley-Wilmott.`,
      )
      .join(" "),
    legend: [
      { label: "learned band", colour: "learned", mark: "wash" },
      ...(levels.some((l) => l.learned.centre)
        ? [{ label: "learned centre", colour: "learned", mark: "line" } as const]
        : []),
      { label: `${curve.baselineId}, tuned`, colour: "baseline", mark: "dashed" },
      { label: "Whalley-Wilmott", colour: "ink", mark: "dotted" },
    ],
    spec(width) {
      const narrow = isNarrow(width);
      const panels = narrow ? 1 : levels.length;
      const plotWidth = Math.floor(width / panels) - AXIS - 16;
      const domain = extent(
        levels.flatMap((l) => {
          const middle = middleOf(l.whalleyWilmott);
          return [l.learned, l.baseline, l.whalleyWilmott].flatMap((b) =>
            [...b.lower, ...b.upper].map((v, i) => v - middle[i % middle.length]!),
          );
        }),
      );
      const x = {
        field: "x",
        type: "quantitative",
        scale: { domain: extent(curve.x, 0), nice: false, zero: false },
        axis: { title: `${curve.xName}${curve.xUnit ? `, ${curve.xUnit}` : ""}`, tickCount: 5 },
      };
      const y = (field: string): object => ({
        field,
        type: "quantitative",
        scale: { domain, nice: false, zero: false },
        axis: { title: null, minExtent: AXIS, maxExtent: AXIS, tickCount: 5 },
      });
      const line = (
        field: string,
        role: "learned" | "baseline" | "ink",
        strokeWidth: number,
        strokeDash: number[],
      ): object => ({
        mark: { type: "line", clip: true, color: colour(role), strokeWidth, strokeDash },
        encoding: { x, y: y(field) },
      });
      const view = (l: (typeof levels)[number]): object => {
        const middle = middleOf(l.whalleyWilmott);
        const from = (edge: number, i: number): number => Number((edge - middle[i]!).toPrecision(6));
        return {
          width: plotWidth,
          height: narrow ? 190 : 260,
          title: {
            text: wrapText(
              `Distance in delta${l.baseFeeGwei > 0 ? `, base fee ${compact(l.baseFeeGwei)} gwei` : ""}`,
              plotWidth,
            ),
          },
          data: {
            values: curve.x.map((at, i) => ({
              x: at,
              lower: from(l.learned.lower[i]!, i),
              upper: from(l.learned.upper[i]!, i),
              centre: l.learned.centre ? from(l.learned.centre[i]!, i) : null,
              bl: from(l.baseline.lower[i]!, i),
              bu: from(l.baseline.upper[i]!, i),
              wl: from(l.whalleyWilmott.lower[i]!, i),
              wu: from(l.whalleyWilmott.upper[i]!, i),
            })),
          },
          layer: [
            {
              mark: { type: "area", clip: true, color: colour("learned"), opacity: 0.22 },
              encoding: { x, y: y("lower"), y2: { field: "upper" } },
            },
            ...(l.learned.centre ? [line("centre", "learned", 2, [])] : []),
            line("bl", "baseline", 1.5, [6, 4]),
            line("bu", "baseline", 1.5, [6, 4]),
            line("wl", "ink", 1.5, [1.5, 3]),
            line("wu", "ink", 1.5, [1.5, 3]),
          ],
        };
      };
      return { bounds: "flush", spacing: narrow ? 66 : AXIS + 16, [narrow ? "vconcat" : "hconcat"]: levels.map(view) };
    },
  };
}
