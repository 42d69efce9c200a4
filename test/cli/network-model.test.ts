import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { enginesOf } from "../../src/cli/engine.ts";
import { loadNetworkModel } from "../../src/cli/network-model.ts";
import { ConfigError, type GreekgymError } from "../../src/core/errors.ts";
import { sha256Hex } from "../../src/core/hash.ts";
import { experimentSchema } from "../../src/evaluate/experiment.ts";
import { TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
const experiment = join(folder, "tiny.yaml");
writeFileSync(experiment, TINY);

async function refusal(file: string, source?: string): Promise<GreekgymError> {
  if (source !== undefined) writeFileSync(join(folder, file), source);
  const error = await loadNetworkModel(file, experiment).then(
    () => undefined,
    (e: GreekgymError) => e,
  );
  expect(error).toBeInstanceOf(ConfigError);
  expect(error!.which).toBe("agent.network.model");
  expect(error!.value).toBe(file);
  expect(error!.fix).toBeDefined();
  return error!;
}

describe("loadNetworkModel", () => {
  it("loads a module beside the experiment and takes its hash; a changed module is loaded anew", async () => {
    for (const units of [3, 4]) {
      const source = `export default () => ${units};`;
      writeFileSync(join(folder, "own.mjs"), source);
      const loaded = await loadNetworkModel("./own.mjs", experiment);
      expect(loaded).toMatchObject({ file: "./own.mjs", sha256: sha256Hex(source) });
      expect((loaded.model as unknown as () => number)()).toBe(units);
    }
  });

  it("names field, file and fix of what cannot be loaded", async () => {
    expect((await refusal("./nowhere.mjs")).short).toContain("does not exist");
    const thrown = await refusal("throws.mjs", "throw new TypeError('no luck');");
    expect(thrown.hints).toEqual(["Cause: TypeError: no luck"]);
    expect((await refusal("syntax.mjs", "export default function (")).hints[0]).toMatch(/^Cause: /);
    expect((await refusal("named.mjs", "export const build = 1;")).short).toContain("no default export");
    expect((await refusal("broken.json", "{")).short).toContain("is not JSON");
  });
});

describe("enginesOf", () => {
  const withNetwork = (network: object) => {
    const data = parse(TINY);
    return experimentSchema.parse({ ...data, agent: { ...data.agent, network } });
  };

  it("tells a model the names of its inputs, and plays layers where it learns them", async () => {
    writeFileSync(
      join(folder, "names.mjs"),
      "export default ({ features, inputs }) => { throw new Error(features.length === inputs ? features[0] : '?'); };",
    );
    const engines = await enginesOf(withNetwork({ engine: "tfjs", backend: "cpu", model: "names.mjs" }), experiment);
    expect(engines.name).toBe("tfjs (cpu)");
    const { features } = experimentSchema.parse(parse(TINY)).agent;
    expect(features).toBe("all");
    const [first] = (await import("../../src/cli/network-model.ts")).inputNames(withNetwork({}));
    const count = (await import("../../src/cli/network-model.ts")).inputNames(withNetwork({})).length;
    expect(() => engines.playing.mlp([count, 8, 2], "tanh")).toThrow(first);
  });

  it("plays perceptrons on the kernels, whatever learned them", async () => {
    const engines = await enginesOf(withNetwork({ engine: "tfjs" }), experiment);
    expect(engines.playing.name).toBe("kernel");
    expect(engines.learning(undefined as never).name).toBe("tfjs-wasm");
  });

  it("refuses a model without the engine that computes it", () => {
    expect(() => withNetwork({ model: "./own.mjs" })).toThrow(/set agent.network.engine to tfjs/);
  });
});
