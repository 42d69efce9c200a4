import type { Role } from "./theme.ts";

/** A vega-lite 6 specification as plain JSON. */
export type Spec = Readonly<Record<string, unknown>>;

export interface LegendItem {
  readonly label: string;
  /** A role of the theme, or a literal hue. */
  readonly colour: Role | `#${string}`;
  readonly mark: "line" | "dashed" | "dotted" | "area" | "wash" | "dot" | "ring" | "square" | "triangle";
}

/** One figure of the report. Legends are HTML beside the drawing: they wrap on a narrow screen, which an SVG cannot. */
export interface Figure {
  /** Unique in the page; letters and hyphens. */
  readonly id: string;
  /** What to see, in one sentence. */
  readonly caption: string;
  /** The same content in words, for those who do not see the drawing. */
  readonly alt: string;
  readonly legend: readonly LegendItem[];
  /** The specification for a drawing of the given width in pixels, axes included; narrow figures may stack their panels. */
  spec(width: number): Spec;
}

/** Widths in pixels at which each figure is drawn: a column of a desktop page, and a telephone of 360 px. */
export const WIDE = 1080;
export const NARROW = 336;
export const isNarrow = (width: number): boolean => width < 600;
