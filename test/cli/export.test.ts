import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sealBundle } from "../../models/format/bundle.ts";
import { readBundle, writeBundle } from "../../src/live/bundle-folder.ts";
import { onnxRuntime } from "../support/onnx.ts";
import { greekgym, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "tiny.yaml"), TINY);
const BESIDE = ["golden.json", "policy.json"];
const FILES = {
  onnx: ["model.onnx", ...BESIDE].sort(),
  tfjs: ["group1-shard1of1.bin", "model.json", ...BESIDE].sort(),
  safetensors: ["weights.safetensors", ...BESIDE].sort(),
  browser: ["index.html", "policy.js"],
} as const;
const FORMATS = Object.keys(FILES) as (keyof typeof FILES)[];

let bundle: string;
beforeAll(async () => {
  const { code, stdout } = await greekgym(["train", "tiny.yaml", "--json"], folder);
  expect(code).toBe(0);
  bundle = join((JSON.parse(stdout) as { policy: string }).policy);
});

const exported = (format: string, to: string, from = bundle) =>
  greekgym(["export", from, "--to", to, "--format", format, "--json"], folder);

describe("export", () => {
  it("finds copies for other programs in a run's own bundle, sealed with it", () => {
    const names = Object.keys(readBundle(bundle));
    expect(names).toEqual(expect.arrayContaining(["model.onnx", "tfjs/model.json", "tfjs/group1-shard1of1.bin"]));
    const manifest = JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8")) as { files: object };
    expect(Object.keys(manifest.files).sort()).toEqual(names.filter((name) => name !== "manifest.json").sort());
  });

  it.each(FORMATS)("--format %s writes its files and says what the policy is worth", async (format) => {
    const { code, stdout, stderr } = await exported(format, format);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const said = JSON.parse(stdout) as Record<string, string>;
    expect(said).toMatchObject({ folder: join(folder, format), format });
    expect(said.statement).toMatch(/better/i);
    expect(readdirSync(join(folder, format)).sort()).toEqual(FILES[format]);
  });

  it("writes a graph that gives the run's golden intents in ONNX Runtime", async () => {
    const golden = JSON.parse(readFileSync(join(folder, "onnx", "golden.json"), "utf8")) as {
      rows: number[][];
      intents: number[][];
    };
    const model = await onnxRuntime(readFileSync(join(folder, "onnx", "model.onnx")), golden.rows[0]!.length);
    const found = await model.decide(Float64Array.from(golden.rows.flat()));
    for (const [i, x] of golden.intents.flat().entries())
      expect(Math.abs(found[i]! - x)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(x)));
  });

  it("makes from a bundle of version 1 the very copies that a bundle of now holds", async () => {
    const own = Object.entries(readBundle(bundle)).filter(([name]) => !/onnx|tfjs|manifest/.test(name));
    const first = join(folder, "first");
    writeBundle(first, sealBundle(Object.fromEntries(own)));
    for (const format of ["onnx", "tfjs"]) expect((await exported(format, `old-${format}`, first)).code).toBe(0);
    for (const path of ["onnx/model.onnx", "tfjs/model.json", "tfjs/group1-shard1of1.bin"])
      expect(readFileSync(join(folder, `old-${path}`))).toEqual(readFileSync(join(folder, path)));
  });

  it("replaces its own earlier files, and touches no folder that holds anything else", async () => {
    expect((await exported("onnx", "onnx")).code).toBe(0);
    for (const format of ["tfjs", "bundle"]) {
      const to = join(folder, `thesis-${format}`);
      mkdirSync(to);
      writeFileSync(join(to, "thesis.tex"), "x");
      const { code, stdout, stderr } = await exported(format, to);
      expect(stderr).toContain("thesis.tex");
      expect([code, stdout]).toEqual([2, ""]);
      expect(readdirSync(to)).toEqual(["thesis.tex"]);
    }
  });

  it.each([
    ["model.onnx", "browser"],
    ["tfjs/model.json", "onnx"],
  ])("refuses a bundle whose %s was changed, also where %s is asked for", async (name, format) => {
    const bad = join(folder, `bad-${format}`);
    const files = readBundle(bundle);
    writeBundle(bad, files);
    const bytes = files[name]!.slice();
    bytes[bytes.length >> 1]! ^= 4;
    writeFileSync(join(bad, name), bytes);
    const { code, stdout, stderr } = await exported(format, "never", bad);
    expect(stderr).toContain(name);
    expect([code, stdout]).toEqual([1, ""]);
    expect(existsSync(join(folder, "never"))).toBe(false);
  });
});
