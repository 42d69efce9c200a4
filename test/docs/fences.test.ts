import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/core/yaml-config.ts";
import { experimentSchema } from "../../src/evaluate/experiment.ts";
import { type Fence, fences, pages, read } from "./pages.ts";

const all = pages().flatMap(fences);
const of = (language: string) => all.filter((f) => f.language === language);
const name = (f: Fence) => `${f.page}:${f.line}`;

/** In the build's folder, so that the package's own name resolves; a tsconfig of its own, so that the build does not see it. */
const FOLDER = `dist/doc-fences-${process.pid}`;

describe("code in the documentation", () => {
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

  it("a fence that names a file is that file, word for word", () => {
    for (const fence of all) {
      const file = /file=(\S+)/.exec(fence.info)?.[1];
      if (file !== undefined) expect(fence.text.trim(), name(fence)).toBe(read(file).trim());
    }
  });

  it("every other TypeScript fence passes the project's type check", () => {
    const own = of("ts").filter((f) => !f.info.includes("file="));
    expect(own.length).toBeGreaterThan(0);
    mkdirSync(FOLDER, { recursive: true });
    own.forEach((f, i) => {
      writeFileSync(join(FOLDER, `fence-${i}.ts`), `// ${name(f)}\n${f.text}\nexport {};\n`);
    });
    const config = { extends: resolve("tsconfig.json"), include: ["*.ts"], exclude: [] };
    writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(config));
    const tsc = join("node_modules", "typescript", "bin", "tsc");
    let output = "";
    try {
      execFileSync(process.execPath, [tsc, "-p", FOLDER], { encoding: "utf8" });
    } catch (error) {
      // Only what is wrong in the fences themselves: the rest of the project has its own check.
      const lines = (error as { stdout: string }).stdout.split("\n");
      output = lines.filter((line) => line.includes("fence-")).join("\n");
    }
    expect(output).toBe("");
  });

  it("every YAML fence is a valid experiment, or, marked `part`, part of one", () => {
    const base = parse(read("experiments/quickstart.yaml")) as Record<string, unknown>;
    expect(of("yaml").length).toBeGreaterThan(0);
    for (const fence of of("yaml")) {
      const own = parse(fence.text) as Record<string, unknown>;
      const text = fence.info === "part" ? JSON.stringify(merge(base, own)) : fence.text;
      expect(() => loadConfig({ text, path: name(fence), schema: experimentSchema }), name(fence)).not.toThrow();
    }
  });

  it("no fence is of a language that nothing checks", () => {
    const known = ["ts", "yaml", "sh", "text", "json", ""];
    // JavaScript is shown only of files that other tests run.
    const shown = (f: Fence) => f.language === "js" && f.info.includes("file=");
    expect(all.filter((f) => !known.includes(f.language) && !shown(f)).map(name)).toEqual([]);
  });
});

type Tree = Record<string, unknown>;
const isTree = (x: unknown): x is Tree => typeof x === "object" && x !== null && !Array.isArray(x);

/** `part` over `base`; where a part names another model, the base's fields of the old one are dropped. */
function merge(base: Tree, part: Tree): Tree {
  const out: Tree = { ...base };
  for (const [key, value] of Object.entries(part)) {
    const old = out[key];
    const replaces = isTree(value) && isTree(old) && "model" in value && value.model !== old.model;
    out[key] = isTree(value) && isTree(old) && !replaces ? merge(old, value) : value;
  }
  return out;
}
