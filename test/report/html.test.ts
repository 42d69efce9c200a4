import { beforeAll, describe, expect, it } from "vitest";
import { renderHtml } from "../../src/report/html.ts";
import type { ReportInput } from "../../src/report/input.ts";
import { verdictOf } from "../../src/report/sections.ts";
import { sample, smallSample } from "./sample.ts";

const VOID = new Set(["meta", "br", "hr", "img", "link", "input"]);

/** Returns what is wrong with the nesting and the attributes of a page: an XML reader's view, script and style being text. */
function faults(html: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  const bare = html.replace(/^<!DOCTYPE html>\n/, "").replace(/(<(script|style)\b[^>]*>)[\s\S]*?(<\/\2>)/g, "$1$3");
  const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;
  let at = 0;
  for (const match of bare.matchAll(tag)) {
    const between = bare.slice(at, match.index);
    if (/[<>]/.test(between)) found.push(`stray bracket in ${JSON.stringify(between.slice(0, 80))}`);
    if (/&(?!(amp|lt|gt|quot|#39|nbsp);)/.test(between + match[3])) found.push(`bare ampersand near ${match[0]}`);
    at = match.index + match[0].length;
    const name = match[2]!;
    if (match[1]) {
      const last = open.pop();
      if (last !== name) found.push(`</${name}> closes <${last}>`);
    } else if (!match[4] && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) found.push(`left open: ${open.join(", ")}`);
  return found;
}

const headings = (html: string): string[] => [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map((m) => m[1]!);

describe("renderHtml", () => {
  let html: string;
  let small: string;
  beforeAll(async () => {
    html = await renderHtml(sample());
    small = await renderHtml(smallSample());
  });

  it("shows every section in the order in which a person looks", () => {
    expect(headings(html)).toEqual([
      "What was compared",
      "Contenders",
      "Learning curve",
      "Distribution of costs",
      "One hedged episode",
      "No-trade band",
      "Mean against risk",
      "Where costs arise",
      "Shadow run",
      "Splits, test touches and caveats",
      "Provenance",
    ]);
  });

  it("opens with the verdict as a word, a colour and the sentence", () => {
    const top = html.slice(html.indexOf("<main>"), html.indexOf("<h2>"));
    expect(top).toContain('<div class="verdict good"><p class="word">Better</p>');
    expect(top).toContain(sample().evaluation.verdict.sentence);
  });

  it("says when a verdict is open, how much more would decide, and when a gain is no hedging skill", () => {
    expect(small).toContain('<div class="verdict unsure"><p class="word">Inconclusive</p>');
    expect(small).toContain("About 1800 further episodes would decide.");
    expect(small).toContain("Not hedging skill");
    const { evaluation } = sample();
    const timed = verdictOf({ ...evaluation, verdict: { ...evaluation.verdict, mostlyTiming: true } });
    expect(timed.remarks).toEqual([
      "The gain is mostly timing: exposure held while the price was displaced and came back.",
    ]);
    const verdict = { ...evaluation.verdict, moreWindows: 30 };
    expect(verdictOf({ ...evaluation, verdict }).remarks).toContain(
      "About 30 further independent windows would decide.",
    );
  });

  it("does not judge where nothing was learned", async () => {
    const input = smallSample();
    const { evaluation } = input;
    const page = await renderHtml({
      ...input,
      evaluation: {
        ...evaluation,
        contenders: evaluation.contenders.filter((c) => c.kind === "baseline"),
        best: { baseline: "composite", overall: "composite" },
        verdict: { ...evaluation.verdict, contender: "", against: "" },
        paired: [],
      },
    });
    expect(page).toContain('<p class="word">Baselines only</p>');
    expect(page).not.toContain("Difference<small>");
    expect(faults(page)).toEqual([]);
  });

  it("is well-formed, with and without the optional parts", () => {
    expect(faults(html)).toEqual([]);
    expect(faults(small)).toEqual([]);
  });

  it("refers to nothing outside itself and runs no script", () => {
    expect(html).not.toMatch(/https?:|\/\/[a-z]+\.|\bsrc=|\bhref=|@import|<link|<iframe|\bon[a-z]+="/i);
    for (const [, target] of html.matchAll(/url\(([^)]*)\)/g)) expect(target).toMatch(/^#/);
    for (const [, attributes] of html.matchAll(/<script([^>]*)>/g)) expect(attributes).toContain("application/json");
  });

  it("gives every id once, and every clip path that is used exists", () => {
    const bare = html.replace(/<script[\s\S]*?<\/script>/g, (s) => s.slice(0, s.indexOf(">") + 1));
    const ids = [...bare.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]!);
    expect(ids.length).toBe(new Set(ids).size);
    const clips = [...bare.matchAll(/url\(#([^)]+)\)/g)].map((m) => m[1]!);
    expect(clips.length).toBeGreaterThan(0);
    for (const id of clips) expect(ids).toContain(id);
  });

  it("gives each figure a one-sentence caption, two drawings, words and its specification", () => {
    const figures = [...html.matchAll(/<figure id="([\w-]+)">([\s\S]*?)<\/figure>/g)];
    expect(figures.map((f) => f[1])).toEqual([
      "difference",
      "learning",
      "distribution",
      "episode",
      "band",
      "frontier",
      "attribution",
    ]);
    for (const [, id, body] of figures) {
      expect(body!.match(/<figcaption>([^<]+)<\/figcaption>/)![1]!.length).toBeGreaterThan(30);
      expect(body!.match(/<svg [^>]*class="marks"/g)).toHaveLength(2);
      expect(body!.match(new RegExp(`<p id="${id}-text">([^<]+)</p>`))![1]!.length).toBeGreaterThan(30);
      const spec = JSON.parse(body!.match(/<script[^>]*>([\s\S]*?)<\/script>/)![1]!) as Record<string, unknown>;
      expect(Object.keys(spec).some((key) => ["layer", "vconcat", "hconcat"].includes(key))).toBe(true);
    }
  });

  it("draws no NaN", () => {
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    expect(small).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("draws in colours of the theme, so that dark mode reaches the figures", () => {
    const svgs = [...html.matchAll(/<svg [^>]*class="marks"[\s\S]*?<\/svg>/g)].map((m) => m[0]).join("");
    expect(svgs).toContain("var(--learned,");
    const fixed = [...svgs.matchAll(/(?:fill|stroke)="(#[0-9a-f]{3,6}|black|white)"/g)].map((m) => m[1]!);
    // Only the eight hues of the attribution stand outside the theme.
    expect(new Set(fixed).size).toBeLessThanOrEqual(8);
    expect(fixed.every((c) => c.startsWith("#"))).toBe(true);
  });

  it("leaves no empty heading where optional parts are missing", () => {
    expect(headings(small)).toEqual([
      "What was compared",
      "Contenders",
      "Where costs arise",
      "Splits, test touches and caveats",
      "Provenance",
    ]);
    expect(small).not.toMatch(/<\/h2>\s*<\/section>/);
    expect(small).not.toMatch(/<(ul|dl|p|figcaption)>\s*<\/\1>/);
  });

  it("gives the same bytes for the same input", async () => {
    expect(await renderHtml(sample())).toBe(html);
  });

  it("escapes text from every place that people write in", async () => {
    const evil = `</script><script>alert("1")</script>&'`;
    const base = sample();
    const rename = (id: string): string => (id === "composite" ? evil : id);
    const e = base.evaluation;
    const input: ReportInput = {
      ...base,
      title: evil,
      provenance: { ...base.provenance, command: evil, runId: evil, dataFiles: [{ path: evil, sha256: evil }] },
      evaluation: {
        ...e,
        scenario: { ...e.scenario, name: evil },
        objective: { ...e.objective, unit: evil },
        splits: { train: evil, select: evil, test: evil },
        contenders: e.contenders.map((c) => ({ ...c, id: rename(c.id), params: { [evil]: 1 } })),
        paired: e.paired.map((p) => ({ ...p, b: rename(p.b) })),
        best: { ...e.best, baseline: evil },
        verdict: { ...e.verdict, against: evil, sentence: evil },
        notes: [evil],
      },
      bandCurve: { ...base.bandCurve!, baselineId: evil, xName: evil },
      frontier: { points: base.frontier.points.map((p) => ({ ...p, id: rename(p.id) })) },
      shadow: { ...base.shadow!, unit: evil },
    };
    const page = await renderHtml(input);
    expect(page).not.toContain("<script>");
    expect(page).not.toContain('alert("1")</script>');
    expect(faults(page)).toEqual([]);
    // The specification keeps the text as it was, behind an escape that cannot close the element.
    expect(page).toContain("\\u003c/script>\\u003cscript>");
  });

  it("holds for fifteen contenders with long names of which several shorten alike", async () => {
    const base = smallSample();
    const c = base.evaluation.contenders[1]!;
    const contenders = Array.from({ length: 15 }, (_, i) => ({
      ...c,
      id: `runs/20260114-0930${10 + i}-a-long-experiment-name/policy`,
      objective: c.objective + i,
    }));
    const page = await renderHtml({
      ...base,
      evaluation: { ...base.evaluation, contenders, paired: [] },
      costSamples: contenders.map(({ id }, i) => ({ id, costs: [1 + i, 2 + i, 4 + i] })),
    });
    expect(faults(page)).toEqual([]);
    const svg = page.match(/<figure id="distribution">[\s\S]*?<div class="narrow"[^>]*>([\s\S]*?)<\/svg>/)![1]!;
    const labels = [...svg.matchAll(/<text[^>]*>(ru[^<]*…[^<]*)<\/text>/g)].map((m) => m[1]!);
    expect(labels).toHaveLength(15);
    expect(new Set(labels).size).toBe(15);
  });
});
