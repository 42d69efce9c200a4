import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { read } from "./pages.ts";

/** The tree of rooms in docs/design.md §2. */
const tree = /## 2\. Rooms\s+```text\n([\s\S]*?)```/.exec(read("docs/design.md"))![1]!;

/** Folders that the tree names below a room: those that begin its indented lines. */
function named(room: string): string[] {
  const lines = tree.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`${room}/`)) + 1;
  const length = lines.slice(start).findIndex((line) => !line.startsWith(" "));
  const own = lines.slice(start, start + length);
  return own
    .flatMap((line) => (/^ {2}((?:[a-z]+\/\s*)+)/.exec(line)?.[1] ?? "").split(/\/\s*/))
    .filter((s) => s !== "");
}

it.each(["env", "models", "agents", "src"])("docs/design.md names exactly the rooms of %s/ that exist", (room) => {
  const folders = readdirSync(room, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(named(room).sort()).toEqual(folders.map((entry) => entry.name).sort());
});
