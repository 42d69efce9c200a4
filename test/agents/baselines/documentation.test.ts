import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BASELINES } from "../../../agents/baselines/registry.ts";
import { HINDSIGHT } from "../../../agents/baselines/rules/hindsight.ts";

describe("docs/baselines.md", () => {
  it("names every rule and every parameter in code marks", () => {
    const page = readFileSync(new URL("../../../docs/baselines.md", import.meta.url), "utf8");
    for (const { id, parameters } of [...BASELINES, HINDSIGHT])
      for (const name of [id, ...parameters.map((p) => p.name)]) expect(page).toContain(`\`${name}\``);
  });
});
