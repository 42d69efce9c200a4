import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { anchors, pages, prose, read } from "./pages.ts";

/** Relative link targets of a page, images included. */
function links(page: string): string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]!).filter((t) => !/^[a-z]+:/.test(t));
}

describe("links of the documentation", () => {
  it.each(pages())("%s leads to files and anchors that exist", (page) => {
    const broken = links(page).filter((link) => {
      const [path, anchor] = link.split("#") as [string, string | undefined];
      const target = path === "" ? page : normalize(join(dirname(page), path));
      if (!existsSync(target)) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchors(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("the map lists every page of docs/ but assumptions, which it lists as a folder", () => {
    const listed = new Set(links("docs/index.md").map((link) => normalize(join("docs", link))));
    const missing = pages().filter(
      (page) =>
        page.startsWith("docs/") &&
        !page.startsWith("docs/assumptions/") &&
        page !== "docs/index.md" &&
        !listed.has(page),
    );
    expect(missing).toEqual([]);
  });

  it("the linter's messages name an anchor of design.md that exists", () => {
    const named = [...read("biome.json").matchAll(/docs\/design\.md#([\w-]+)/g)].map((m) => m[1]!);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((anchor) => !anchors("docs/design.md").has(anchor))).toEqual([]);
  });
});
