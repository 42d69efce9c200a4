import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { differences } from "../../src/cli/flatten.ts";
import { type Finished, greekgym, program, start, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
const hedging = TINY.replace("name: tiny", "name: hedged")
  .replace(
    /agent: .*/,
    "agent: { algorithm: deep-hedging, deepHedging: { paths: 64, minibatches: 2, epochs: 1, hiddenSizes: [8] } }",
  )
  .replace("steps: 2048", "steps: 23040");
writeFileSync(join(folder, "hedged.yaml"), hedging);

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

function fingerprint(dir: string): Record<string, string> {
  const checkpoints = readdirSync(join(dir, "checkpoints")).map((name) => `checkpoints/${name}`);
  return Object.fromEntries(
    [...checkpoints, "policy/weights.safetensors", "metrics.jsonl"].map((name) => [name, sha256(join(dir, name))]),
  );
}
const runIn = (root: string) =>
  join(folder, root, readdirSync(join(folder, root)).find((n) => n.startsWith("hedged-"))!);
const evaluation = (dir: string) =>
  JSON.parse(readFileSync(join(dir, "evaluation.json"), "utf8")) as { contenders: { id: string; objective: number }[] };

describe("train with deep hedging", () => {
  let whole: string;
  let printed: Finished;
  beforeAll(async () => {
    printed = await greekgym(["train", "hedged.yaml", "--out", "whole", "--json"], folder);
    expect(printed.stderr).not.toContain("unexpected");
    expect(printed.code).toBe(0);
    whole = runIn("whole");
  });

  it("carries an experiment to its report, under the algorithm's name", () => {
    expect(whole).toContain("hedged-deep-hedging-s1-");
    expect(evaluation(whole).contenders.map((c) => c.id)).toContain("deep-hedging");
    expect(existsSync(join(whole, "report.html"))).toBe(true);
    // The reference's paths, then whole updates.
    expect(JSON.parse(printed.stdout)).toMatchObject({ steps: 30 * 64 * 12 });
  });

  it("gives, after kill -9 and resume, the bytes of a run that was never interrupted", async () => {
    const running = start(process.execPath, [program, "train", "hedged.yaml", "--out", "killed"], folder);
    await running.told("training: ");
    running.child.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");
    const dir = runIn("killed");
    const resumed = await greekgym(["resume", dir, "--json"], folder);
    expect(resumed.stderr).not.toContain("unexpected");
    expect(resumed.code).toBe(0);
    expect(fingerprint(dir)).toEqual(fingerprint(whole));
    expect(differences(evaluation(dir), evaluation(whole), ["coreSeconds"])).toEqual([]);
  });

  it("leaves a bundle that evaluates to what training judged", async () => {
    const args = ["evaluate", whole, "--scenario", "hedged.yaml", "--json"];
    const { contenders } = JSON.parse((await greekgym(args, folder)).stdout) as { contenders: { objective: number }[] };
    const judged = evaluation(whole).contenders.find((c) => c.id === "deep-hedging")!;
    expect(contenders[0]!.objective).toBe(judged.objective);
  });

  it("refuses what has no path form, before anything is tuned", async () => {
    const refused = async (set: string) => greekgym(["train", "hedged.yaml", "--out", "refused", "--set", set], folder);
    const inverse = await refused("scenario.slots.0.kind=inverse-perpetual");
    expect(inverse.stderr).toContain('Deep hedging cannot play the scenario "hedged"');
    expect(inverse.stderr).toContain("inverse perpetual");
    expect(inverse.code).toBe(2);
    const head = await refused("agent.head=target");
    expect(head.stderr).toContain("Deep hedging learns through the band head alone");
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });
});
