/**
 * Takes one figure out of a report and writes it as a stand-alone SVG, with its caption, its legend and where it comes from:
 *   npx tsx scripts/extract-figure.ts runs/<id>/report.html band docs/figures/quickstart-band.svg "2 shared cores, AMD EPYC"
 */
import { readFileSync, statSync } from "node:fs";
import { ConfigError } from "../src/core/errors.ts";
import { textWidth, wrapText } from "../src/report/textwidth.ts";
import { colour, FONT } from "../src/report/theme.ts";
import { writeFileAtomic } from "../src/store/atomic.ts";

const [report, id, target, machine] = process.argv.slice(2);
if (report === undefined || id === undefined || target === undefined || machine === undefined)
  throw new ConfigError("An argument is missing.", {
    which: "arguments",
    value: process.argv.slice(2),
    fix: "Give the report, the figure's id, the file to write and a name for the machine.",
  });

const html = readFileSync(report, "utf8");
const figure = new RegExp(`<figure id="${id}">.*?</figure>`, "s").exec(html)?.[0];
const drawing = /<div class="wide"[^>]*>\s*(<svg.*?<\/svg>)/s.exec(figure ?? "")?.[1];
if (figure === undefined || drawing === undefined)
  throw new ConfigError("The report has no such figure.", {
    which: report,
    value: id,
    fix: "Use the id of a figure in the report.",
    hints: [`Here: ${[...html.matchAll(/<figure id="([^"]+)"/g)].map((m) => m[1]).join(", ")}.`],
  });

const plain = (text: string) => text.replaceAll("&#39;", "'").replaceAll("&quot;", '"');
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const light = (svg: string) =>
  svg.replace(/var\(--[a-z]+,(#[0-9a-f]{6})\)/g, "$1").replace(/var\(--([a-z]+)\)/g, (_, role) => colour(role));
const fact = (name: string) =>
  plain(new RegExp(`<dt>${name}</dt>\\s*<dd>(.*?)</dd>`, "s").exec(html)?.[1] ?? "unknown")
    .replace(/<[^>]+>/g, "")
    .trim();

const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(drawing)!.map(Number) as [number, number, number];
const caption = plain(/<figcaption>(.*?)<\/figcaption>/s.exec(figure)![1]!);
const date = statSync(report).mtime.toISOString().slice(0, 10);
const command = plain(/<pre[^>]*><code>(.*?)<\/code>/s.exec(html)![1]!.replace(/<[^>]+>/g, ""));
const birth = `${command} · ${date} · ${machine}, Node ${fact("Node")} · git ${fact("Source \\(git\\)").slice(0, 10)}`;

const PAD = 16;
const lines = wrapText(caption, width, 14);
let y = PAD + 14;
const parts: string[] = [];
for (const line of lines) {
  parts.push(`<text x="${PAD}" y="${y}" font-size="14" fill="${colour("ink")}">${escaped(line)}</text>`);
  y += 19;
}
let x = PAD;
for (const [, swatch, label] of figure.matchAll(/<li>(<svg.*?<\/svg>)(?:<span>)?([^<]*)/gs)) {
  const text = plain(label!).trim();
  const room = 30 + textWidth(text, 13) + 22;
  if (x + room > width) {
    x = PAD;
    y += 20;
  }
  const icon = light(swatch!).replace("<svg", `<svg x="${x}" y="${y - 7}" width="22" height="14"`);
  parts.push(icon, `<text x="${x + 30}" y="${y + 5}" font-size="13" fill="${colour("ink")}">${escaped(text)}</text>`);
  x += room;
}
y += 22;
parts.push(light(drawing).replace("<svg", `<svg x="${PAD}" y="${y}" width="${width}" height="${height}"`));
y += height + 24;
parts.push(`<text x="${PAD}" y="${y}" font-size="11" fill="${colour("muted")}">${escaped(birth)}</text>`);

const [w, h] = [width + 2 * PAD, y + PAD];
writeFileAtomic(
  target,
  [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" font-family="${FONT.replaceAll('"', "'")}" role="img">`,
    `<title>${escaped(caption)}</title>`,
    `<desc>${escaped(birth)}</desc>`,
    `<rect width="100%" height="100%" fill="${colour("paper")}"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n"),
);
process.stderr.write(`wrote ${target}: ${birth}\n`);
