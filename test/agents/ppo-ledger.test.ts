import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { ppoConfigSchema } from "../../agents/ppo-config.ts";

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

describe("PPO's ledger of details", () => {
  it("numbers the same details in the code and in the document, each once", async () => {
    const code = [...(await read("agents/ppo.ts")).matchAll(/\[D(\d+)\]/g)].map((m) => Number(m[1]));
    const rows = [...(await read("docs/algorithms/ppo.md")).matchAll(/^\| D(\d+) \|/gm)].map((m) => Number(m[1]));
    expect(new Set(code).size).toBe(code.length);
    expect(rows).toEqual(rows.map((_, i) => i + 1));
    expect([...code].sort((a, b) => a - b)).toEqual(rows);
    // 13 core, 9 continuous and 1 multi-discrete detail of Huang et al. (2022), and what was added since.
    expect(rows.length).toBeGreaterThanOrEqual(13 + 9 + 1);
  });

  it("fills every column of every row", async () => {
    const rows = (await read("docs/algorithms/ppo.md")).split("\n").filter((line) => /^\| D\d/.test(line));
    for (const row of rows) {
      const cells = row.split("|").slice(1, -1);
      expect(cells).toHaveLength(5);
      for (const cell of cells) expect(cell.trim().length).toBeGreaterThan(0);
    }
  });

  it("names only settings that the config has", async () => {
    const known = Object.keys(ppoConfigSchema.shape);
    const table = (await read("docs/algorithms/ppo.md")).split("\n").filter((line) => /^\| D\d/.test(line));
    const named = table.flatMap((row) =>
      [
        ...row
          .split("|")
          .at(-2)!
          .matchAll(/`([a-zA-Z]+)`/g),
      ].map((m) => m[1]!),
    );
    const elsewhere = ["band", "actionMask", "autoresetMode"];
    for (const name of named) expect([...known, ...elsewhere]).toContain(name);
    expect(named.length).toBeGreaterThan(20);
  });

  it("describes every setting and gives it a default", () => {
    const filled = ppoConfigSchema.parse({});
    for (const [name, field] of Object.entries(ppoConfigSchema.shape)) {
      expect(field.description, name).toMatch(/\.$/);
      expect(filled).toHaveProperty(name);
    }
  });
});
