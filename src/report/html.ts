import { embedJson, escapeHtml } from "./escape.ts";
import { type Figure, type LegendItem, NARROW, WIDE } from "./figure.ts";
import type { ReportInput } from "./input.ts";
import { type Block, sectionsOf, verdictOf } from "./sections.ts";
import { STYLE } from "./style.ts";
import { renderSvg } from "./svg.ts";
import { tableHtml } from "./table.ts";

function swatch({ colour, mark }: LegendItem): string {
  const c = colour.startsWith("#") ? colour : `var(--${colour})`;
  const line = (dash: string): string =>
    `<line x1="0" y1="7" x2="22" y2="7" stroke="${c}" stroke-width="2.5"${dash ? ` stroke-dasharray="${dash}"` : ""}/>`;
  const marks: Record<LegendItem["mark"], string> = {
    line: line(""),
    dashed: line("6 3"),
    dotted: line("2 3"),
    area: `<rect x="2" y="2" width="18" height="10" fill="${c}"/>`,
    wash: `<rect x="2" y="2" width="18" height="10" fill="${c}" fill-opacity="0.25"/>`,
    dot: `<circle cx="11" cy="7" r="4.5" fill="${c}"/>`,
    ring: `<circle cx="11" cy="7" r="4" fill="none" stroke="${c}" stroke-width="2"/>`,
    square: `<rect x="6.5" y="2.5" width="9" height="9" fill="${c}"/>`,
    triangle: `<path d="M11 2L16 12H6Z" fill="${c}"/>`,
  };
  return `<svg viewBox="0 0 22 14" aria-hidden="true">${marks[mark]}</svg>`;
}

/** A figure: caption, legend, the drawing in two widths (the style sheet shows one), text alternative and archived specification. */
async function figureHtml(figure: Figure): Promise<string> {
  const wide = figure.spec(WIDE);
  const drawings = [
    ["wide", wide],
    ["narrow", figure.spec(NARROW)],
  ] as const;
  const svgs: string[] = [];
  for (const [size, spec] of drawings) {
    const svg = await renderSvg(spec, `${figure.id}-${size}`);
    svgs.push(
      `<div class="${size}" role="img" aria-label="${escapeHtml(figure.caption)}" aria-describedby="${figure.id}-text">${svg}</div>`,
    );
  }
  const legend = figure.legend.map((item) => `<li>${swatch(item)}<span>${escapeHtml(item.label)}</span></li>`).join("");
  return `<figure id="${figure.id}">
<figcaption>${escapeHtml(figure.caption)}</figcaption>
<ul class="legend">${legend}</ul>
${svgs.join("\n")}
<details><summary>This figure in words</summary><p id="${figure.id}-text">${escapeHtml(figure.alt)}</p></details>
<script type="application/json" id="${figure.id}-spec" data-format="vega-lite 6">${embedJson(wide)}</script>
</figure>`;
}

/** A command that wraps between its words only, never inside `--flag`. */
function commandHtml(text: string): string {
  return text.replace(/\S+|\s+/g, (part) => (/\S/.test(part) ? `<span>${escapeHtml(part)}</span>` : part));
}

async function blockHtml(block: Block): Promise<string> {
  switch (block.kind) {
    case "text":
      return `<p>${escapeHtml(block.text)}</p>`;
    case "command":
      return `<pre tabindex="0"><code>${commandHtml(block.text)}</code></pre>`;
    case "facts":
      return `<dl>${block.facts.map(([key, value]) => `<dt>${escapeHtml(key)}</dt><dd>${escapeHtml(value)}</dd>`).join("\n")}</dl>`;
    case "list":
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
    case "figure":
      return figureHtml(block.figure);
    case "table":
      return tableHtml(block.table);
  }
}

/**
 * Returns the report as one self-contained HTML page: no network, no script, figures as inline SVG, light and dark, from 360 px up.
 * The same input gives the same bytes.
 */
export async function renderHtml(input: ReportInput): Promise<string> {
  const verdict = verdictOf(input.evaluation);
  const sections: string[] = [];
  for (const section of sectionsOf(input)) {
    const blocks: string[] = [];
    for (const block of section.blocks) blocks.push(await blockHtml(block));
    sections.push(
      `<section id="${section.id}">\n<h2>${escapeHtml(section.heading)}</h2>\n${blocks.join("\n")}\n</section>`,
    );
  }
  const remarks = verdict.remarks.map((r) => `<p class="remark">${escapeHtml(r)}</p>`).join("");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="generator" content="greekgym"/>
<title>${escapeHtml(input.title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(input.title)}</h1>
<div class="verdict ${verdict.tone}"><p class="word">${escapeHtml(verdict.word)}</p><p>${escapeHtml(verdict.sentence)}</p>${remarks}</div>
</header>
${sections.join("\n")}
</main>
</body>
</html>
`;
}
