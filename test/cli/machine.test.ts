import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { greekgym, RECORDED, TINY, temporaryFolder } from "./greekgym.ts";

const folder = temporaryFolder();
writeFileSync(join(folder, "tiny.yaml"), TINY);
writeFileSync(join(folder, "recorded.yaml"), RECORDED);

describe("doctor", () => {
  it("finds the kernels right on this machine, and says what of TensorFlow and data is missing and why", async () => {
    const { code, stdout } = await greekgym(["doctor", "--json"], folder);
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean;
      checks: { name: string; ok: boolean; detail: string; value?: number }[];
    };
    const of = (name: string) => checks.find((c) => c.name === name)!;
    expect(of("engine kernel (wasm-simd)")).toMatchObject({ ok: true, unit: "GFLOP/s" });
    expect(of("engine kernel (wasm-simd)").detail).toContain("self-check passed");
    expect(of("@tensorflow/tfjs-node").detail).toMatch(/not installed|loads|does not load/);
    for (const backend of ["wasm", "cpu"])
      expect(of(`engine tfjs (${backend})`)).toMatchObject({ ok: true, detail: expect.stringContaining("agrees") });
    expect(of("recorded data")).toMatchObject({ ok: false, detail: expect.stringContaining("GREEKGYM_DATA") });
    expect(of("worker threads").ok).toBe(true);
    expect(ok).toBe(true);
    expect(code).toBe(0);
  });

  it("fails where runs cannot be written", async () => {
    // Below a file no folder can be made, whoever the user is.
    const { code, stdout } = await greekgym(["doctor", "--out", "tiny.yaml/runs"], folder);
    expect(stdout).toMatch(/FAIL folder of runs/);
    expect(code).toBe(1);
  });
});

describe("config", () => {
  it("explain predicts steps and minutes and tells where each feature comes from live", async () => {
    const { stdout } = await greekgym(["config", "explain", "tiny.yaml", "--json"], folder);
    const d = JSON.parse(stdout) as Record<string, never> & {
      tuning: { steps: number; minutes: number };
      features: { name: string; sources: string[] }[];
    };
    expect(d).toMatchObject({
      decisionsPerEpisode: 12,
      stepsPerEpisode: 12,
      discount: 0.99,
      rules: ["never", "delta", "delta-band"],
      evaluation: { steps: 4 * 64 * 12 },
    });
    expect(d.tuning.minutes).toBeGreaterThan(0);
    expect(d.features.find((f) => f.name === "base_fee_gwei")!.sources).toEqual(["ethereum-rpc"]);
  });

  it("explain predicts the very steps that tuning then takes", async () => {
    const explained = JSON.parse(
      (await greekgym(["config", "explain", "tiny.yaml", "--no-probe", "--json"], folder)).stdout,
    ) as {
      tuning: { steps: number };
    };
    const compared = JSON.parse((await greekgym(["compare", "tiny.yaml", "--json"], folder)).stdout) as {
      contenders: { budget: { steps: number } }[];
    };
    expect(explained.tuning.steps).toBe(compared.contenders.reduce((sum, c) => sum + c.budget.steps, 0));
  });

  it("explain works without the recorded data, and says that nothing was measured", async () => {
    const { code, stdout, stderr } = await greekgym(["config", "explain", "recorded.yaml"], folder);
    expect(stderr).toContain("warning: nothing is measured");
    expect(stdout).toContain("recorded series         btc_perp_1m_20211231-20220201");
    expect(code).toBe(0);
  });

  it("diff names the keys that differ, defaults filled in", async () => {
    writeFileSync(join(folder, "other.yaml"), TINY.replace("maturityDays: 1", "maturityDays: 2"));
    const { stdout } = await greekgym(["config", "diff", "tiny.yaml", "other.yaml", "--json"], folder);
    expect(JSON.parse(stdout)).toEqual({ differences: [{ path: "scenario.maturityDays", a: 1, b: 2 }] });
  });
});

describe("env", () => {
  it("lists, describes and checks the built-in environments", async () => {
    expect((await greekgym(["env", "list"], folder)).stdout).toContain("rebalance-v1");
    const described = await greekgym(["env", "describe", "rebalance-v1", "--scenario", "tiny.yaml"], folder);
    expect(described.stdout).toMatch(/base_fee_gwei +gwei +ethereum-rpc/);
    const checked = await greekgym(["env", "check", "rebalance-v1", "--json"], folder);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      ok: true,
      checkers: ["checkEnv", "checkVectorEnv", "checkLeakage"],
    });
    expect(checked.code).toBe(0);
    const unknown = await greekgym(["env", "check", "Cartpole-v1"], folder);
    expect(unknown.stderr).toContain('Did you mean "CartPole-v1"?');
    expect(unknown.code).toBe(2);
  });
});

describe("init", () => {
  it("writes an experiment that trains, and never overwrites one", async () => {
    const first = await greekgym(["init", "mine"], folder);
    expect(first.stdout).toBe("mine/experiment.yaml\n");
    const text = readFileSync(join(folder, "mine/experiment.yaml"), "utf8");
    const explained = await greekgym(["config", "explain", "mine/experiment.yaml", "--no-probe"], folder);
    expect(explained.code).toBe(0);
    const second = await greekgym(["init", "mine"], folder);
    expect(second.stderr).toContain("nothing was written");
    expect(second.code).toBe(2);
    expect(readFileSync(join(folder, "mine/experiment.yaml"), "utf8")).toBe(text);
  });
});
