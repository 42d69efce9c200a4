import { type Figure, isNarrow } from "../figure.ts";
import { number, plural, significant } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { extent, keepShape } from "../stats.ts";
import { wrapText } from "../textwidth.ts";
import { colour } from "../theme.ts";

const AXIS = 52;

/** One hedged episode as panels over the same hours: price, exposure with band and trades, and the base fee where there is one. */
export function episodeFigure(input: ReportInput): Figure | undefined {
  const e = input.episode;
  if (e === undefined || e.times.length === 0) return undefined;
  const { policy, baseline } = e.exposure;
  const series = [e.price, policy.values, baseline.values, e.band.lower, e.band.upper, e.baseFeeGwei];
  const end = e.times.at(-1)!;
  const start = e.times[0]!;
  const bought = e.trades.filter((t) => t.size > 0).length;
  const spent = e.trades.reduce((sum, t) => sum + t.cost + t.gas, 0);
  const inside = policy.values.filter((v, i) => v >= e.band.lower[i]! && v <= e.band.upper[i]!).length;
  const { unit } = input.evaluation.objective;
  const lowestFee = Math.min(...e.baseFeeGwei);
  const highestFee = Math.max(...e.baseFeeGwei);
  const feeWords =
    highestFee === 0
      ? ""
      : lowestFee === highestFee
        ? ` The base fee is ${significant(highestFee)} gwei throughout.`
        : ` The base fee lies between ${significant(lowestFee)} and ${significant(highestFee)} gwei.`;

  /** Six digits are finer than a pixel, and keep the archived specification small. */
  const short = (value: number): number => Number(value.toPrecision(6));

  /** Exposure that holds at a time: the last value at or before it. */
  const exposureAt = (time: number): number => {
    let i = 0;
    while (i + 1 < e.times.length && e.times[i + 1]! <= time) i++;
    return policy.values[i]!;
  };

  return {
    id: "episode",
    caption: `One episode of ${number(end - start, 0)} h: ${policy.id} trades ${plural(e.trades.length, "time")} and pays ${significant(spent)} ${unit} for it, and stays inside its band ${number((100 * inside) / e.times.length, 0)}% of the time${highestFee > lowestFee ? "; compare its waiting with the base fee below" : ""}.`,
    alt: `Price runs from ${significant(e.price[0]!, 4)} to ${significant(e.price.at(-1)!, 4)} ${e.priceUnit}. ${policy.id} buys ${plural(bought, "time")} and sells ${plural(e.trades.length - bought, "time")}. Exposure lies between ${significant(Math.min(...policy.values))} and ${significant(Math.max(...policy.values))} for ${policy.id}, between ${significant(Math.min(...baseline.values))} and ${significant(Math.max(...baseline.values))} for ${baseline.id}.${feeWords}`,
    legend: [
      { label: policy.id, colour: "learned", mark: "line" },
      { label: baseline.id, colour: "baseline", mark: "dashed" },
      { label: `no-trade band of ${policy.id}`, colour: "learned", mark: "wash" },
      { label: "buy (points up) or sell (points down); size by amount", colour: "ink", mark: "triangle" },
    ],
    spec(width) {
      const plotWidth = width - AXIS - 14;
      const values = keepShape(series, isNarrow(width) ? 120 : 250).map((i) => ({
        t: short(e.times[i]!),
        price: short(e.price[i]!),
        policy: short(policy.values[i]!),
        baseline: short(baseline.values[i]!),
        lower: short(e.band.lower[i]!),
        upper: short(e.band.upper[i]!),
        fee: short(e.baseFeeGwei[i]!),
      }));
      const trades = e.trades.map((t) => ({
        t: t.time,
        at: exposureAt(t.time),
        size: Math.abs(t.size),
        side: t.size >= 0 ? "buy" : "sell",
      }));
      const x = (title: string | null): object => ({
        field: "t",
        type: "quantitative",
        scale: { domain: [start, end], nice: false },
        axis: {
          title,
          labels: title !== null,
          ticks: title !== null,
          tickCount: Math.max(4, Math.floor(plotWidth / 90)),
        },
      });
      const y = (field: string, all: Iterable<number>, floor?: number): object => {
        const [low, high] = extent(all, 0.08);
        return {
          field,
          type: "quantitative",
          scale: { domain: [floor ?? low, high], nice: false, zero: false },
          axis: { title: null, minExtent: AXIS, maxExtent: AXIS, tickCount: 4 },
        };
      };
      const panel = (text: string, height: number, layer: readonly object[]): object => ({
        width: plotWidth,
        height,
        title: { text: wrapText(text, plotWidth) },
        layer,
      });
      const exposures = [...policy.values, ...baseline.values, ...e.band.lower, ...e.band.upper];
      const step = "step-after";
      const hours = "Hours from the start of the episode";
      const exposureAxis = highestFee > 0 ? null : hours;
      const feePanel = panel("Base fee, gwei", 90, [
        {
          mark: {
            type: "area",
            clip: true,
            color: colour("muted"),
            opacity: 0.35,
            interpolate: step,
            line: { color: colour("muted"), strokeWidth: 1.2 },
          },
          encoding: { x: x(hours), y: y("fee", e.baseFeeGwei, 0) },
        },
      ]);
      return {
        data: { values },
        bounds: "flush",
        spacing: 36,
        vconcat: [
          panel(`Price, ${e.priceUnit}`, 120, [
            {
              mark: { type: "line", clip: true, strokeWidth: 1.5, color: colour("ink") },
              encoding: {
                x: x(null),
                y: {
                  ...y("price", e.price),
                  axis: { title: null, minExtent: AXIS, maxExtent: AXIS, tickCount: 4, format: "~f" },
                },
              },
            },
          ]),
          panel("Exposure (net delta), units of the underlying", 240, [
            {
              mark: { type: "area", clip: true, color: colour("learned"), opacity: 0.18, interpolate: step },
              encoding: { x: x(exposureAxis), y: y("lower", exposures), y2: { field: "upper" } },
            },
            {
              mark: {
                type: "line",
                clip: true,
                strokeWidth: 1.5,
                strokeDash: [5, 3],
                color: colour("baseline"),
                interpolate: step,
              },
              encoding: { x: x(exposureAxis), y: y("baseline", exposures) },
            },
            {
              mark: { type: "line", clip: true, strokeWidth: 2, color: colour("learned"), interpolate: step },
              encoding: { x: x(exposureAxis), y: y("policy", exposures) },
            },
            {
              data: { values: trades },
              mark: {
                type: "point",
                filled: true,
                color: colour("ink"),
                opacity: 1,
                stroke: colour("paper"),
                strokeWidth: 0.7,
              },
              encoding: {
                x: x(exposureAxis),
                y: y("at", exposures),
                shape: {
                  field: "side",
                  type: "nominal",
                  scale: { domain: ["buy", "sell"], range: ["triangle-up", "triangle-down"] },
                },
                size: { field: "size", type: "quantitative", scale: { range: [28, 150], zero: true } },
              },
            },
          ]),
          ...(highestFee > 0 ? [feePanel] : []),
        ],
      };
    },
  };
}
