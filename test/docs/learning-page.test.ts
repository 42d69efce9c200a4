import { expect, it } from "vitest";
import { METRICS } from "../../src/core/metrics.ts";
import { read } from "./pages.ts";

it("docs/learning.md lists every metric with its sentence, in the order of the table in code", () => {
  const rows = [...read("docs/learning.md").matchAll(/^\| `([a-z]+\/\w+)`\s*\| (.+?)\s*\|$/gm)].map((m) => [
    m[1],
    m[2],
  ]);
  expect(rows).toEqual(Object.entries(METRICS));
});
