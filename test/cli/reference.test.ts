import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderBenchmarks } from "../../scripts/reference/benchmarks.ts";
import { renderCli } from "../../scripts/reference/cli.ts";
import { renderConfig } from "../../scripts/reference/config.ts";
import { ERROR_CODES, renderErrors } from "../../scripts/reference/errors.ts";
import { loadExperiment } from "../../src/cli/experiment-file.ts";
import { experimentJsonSchema } from "../../src/cli/experiment-schema.ts";
import { NEW_EXPERIMENT } from "../../src/cli/new-experiment.ts";
import { loadConfig } from "../../src/core/yaml-config.ts";
import { experimentSchema } from "../../src/evaluate/experiment.ts";
import { root } from "./greekgym.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Files of the folders that end so, by path from the project's root. */
function filesBelow(folders: readonly string[], ending: string): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(ending))
      .map((name) => `${folder}/${name}`),
  );
}

describe("what is generated is fresh (npm run docs:generate)", () => {
  it("docs/cli.md", async () => expect(read("docs/cli.md")).toBe(await renderCli()));
  it("docs/errors.md", () => expect(read("docs/errors.md")).toBe(renderErrors()));
  it("docs/config.md", () => expect(read("docs/config.md")).toBe(renderConfig()));
  it("docs/benchmarks.md", () => expect(read("docs/benchmarks.md")).toBe(renderBenchmarks(root)));
  it("experiments/schema.json", () => expect(read("experiments/schema.json")).toBe(experimentJsonSchema()));
});

describe("the error codes of docs/errors.md", () => {
  it("are those that the source throws", () => {
    const text = filesBelow(["src", "env", "models", "agents"], ".ts").map(read).join("\n");
    const direct = [...text.matchAll(/new GreekgymError\(\s*"([a-z-]+)"/g)].map((m) => m[1]!);
    const defaults = [...text.matchAll(/code = "([a-z-]+)"\)/g)].map((m) => m[1]!);
    // A code of its own is the last argument of one of the classes.
    const own = [
      ...text.matchAll(/new (?:Config|Data|CorruptFile|Contract)Error\([\s\S]{0,600}?\},\s*"([a-z-]+)",?\s*\)/g),
    ];
    const supers = [...text.matchAll(/super\("([a-z-]+)"/g)].map((m) => m[1]!);
    const used = new Set([...direct, ...defaults, ...supers, ...own.map((m) => m[1]!)]);
    expect([...used].sort()).toEqual(ERROR_CODES.map((c) => c.code).sort());
  });
});

describe("the config reference", () => {
  it("says what every key means", () => {
    const silent = renderConfig()
      .split("\n")
      .filter((line) => /^\| `(?!model`|name`)/.test(line) && /\|\s*\|$/.test(line));
    expect(silent).toEqual([]);
  });
});

describe("shipped experiments", () => {
  const paths = filesBelow(["experiments"], ".yaml");

  it.each(paths)("%s names the schema, validates, and so does what it resolves to", (path) => {
    const depth = path.split("/").length - 2;
    const schema = depth === 0 ? "./schema.json" : `${"../".repeat(depth)}schema.json`;
    expect(read(path).split("\n")[0]).toBe(`# yaml-language-server: $schema=${schema}`);
    const { experiment, resolved } = loadExperiment(join(root, path));
    expect(loadConfig({ text: resolved, path, schema: experimentSchema }).value).toEqual(experiment);
  });

  it.each(paths)("%s takes overrides, and refuses wrong ones", (path) => {
    const file = join(root, path);
    expect(loadExperiment(file, ["compare.episodes=17"]).experiment.compare.episodes).toBe(17);
    expect(() => loadExperiment(file, ["compare.episodes=some"])).toThrow("a whole number at least 2");
    expect(() => loadExperiment(file, ["compare.episode=17"])).toThrow('Did you mean "episodes"?');
  });

  it("what `init` writes validates", () => {
    const { value } = loadConfig({ text: NEW_EXPERIMENT, path: "experiment.yaml", schema: experimentSchema });
    expect(value.scenario.name).toBe("my-experiment");
  });
});

describe("the JSON schema", () => {
  it("asks for what has no default only, and refuses unknown keys", () => {
    const schema = JSON.parse(experimentJsonSchema()) as { required: string[]; additionalProperties: boolean };
    expect(schema.required).toEqual(["scenario"]);
    expect(schema.additionalProperties).toBe(false);
  });
});
