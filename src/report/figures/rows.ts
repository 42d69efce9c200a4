import { figureNames } from "../contenders.ts";
import { isNarrow, type Spec } from "../figure.ts";
import type { Extent } from "../stats.ts";
import { textWidth } from "../textwidth.ts";

/** Shared geometry of figures with one row a contender. */
export interface Rows {
  readonly names: ReadonlyMap<string, string>;
  /** Width of the plotting area in pixels. */
  readonly plotWidth: number;
  readonly height: number;
  readonly y: Spec;
}

/**
 * Lays out rows for a drawing of the given width.
 *
 * @param ids row ids from top to bottom
 * @param right pixels kept free at the right, for values of rows that are cut
 */
export function layRows(ids: readonly string[], width: number, right: number): Rows {
  const names = figureNames(ids, isNarrow(width) ? 112 : 220);
  const labels = Math.max(...[...names.values()].map((name) => textWidth(name, 12)));
  return {
    names,
    plotWidth: width - labels - 12 - right,
    height: ids.length * 24,
    y: {
      field: "name",
      type: "nominal",
      sort: [...names.values()],
      axis: { title: null, domain: false, ticks: false, labelPadding: 8, grid: true, tickBand: "center" },
    },
  };
}

/** A shared horizontal axis: explicit domain, few ticks, the unit in the title. */
export function valueAxis(title: readonly string[], domain: Extent, plotWidth: number): Spec {
  return {
    type: "quantitative",
    scale: { domain, nice: false, zero: false },
    axis: { title, tickCount: Math.max(3, Math.floor(plotWidth / 90)), titleAlign: "left", titleAnchor: "start" },
  };
}
