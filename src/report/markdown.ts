import { escapeMarkdown } from "./escape.ts";
import type { ReportInput } from "./input.ts";
import { type Block, sectionsOf, verdictOf } from "./sections.ts";
import { tableMarkdown } from "./table.ts";

/** A fence longer than any run of backticks inside, so that a command cannot close it. */
function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}sh\n${text}\n${fence}`;
}

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case "text":
      return escapeMarkdown(block.text);
    case "command":
      return fenced(block.text);
    case "facts":
      return block.facts.map(([key, value]) => `- ${escapeMarkdown(key)}: ${escapeMarkdown(value)}`).join("\n");
    case "list":
      return block.items.map((item) => `- ${escapeMarkdown(item)}`).join("\n");
    case "figure":
      return `*Figure.* ${escapeMarkdown(block.figure.caption)} ${escapeMarkdown(block.figure.alt)}`;
    case "table":
      return `${escapeMarkdown(block.table.caption)}\n\n${tableMarkdown(block.table)}`;
  }
}

/** Returns the report as Markdown: the same sections and tables as the page, figures by their caption and text alternative. */
export function renderMarkdown(input: ReportInput): string {
  const verdict = verdictOf(input.evaluation);
  const parts = [
    `# ${escapeMarkdown(input.title)}`,
    `**${escapeMarkdown(verdict.word)}.** ${[verdict.sentence, ...verdict.remarks].map(escapeMarkdown).join(" ")}`,
  ];
  for (const section of sectionsOf(input))
    parts.push(`## ${escapeMarkdown(section.heading)}`, ...section.blocks.map(blockMarkdown));
  return `${parts.join("\n\n")}\n`;
}
