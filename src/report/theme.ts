/**
 * Colours by role: [light, dark]. Figures are drawn in the light value, so that an archived specification stands alone;
 * in the page each becomes a CSS variable. All text roles have a contrast of at least 4.5 : 1 on their paper.
 */
export const ROLES = {
  paper: ["#ffffff", "#12171d"],
  raised: ["#f5f7f9", "#1a2129"],
  ink: ["#1b2129", "#e6eaee"],
  muted: ["#56616d", "#a5b0bb"],
  grid: ["#dfe4e9", "#2c353f"],
  learned: ["#0a5fc0", "#6fb5ff"],
  baseline: ["#b04e00", "#ffab5e"],
  other: ["#717c88", "#8f9aa6"],
  oracle: ["#7b3fb3", "#c9a0ff"],
  good: ["#11733a", "#62d58f"],
  bad: ["#b1241c", "#ff8b81"],
  unsure: ["#865c00", "#e9bd4d"],
} as const satisfies Record<string, readonly [string, string]>;
export type Role = keyof typeof ROLES;

/** The light colour of a role, as figures use it. */
export const colour = (role: Role): string => ROLES[role][0];

/** Eight hues told apart by colour-blind readers and legible on both papers (Tol 2021, bright scheme, grey and yellow darkened). */
export const HUES = ["#4477aa", "#66b5d6", "#228833", "#9a9fa6", "#c2a92f", "#ee6677", "#aa3377", "#e07b1a"] as const;

export const FONT = '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif';

/** The vega-lite configuration shared by all figures: quiet axes, no frame, one font. */
export const CHART_CONFIG = {
  background: "transparent",
  // The page describes each figure in words; a description of every mark would be noise, and half of the bytes.
  aria: false,
  font: FONT,
  view: { stroke: null },
  axis: {
    domainColor: colour("muted"),
    tickColor: colour("muted"),
    gridColor: colour("grid"),
    labelColor: colour("ink"),
    titleColor: colour("muted"),
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelFont: FONT,
    titleFont: FONT,
    labelLimit: 0,
    titleLimit: 0,
    titlePadding: 8,
  },
  title: {
    anchor: "start",
    frame: "group",
    color: colour("muted"),
    font: FONT,
    fontSize: 12,
    fontWeight: "normal",
    lineHeight: 15,
    limit: 0,
    offset: 8,
  },
  text: { font: FONT, fontSize: 12, color: colour("ink") },
  concat: { spacing: 18 },
} as const;
