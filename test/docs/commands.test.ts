import { describe, expect, it } from "vitest";
import yargs, { type Argv } from "yargs";
import { commands } from "../../src/cli/commands.ts";
import { fences, pages } from "./pages.ts";

/** The command lines of the program in the shell fences of a page, without `npx`. */
function lines(page: string): string[] {
  return fences(page)
    .filter((f) => f.language === "sh" || f.language === "")
    .flatMap((f) => f.text.split("\n"))
    .map((line) => line.trim().replace(/^npx /, ""))
    .filter((line) => line.startsWith("greekgym "));
}

const known = new Map(
  commands.map((c) => {
    const options = (c.builder as (y: Argv) => Argv)(yargs([])) as unknown as {
      getOptions(): { key: Record<string, unknown>; alias: Record<string, string[]> };
    };
    return [c.command.split(" ")[0]!, new Set(Object.keys(options.getOptions().key))] as const;
  }),
);

describe("commands in the documentation", () => {
  it.each(pages().filter((page) => lines(page).length > 0))("%s names commands and flags that exist", (page) => {
    for (const line of lines(page)) {
      const command = line.split(" ")[1]!;
      expect([...known.keys(), "--help", "--version", "completion"], line).toContain(command);
      const flags = [...line.replace(/"[^"]*"/g, "").matchAll(/ --([a-z-]+)/g)].map((m) => m[1]!);
      for (const flag of flags) expect([...(known.get(command) ?? []), "help", "version"], line).toContain(flag);
    }
  });
});
