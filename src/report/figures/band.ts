import { type Figure, isNarrow } from "../figure.ts";
import { significant } from "../format.ts";
import type { Band, ReportInput } from "../input.ts";
import { extent } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";

const AXIS = 46;

const meanWidth = (band: Band): number =>
  band.upper.reduce((sum, u, i) => sum + u - band.lower[i]!, 0) / Math.max(1, band.upper.length);

/** The learned no-trade band at each base-fee level, beside the tuned baseline's and Whalley-Wilmott's. */
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
      : ` from ${significant(meanWidth(low.learned), 2)} delta wide at ${significant(low.baseFeeGwei, 2)} gwei to ${significant(meanWidth(high.learned), 2)} at ${significant(high.baseFeeGwei, 2)} gwei`;

  return {
    id: "band",
    caption:
      levels.length < 2
        ? `The learned no-trade band is ${significant(meanWidth(low.learned), 2)} delta wide on average; inside it the policy waits.`
        : `The learned no-trade band ${change > 1.05 ? "widens" : change < 0.95 ? "narrows" : "hardly changes"} as gas grows dearer,${grows}; inside the shaded zone the policy waits.`,
    alt: levels
      .map(
        (l) =>
          `At a base fee of ${significant(l.baseFeeGwei)} gwei the mean width is ${significant(meanWidth(l.learned))} delta learned, ${significant(meanWidth(l.baseline))} for ${curve.baselineId}, ${significant(meanWidth(l.whalleyWilmott))} for Whalley-Wilmott.`,
      )
      .join(" "),
    legend: [
      { label: "learned band", colour: "learned", mark: "area" },
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
        levels.flatMap((l) => [l.learned, l.baseline, l.whalleyWilmott].flatMap((b) => [...b.lower, ...b.upper])),
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
      const views = levels.map((l) => ({
        width: plotWidth,
        height: narrow ? 190 : 260,
        title: { text: wrapText(`Delta, at a base fee of ${significant(l.baseFeeGwei)} gwei`, plotWidth) },
        data: {
          values: curve.x.map((at, i) => ({
            x: at,
            lower: l.learned.lower[i],
            upper: l.learned.upper[i],
            centre: l.learned.centre?.[i] ?? null,
            bl: l.baseline.lower[i],
            bu: l.baseline.upper[i],
            wl: l.whalleyWilmott.lower[i],
            wu: l.whalleyWilmott.upper[i],
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
      }));
      return { bounds: "flush", spacing: narrow ? 66 : AXIS + 16, [narrow ? "vconcat" : "hconcat"]: views };
    },
  };
}
