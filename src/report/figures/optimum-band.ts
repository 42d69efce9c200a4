import type { Figure, LegendItem } from "../figure.ts";
import { significant } from "../format.ts";
import type { Band, OptimumBand, ReportInput } from "../input.ts";
import { extent } from "../stats.ts";
import { colour, type Role } from "../theme.ts";

/** How each band is drawn: never by colour alone. */
const STYLE: Readonly<
  Record<OptimumBand["bands"][number]["id"], { role: Role; dash: number[]; mark: LegendItem["mark"] }>
> = {
  optimum: { role: "oracle", dash: [], mark: "wash" },
  same: { role: "ink", dash: [1.5, 3], mark: "dotted" },
  tuned: { role: "ink", dash: [6, 4], mark: "dashed" },
  rule: { role: "baseline", dash: [6, 4], mark: "dashed" },
};

/** Edges further out than this are nowhere: the policy does not trade there. */
const DRAWN = 1;

/** Mean width over the middle third of the axis, where gamma is. */
function widthAtTheMoney(band: Band): number {
  const n = band.upper.length;
  const from = Math.floor(n / 3);
  const to = Math.max(from + 1, Math.ceil((2 * n) / 3));
  let sum = 0;
  for (let i = from; i < to; i++) sum += band.upper[i]! - band.lower[i]!;
  return sum / (to - from);
}

/** The optimum's no-trade band at the middle of the session beside Whalley-Wilmott's (same risk aversion, and tuned) and the tuned band's. */
export function optimumBandFigure(input: ReportInput): Figure | undefined {
  const found = input.optimumBand;
  const optimum = found?.bands.find((b) => b.id === "optimum");
  if (found === undefined || optimum === undefined || found.x.length === 0) return undefined;
  const { bands, x, xName, xUnit } = found;
  const same = bands.find((b) => b.id === "same");
  const widths = bands.map((b) => `${b.name} ${significant(widthAtTheMoney(b.band), 2)}`).join(", ");
  const compared =
    same === undefined
      ? ""
      : ` where Whalley-Wilmott's formula at the same risk aversion (${significant(found.riskAversion, 2)} per unit of cost) is ${significant(widthAtTheMoney(same.band), 2)}`;
  return {
    id: "optimum-band",
    caption: `Half-way through the episode the optimum waits in a band ${significant(widthAtTheMoney(optimum.band), 2)} delta wide around the money${compared}; outside the shaded zone it trades to its edge, or further in where each trade has a fixed cost.`,
    alt: `No-trade bands of net delta over ${xName.toLowerCase()}. Mean width around the money: ${widths}.`,
    legend: bands.map((b) => ({ label: b.name, colour: STYLE[b.id].role, mark: STYLE[b.id].mark })),
    spec(width) {
      const drawn = (v: number) => (Math.abs(v) < DRAWN ? Number(v.toPrecision(6)) : null);
      const edges = bands.flatMap(({ band }) => [...band.lower, ...band.upper].filter((v) => Math.abs(v) < DRAWN));
      const xAxis = {
        field: "x",
        type: "quantitative",
        scale: { domain: extent(x, 0), nice: false, zero: false },
        axis: { title: `${xName}${xUnit ? `, ${xUnit}` : ""}`, tickCount: 5 },
      };
      const y = (field: string): object => ({
        field,
        type: "quantitative",
        scale: { domain: extent(edges.length === 0 ? [-DRAWN, DRAWN] : edges), nice: false, zero: false },
        axis: { title: "Net delta of one unit of book", tickCount: 6 },
      });
      const line = (field: string, id: keyof typeof STYLE): object => ({
        mark: {
          type: "line",
          clip: true,
          color: colour(STYLE[id].role),
          strokeWidth: 1.5,
          strokeDash: STYLE[id].dash,
          invalid: "break-paths-show-domains",
        },
        encoding: { x: xAxis, y: y(field) },
      });
      return {
        width: width - 70,
        height: 280,
        data: {
          values: x.map((at, i) => ({
            x: at,
            ...Object.fromEntries(
              bands.flatMap(({ id, band }) => [
                [`${id}Low`, drawn(band.lower[i]!)],
                [`${id}High`, drawn(band.upper[i]!)],
              ]),
            ),
          })),
        },
        layer: [
          {
            mark: { type: "area", clip: true, color: colour("oracle"), opacity: 0.2 },
            encoding: { x: xAxis, y: y("optimumLow"), y2: { field: "optimumHigh" } },
          },
          ...bands.flatMap(({ id }) => [line(`${id}Low`, id), line(`${id}High`, id)]),
        ],
      };
    },
  };
}
