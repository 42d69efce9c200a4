import { describe, expect, it } from "vitest";
import { fences, pages, prose, read } from "./pages.ts";

/** Flags of each command, from the generated reference, which a test of its own keeps true. */
const known = new Map(
  read("docs/cli.md")
    .split(/^#{2,3} /m)
    .slice(1)
    .map((section) => {
      const flags = [...section.matchAll(/ --([a-z][a-z-]*)/g)].map((m) => m[1]!);
      return [section.split("\n")[0]!.trim(), new Set(flags)] as const;
    }),
);

/** Command lines of a page: in shell fences, and in code spans that begin with the program's name. */
function lines(page: string): string[] {
  const fenced = fences(page)
    .filter((f) => f.language === "sh" || f.language === "")
    .flatMap((f) => f.text.split("\n"));
  const spans = [...read(page).matchAll(/`((?:npx )?greekgym [^`]+)`/g)].map((m) => m[1]!);
  return [...fenced, ...spans].map((line) => line.trim().replace(/^npx /, "")).filter((l) => l.startsWith("greekgym "));
}

const own = pages().filter((page) => page !== "docs/cli.md" && lines(page).length > 0);

describe("commands in the documentation", () => {
  it.each(own)("%s names commands and flags that exist", (page) => {
    for (const line of lines(page)) {
      const [, first, second] = line.split(/\s+/);
      if (first!.startsWith("--") || first === "completion") continue;
      const command = known.has(`${first} ${second}`) ? `${first} ${second}` : first!;
      expect([...known.keys()], line).toContain(command);
      const flags = [...line.replace(/"[^"]*"/g, "").matchAll(/ --([a-z][a-z-]*)/g)].map((m) => m[1]!);
      for (const flag of flags) expect([...known.get(command)!], line).toContain(flag);
    }
  });

  it("no page of ours names a machine's own path", () => {
    const named = pages().filter((page) => /(?:^|\s)\/(?:home|root|work|tmp|Users)\//.test(prose(page)));
    expect(named).toEqual([]);
  });
});
