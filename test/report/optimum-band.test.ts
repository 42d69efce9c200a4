import { describe, expect, it } from "vitest";
import { optimumBandFigure } from "../../src/report/figures/optimum-band.ts";
import type { OptimumBand, ReportInput } from "../../src/report/input.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { smallSample } from "./sample.ts";

const x = [0.9, 0.95, 1, 1.05, 1.1];
const band = (half: number) => ({ lower: x.map(() => -half), upper: x.map(() => half) });
const optimumBand: OptimumBand = {
  xName: "Spot / strike",
  xUnit: "",
  x,
  riskAversion: 0.03,
  bands: [
    { id: "optimum", name: "dp-optimum", band: band(0.1) },
    { id: "same", name: "Whalley-Wilmott at the same risk aversion", band: band(0.2) },
    { id: "rule", name: "delta-band, tuned", band: band(2) },
  ],
};
const input: ReportInput = { ...smallSample(), optimumBand };

describe("optimumBandFigure", () => {
  it("says how wide the optimum is, beside Whalley and Wilmott at the same risk aversion", () => {
    const figure = optimumBandFigure(input)!;
    expect(figure.caption).toContain("a band 0.20 delta wide around the money");
    expect(figure.caption).toContain("at the same risk aversion (0.030 per unit of cost) is 0.40");
    expect(figure.legend.map((l) => l.label)).toEqual(optimumBand.bands.map((b) => b.name));
    expect(renderMarkdown(input)).toContain(figure.caption.slice(0, 60));
  });

  it("leaves out edges that are nowhere, and does not stretch its axis to them", () => {
    const text = JSON.stringify(optimumBandFigure(input)!.spec(600));
    const { data, layer } = JSON.parse(text) as {
      data: { values: Record<string, number | null>[] };
      layer: { encoding: { y: { scale: { domain: [number, number] } } } }[];
    };
    expect(data.values[2]).toMatchObject({ optimumLow: -0.1, sameHigh: 0.2, ruleLow: null });
    expect(layer[0]!.encoding.y.scale.domain[1]).toBeLessThan(0.5);
  });

  it("is not drawn without an optimum", () => {
    expect(optimumBandFigure(smallSample())).toBeUndefined();
    expect(
      optimumBandFigure({ ...input, optimumBand: { ...optimumBand, bands: optimumBand.bands.slice(1) } }),
    ).toBeUndefined();
  });
});
