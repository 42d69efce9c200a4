import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { differences } from "../../src/cli/flatten.ts";
import { greekgym, program, root, start, TINY, temporaryFolder } from "./greekgym.ts";

// Each of these starts the program several times and a backend in it.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const folder = temporaryFolder();
for (const name of ["lstm", "attention"])
  cpSync(join(root, `experiments/networks/${name}.mjs`), join(folder, `${name}.mjs`));

const network = (model: string) => `network: { engine: tfjs, backend: wasm, model: ./${model}.mjs }`;
const short = (name: string, agent: string, steps: number) =>
  writeFileSync(
    join(folder, `${name}.yaml`),
    TINY.replace("name: tiny", `name: ${name}`)
      .replace(/agent: .*/, `agent: ${agent}`)
      .replace("steps: 2048", `steps: ${steps}`)
      .replace("trials: 8", "trials: 2")
      .replace("evaluateEvery: 16", "evaluateEvery: 2"),
  );
const ppo = "ppo: { rolloutSteps: 8, epochs: 1, minibatches: 2, outputGain: 0, normaliseObservations: true }";
const hedging = "algorithm: deep-hedging, deepHedging: { paths: 32, minibatches: 1, epochs: 1 }";
short("lstm", `{ ${network("lstm")}, ${ppo} }`, 384);
short("attention", `{ ${network("attention")}, ${hedging} }`, 1920);

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
const runIn = (out: string) => join(folder, out, readdirSync(join(folder, out)).find((n) => n !== "catalog.json")!);
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

function fingerprint(dir: string): Record<string, string> {
  const checkpoints = readdirSync(join(dir, "checkpoints")).map((name) => `checkpoints/${name}`);
  const files = [...checkpoints, "policy/policy.json", "policy/golden.json", "policy/weights.safetensors"];
  return Object.fromEntries([...files, "metrics.jsonl"].map((name) => [name, sha256(join(dir, name))]));
}

async function train(name: string, out: string, set: readonly string[] = []) {
  const finished = await greekgym(["train", `${name}.yaml`, "--out", out, ...set.flatMap((s) => ["--set", s])], folder);
  expect(finished.stderr).not.toContain("unexpected");
  return finished;
}

describe.each([
  ["lstm", "ppo"],
  ["attention", "deep-hedging"],
] as const)("the network %s, trained by %s", (name, algorithm) => {
  let whole: string;
  beforeAll(async () => {
    const finished = await train(name, `${name}-whole`);
    expect(finished.code, finished.stderr).toBe(0);
    whole = runIn(`${name}-whole`);
  });

  it("is told in manifest and bundle, with the hash of its module", () => {
    const model = { file: `./${name}.mjs`, sha256: sha256(join(folder, `${name}.mjs`)) };
    expect(json(whole, "manifest.json")).toMatchObject({
      config: { model },
      provenance: { engine: "tfjs (wasm)" },
    });
    const { architecture, provenance, id } = json(whole, "policy/policy.json");
    expect({ id, kind: architecture.kind, model: provenance.model }).toEqual({ id: algorithm, kind: "layers", model });
    expect(existsSync(join(whole, "policy/tfjs/model.json"))).toBe(true);
  });

  it("gives, after kill -9 and resume, the bytes of a run that was never interrupted", async () => {
    const out = `${name}-killed`;
    const running = start(process.execPath, [program, "train", `${name}.yaml`, "--out", out], folder);
    await running.told("training: ");
    running.child.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");
    const dir = runIn(out);
    const resumed = await greekgym(["resume", dir], folder);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(fingerprint(dir)).toEqual(fingerprint(whole));
    expect(differences(json(dir, "evaluation.json"), json(whole, "evaluation.json"), ["coreSeconds"])).toEqual([]);
  });

  it("is loaded and played from its bundle alone", async () => {
    const args = ["evaluate", whole, "--scenario", `${name}.yaml`, "--json"];
    const played = await greekgym(args, folder);
    expect(played.code, played.stderr).toBe(0);
    const judged = json(whole, "evaluation.json").contenders.find((c: { id: string }) => c.id === algorithm);
    expect(JSON.parse(played.stdout).contenders[0].objective).toBe(judged.objective);
    const session = join(folder, `${name}.jsonl`);
    expect((await greekgym(["record", `${name}.yaml`, "--to", session], folder)).code).toBe(0);
    const live = ["live", whole, "--feed", "replay", "--session", session, "--out", `${name}-shadow`, "--json"];
    const shadow = await greekgym(live, folder);
    expect(shadow.code, shadow.stderr).toBe(0);
    expect(JSON.parse(shadow.stdout).decisions).toBe(12);
  });
});

it("refuses a model that is not there, before anything is tuned", async () => {
  const finished = await train("lstm", "refused", ["agent.network.model=./nowhere.mjs"]);
  expect(finished.stderr).toContain("agent.network.model");
  expect(finished.stderr).toContain("nowhere.mjs");
  expect(finished.code).toBe(2);
  expect(existsSync(join(folder, "refused"))).toBe(false);
});

it("goes on only with the module that the run began with", async () => {
  const dir = join(folder, "changed");
  cpSync(runIn("lstm-whole"), dir, { recursive: true });
  const module = join(folder, "lstm.mjs");
  const before = readFileSync(module, "utf8");
  writeFileSync(module, before.replace("units: 16", "units: 8"));
  const resumed = await greekgym(["resume", dir], folder);
  writeFileSync(module, before);
  expect(resumed.stderr).toContain("The network's model was changed since the run began.");
  expect(resumed.stderr).toContain(sha256(module));
  expect(resumed.code).toBe(2);
});
