import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Finished, greekgym, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
writeFileSync(
  join(folder, "tiny.yaml"),
  TINY.replace("[never, delta, delta-band]", "[never, delta-band, gas-aware]").replace("steps: 2048", "steps: 512"),
);
const ARGS = ["train", "tiny.yaml", "--deploy", "deribit-public"];

const runIn = (root: string) => join(folder, root, readdirSync(join(folder, root)).find((n) => n.startsWith("tiny-"))!);
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

describe("train --deploy", () => {
  let masked: Finished;
  let plain: Finished;
  beforeAll(async () => {
    masked = await greekgym([...ARGS, "--missing", "mask", "--out", "masked"], folder);
    plain = await greekgym(["train", "tiny.yaml", "--out", "plain"], folder);
    await greekgym(["record", "tiny.yaml", "--to", "session.jsonl"], folder);
  });

  it("refuses before anything is started, naming the features; a usage error", async () => {
    const { code, stderr } = await greekgym([...ARGS, "--out", "refused"], folder);
    expect(code).toBe(2);
    expect(stderr).toContain("base_fee_gwei (ethereum-rpc), gas_cost_bps (ethereum-rpc)");
    expect(readdirSync(folder)).not.toContain("refused");
  });

  it("masks where it is told to, and records the target wherever the run is described", () => {
    expect(masked.stderr).not.toContain("unexpected");
    expect(masked.code).toBe(0);
    const dir = runIn("masked");
    const chain = ["base_fee_gwei", "gas_cost_bps", "base_fee_fast", "base_fee_slow"];
    const policy = json(dir, "policy", "policy.json");
    expect(policy.deploy).toMatchObject({ target: "deribit-public", masked: chain });
    expect(policy.encoder.features.filter((f: string) => chain.includes(f))).toEqual([]);
    expect(json(dir, "manifest.json").config.experiment.agent.deploy).toEqual({
      target: "deribit-public",
      missing: "mask",
    });
    expect(readFileSync(join(dir, "config.resolved.yaml"), "utf8")).toContain("target: deribit-public");
    const { notes, contenders } = json(dir, "evaluation.json");
    expect(notes.join("\n")).toContain("gas-aware cannot run on deribit-public");
    expect(contenders.map((c: { id: string }) => c.id)).toContain("gas-aware@deribit-public");
    expect(readFileSync(join(dir, "report.md"), "utf8")).toContain("gas-aware cannot run on deribit-public");
    expect(json(runIn("plain"), "policy", "policy.json").deploy).toMatchObject({ target: "simulation", masked: [] });
  });

  it("makes a bundle that starts on such a feed, where that of a plain run is refused", async () => {
    expect(plain.code).toBe(0);
    const live = (root: string) =>
      greekgym(
        [
          "live",
          runIn(root),
          "--feed",
          "replay",
          "--session",
          "session.jsonl",
          "--sources",
          "deribit-public",
          "--out",
          `shadow-${root}`,
        ],
        folder,
      );
    const started = await live("masked");
    expect(started.stderr).toBe("");
    expect(started.code).toBe(0);
    const refused = await live("plain");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("base_fee_gwei (ethereum-rpc)");
  });

  it("resumes with the target that it started with", async () => {
    const { code, stderr } = await greekgym(["resume", runIn("masked")], folder);
    expect(stderr).not.toContain("unexpected");
    expect(code).toBe(0);
  });

  it("is explained by config explain, feature by feature", async () => {
    const { code, stdout } = await greekgym(
      [
        "config",
        "explain",
        "tiny.yaml",
        "--no-probe",
        "--json",
        "--set",
        "agent.deploy={target: deribit-public, missing: mask}",
      ],
      folder,
    );
    expect(code).toBe(0);
    const { features } = JSON.parse(stdout);
    const of = (name: string) => features.find((f: { name: string }) => f.name === name);
    expect(of("base_fee_gwei")).toMatchObject({ use: "masked", why: "no ethereum-rpc" });
    expect(of("delta")).toMatchObject({ use: "read" });
  });
});
