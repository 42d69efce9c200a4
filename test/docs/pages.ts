import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT_PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

/** Paths of all pages, from the project's root. */
export function pages(): string[] {
  const docs = readdirSync("docs", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => join(entry.parentPath, entry.name));
  return [...ROOT_PAGES, ...docs.sort()];
}

export const read = (path: string): string => readFileSync(path, "utf8");

export interface Fence {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** The words after the language, e.g. `file=examples/own-rule.ts`. */
  readonly info: string;
  readonly text: string;
}

/** The fenced blocks of a page. */
export function fences(page: string): Fence[] {
  const found: Fence[] = [];
  const lines = read(page).split("\n");
  for (let i = 0; i < lines.length; i++) {
    const open = /^```(\S*)\s*(.*)$/.exec(lines[i]!);
    if (open === null) continue;
    const end = lines.indexOf("```", i + 1);
    found.push({
      page,
      line: i + 1,
      language: open[1]!,
      info: open[2]!,
      text: lines.slice(i + 1, end).join("\n"),
    });
    i = end;
  }
  return found;
}

/** A page's text without its fenced blocks and code spans. */
export function prose(page: string): string {
  return read(page)
    .replace(/^```[\s\S]*?^```$/gm, "")
    .replace(/`[^`\n]*`/g, "");
}

/** The anchors that a heading or an explicit id of a page answers to, as GitHub makes them. */
export function anchors(page: string): Set<string> {
  const found = new Set<string>();
  const seen = new Map<string, number>();
  const text = read(page).replace(/^```[\s\S]*?^```$/gm, "");
  for (const [, heading] of text.matchAll(/^#{1,6}\s+(.+)$/gm)) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    const n = seen.get(slug) ?? 0;
    seen.set(slug, n + 1);
    found.add(n === 0 ? slug : `${slug}-${n}`);
  }
  for (const [, id] of text.matchAll(/<a id="([^"]+)">/g)) found.add(id!);
  return found;
}
