import type { TopLevelSpec } from "vega-lite";
import type { Spec } from "./figure.ts";
import { textWidth } from "./textwidth.ts";
import { CHART_CONFIG, ROLES } from "./theme.ts";

const silent = {
  level() {
    return silent;
  },
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
};

/** Drawn colours → CSS variables of the page (with the drawn colour as fall-back), so that one drawing serves light and dark. */
function themed(svg: string): string {
  let text = svg;
  for (const [role, [light]] of Object.entries(ROLES))
    text = text.replaceAll(`"${light}"`, `"var(--${role},${light})"`);
  return text;
}

/** Vega numbers clip paths by a counter of the process: names them by figure instead, in order of appearance. */
function nameClips(svg: string, prefix: string): string {
  const names = new Map<string, string>();
  for (const [, id] of svg.matchAll(/ id="([^"]+)"/g)) names.set(id!, `${prefix}-${names.size}`);
  return svg
    .replace(/ id="([^"]+)"/g, (_, id: string) => ` id="${names.get(id)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${names.get(id) ?? id})`);
}

/** Two decimals of a pixel are enough; a path of a thousand points halves in size. */
function roundCoordinates(svg: string): string {
  return svg.replace(/ (d|transform|x|y|x1|x2|y1|y2|width|height)="([^"]*)"/g, (_, name: string, value: string) => {
    const short = value.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (n) => String(Math.round(Number(n) * 100) / 100 || 0));
    return ` ${name}="${short}"`;
  });
}

/**
 * Draws a vega-lite specification as an SVG element to be placed in an HTML page, without canvas or DOM.
 * The same specification and prefix give the same bytes, on every machine and however many drawings went before.
 *
 * @param prefix first part of the ids inside the drawing, unique in the page
 */
export async function renderSvg(spec: Spec, prefix: string): Promise<string> {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  // The library measures by canvas where one is installed and guesses wide where none is: we measure by font metrics.
  const metrics = (vega as unknown as { textMetrics: { width(item: { fontSize?: number }, text: string): number } })
    .textMetrics;
  metrics.width = (item, text) => textWidth(String(text ?? "").trim(), item.fontSize ?? 11);

  const config = { ...CHART_CONFIG, legend: { disable: true } };
  const compiled = compile({ ...spec, config } as unknown as TopLevelSpec, { logger: silent as never });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none", logLevel: vega.None });
  try {
    const svg = await view.toSVG();
    return nameClips(themed(roundCoordinates(svg)), prefix)
      .replace(/ xmlns(:\w+)?="[^"]*"/g, "")
      .replace(/<svg([^>]*?) width="(\d+)" height="\d+"/, '<svg$1 style="max-width:$2px" aria-hidden="true"');
  } finally {
    view.finalize();
  }
}
