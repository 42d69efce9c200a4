import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { deepHedgingConfigSchema } from "../../agents/deep-hedging-config.ts";

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
const rowsOf = async () =>
  (await read("docs/algorithms/deep-hedging.md")).split("\n").filter((line) => /^\| D\d/.test(line));

describe("deep hedging's ledger of details", () => {
  it("numbers the same details in the code and in the document, each once", async () => {
    const code = [...(await read("agents/deep-hedging.ts")).matchAll(/\[D(\d+)\]/g)].map((m) => Number(m[1]));
    const rows = (await rowsOf()).map((row) => Number(/^\| D(\d+)/.exec(row)![1]));
    expect(rows).toEqual(rows.map((_, i) => i + 1));
    expect([...new Set(code)].sort((a, b) => a - b)).toEqual(rows);
    expect(new Set(code).size).toBe(code.length);
  });

  it("fills every column of every row", async () => {
    for (const row of await rowsOf()) {
      const cells = row.split("|").slice(1, -1);
      expect(cells.length).toBeGreaterThanOrEqual(5);
      for (const cell of cells) expect(cell.trim().length).toBeGreaterThan(0);
    }
  });

  it("names every setting that the config has, and each has a description and a default", async () => {
    const text = await read("docs/algorithms/deep-hedging.md");
    const filled = deepHedgingConfigSchema.parse({});
    for (const [name, field] of Object.entries(deepHedgingConfigSchema.shape)) {
      expect(text, name).toContain(`\`${name}\``);
      expect(field.description, name).toMatch(/\.$/);
      expect(filled).toHaveProperty(name);
    }
  });
});
