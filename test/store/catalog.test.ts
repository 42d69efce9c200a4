import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { Catalog } from "../../src/store/catalog.ts";
import { createRun } from "../../src/store/run-directory.ts";

let root: string;
let warnings: string[];
let catalog: Catalog;
const clock = new ManualClock(0, 1000);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "greekgym-catalog-"));
  warnings = [];
  catalog = new Catalog(root, clock, { info() {}, warn: (text) => void warnings.push(text) });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function makeRun(scenario: string, seed: number, state: "done" | "running" = "done"): Promise<string> {
  const run = await createRun(
    {
      root,
      scenario,
      algorithm: "ppo",
      seed,
      config: { scenario },
      resolvedConfig: "",
      provenance: {
        gitSha: null,
        gitDirty: null,
        lockfileHash: null,
        engine: "kernel",
        node: "v20",
        cpu: "x",
        cores: 1,
        platform: "x",
      },
    },
    clock,
  );
  run.start();
  if (state === "done") run.finish("done", 50, { summary: { objective: seed } });
  await catalog.record(run.manifest);
  run.close();
  return run.id;
}

describe("the catalog", () => {
  it("lists what was recorded, in the order of ids, each under a kilobyte", async () => {
    const b = await makeRun("beta", 1);
    const a = await makeRun("alpha", 2);
    const runs = await catalog.list();
    expect(runs.map((run) => run.id)).toEqual([a, b]);
    expect(runs[0]).toMatchObject({ scenario: "alpha", seed: 2, state: "done", step: 50, summary: { objective: 2 } });
    expect(JSON.stringify(runs[0]).length).toBeLessThan(1024);
    expect(warnings).toEqual([]);
  });

  it("keeps every record of many writers at once", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, (_, seed) => makeRun("alpha", seed)));
    const stored = JSON.parse(readFileSync(join(root, "catalog.json"), "utf8")) as { runs: { id: string }[] };
    expect(stored.runs.map((run) => run.id)).toEqual([...ids].sort());
  });

  it("finds a run by the beginning of its id", async () => {
    const a = await makeRun("alpha", 1);
    await makeRun("beta", 1);
    expect((await catalog.find("alp")).id).toBe(a);
    expect((await catalog.find(a)).id).toBe(a);
    const second = await makeRun("alpha", 1);
    expect(second).toBe(`${a}-2`);
    expect((await catalog.find(a)).id).toBe(a);
    await expect(catalog.find("alp")).rejects.toThrow(/2 runs begin with "alp"/);
  });

  it("suggests the nearest id for an unknown one", async () => {
    const a = await makeRun("alpha", 1);
    const error = await catalog.find(a.replace("alpha", "alhpa")).catch((e: unknown) => e as ConfigError);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).hints).toEqual([`Did you mean "${a}"?`]);
    expect((error as ConfigError).exitCode).toBe(2);
  });

  it("looks unfinished runs up in their folders", async () => {
    const id = await makeRun("alpha", 1, "running");
    expect((await catalog.find(id)).state).toBe("running");
    clock.advance(1000);
    expect((await catalog.find(id)).state).toBe("crashed");
  });

  it("is rebuilt from the folders, with its tags", async () => {
    const a = await makeRun("alpha", 1);
    await catalog.tag(a, ["paper", "best", "paper"]);
    rmSync(join(root, await makeRun("beta", 1)), { recursive: true });
    mkdirSync(join(root, "not-a-run"));
    const runs = await catalog.reindex();
    expect(runs.map((run) => [run.id, run.tags])).toEqual([[a, ["best", "paper"]]]);
  });

  it("is rebuilt with a warning when it is corrupt, and keeps the old file", async () => {
    const a = await makeRun("alpha", 1);
    for (const text of ["{", '{"formatVersion":9}', ""]) {
      writeFileSync(join(root, "catalog.json"), text);
      warnings.length = 0;
      expect((await catalog.list()).map((run) => run.id)).toEqual([a]);
      expect(warnings.join()).toContain("is corrupt and is rebuilt");
      expect(readFileSync(join(root, "catalog.json.corrupt"), "utf8")).toBe(text);
    }
  });

  it("is built from the folders where it is missing, and leaves out what is no whole run", async () => {
    const a = await makeRun("alpha", 1);
    const b = await makeRun("beta", 1);
    const c = await makeRun("gamma", 1);
    writeFileSync(join(root, b, "manifest.json"), "{");
    renameSync(join(root, c), join(root, "renamed"));
    rmSync(join(root, "catalog.json"));
    expect((await catalog.list()).map((run) => run.id)).toEqual([a]);
    expect(warnings.join("\n")).toContain(b);
    expect(warnings.join("\n")).toContain(c);
  });

  it("of an empty or absent folder is empty", async () => {
    const absent = new Catalog(join(root, "no", "runs"), clock, { info() {}, warn() {} });
    expect(await absent.list()).toEqual([]);
    expect(existsSync(join(root, "no"))).toBe(false);
    expect(await catalog.list()).toEqual([]);
    await expect(absent.find("")).rejects.toThrow(/No run is called/);
  });
});
