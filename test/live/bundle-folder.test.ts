import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { featureConfig, RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { buildBundle, bundleHash, sealBundle } from "../../models/format/bundle.ts";
import { kernelEngine } from "../../models/kernel/engine.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import { ConfigError, CorruptFileError } from "../../src/core/errors.ts";
import { loadPolicy, readBundle, writeBundle } from "../../src/live/bundle-folder.ts";
import { bundleFiles, bundleInput, experiment, HEADS, same } from "./fixture.ts";

class PowerCut extends Error {}
/** A disk that dies at its n-th change; syncing is left out, which only a real power cut could tell. */
const disk = vi.hoisted(() => ({ calls: 0, diesAt: Number.POSITIVE_INFINITY, cut: (): Error => new Error("not set") }));
disk.cut = () => new PowerCut("power cut");
vi.mock("node:fs", async (original) => {
  const fs = { ...(await original<typeof import("node:fs")>()) };
  for (const name of ["mkdirSync", "openSync", "writeSync", "renameSync", "rmSync"] as const) {
    const real = fs[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        if (disk.calls++ >= disk.diesAt) throw disk.cut();
        return real(...args);
      },
    });
  }
  return { ...fs, fsyncSync: () => undefined };
});

const e = experiment();
const oldFiles = bundleFiles(e);
const newFiles = buildBundle({ ...bundleInput(e), id: "ppo-2" });
const folder = mkdtempSync(join(tmpdir(), "greekgym-bundle-"));
let count = 0;
const fresh = () => join(folder, `b${count++}`);

describe("a bundle's folder", () => {
  it("reads back what was written, replaces a bundle whole, and leaves nothing beside it", () => {
    const dir = join(fresh(), "policy");
    writeBundle(dir, oldFiles);
    expect(same(readBundle(dir), oldFiles)).toBe(true);
    writeBundle(dir, newFiles);
    expect(same(readBundle(dir), newFiles)).toBe(true);
    expect(readdirSync(join(dir, ".."))).toEqual(["policy"]);
  });

  it("takes bundles of version 1, without copies for other programs, and puts either in the other's place", () => {
    const own = Object.entries(oldFiles).filter(([name]) => name !== "manifest.json" && !/onnx|tfjs/.test(name));
    const first = sealBundle(Object.fromEntries(own));
    expect(JSON.parse(Buffer.from(first["manifest.json"]!).toString()).version).toBe(1);
    const dir = fresh();
    for (const files of [first, oldFiles, first]) {
      writeBundle(dir, files);
      expect(same(readBundle(dir), files)).toBe(true);
      expect(loadPolicy(dir, referenceEngine).policyJson.id).toBe("ppo");
    }
  });

  it("does not replace a bundle by files that do not check out", () => {
    const dir = fresh();
    writeBundle(dir, oldFiles);
    const { "golden.json": _, ...rest } = newFiles;
    expect(() => writeBundle(dir, rest)).toThrow(CorruptFileError);
    expect(same(readBundle(dir), oldFiles)).toBe(true);
  });

  it("does not touch a folder that holds anything else", () => {
    const dir = fresh();
    mkdirSync(dir);
    writeFileSync(join(dir, "thesis.tex"), "x");
    expect(() => writeBundle(dir, newFiles)).toThrow(ConfigError);
    expect(readdirSync(dir)).toEqual(["thesis.tex"]);
    const inner = fresh();
    writeBundle(inner, oldFiles);
    writeFileSync(join(inner, "tfjs", "thesis.tex"), "x");
    expect(() => writeBundle(inner, newFiles)).toThrow("tfjs/thesis.tex");
  });

  it("is mended after a crash between the two renames", () => {
    const dir = fresh();
    writeBundle(dir, oldFiles);
    renameSync(dir, `${dir}.previous`);
    expect(same(readBundle(dir), oldFiles)).toBe(true);
    expect(existsSync(`${dir}.previous`)).toBe(false);
  });

  it("is written over the leftovers of earlier crashes", () => {
    const dir = fresh();
    mkdirSync(`${dir}.partial`);
    writeFileSync(join(`${dir}.partial`, "policy.json"), "{");
    writeBundle(dir, newFiles);
    expect(same(readBundle(dir), newFiles)).toBe(true);
    expect(existsSync(`${dir}.partial`)).toBe(false);
  });

  it("holds the old or the new bundle whole, wherever a write is cut off", () => {
    const [before, after] = [bundleHash(oldFiles), bundleHash(newFiles)];
    const seen: string[] = [];
    for (let dieAt = 0, finished = false; !finished; dieAt++) {
      const dir = fresh();
      writeBundle(dir, oldFiles);
      disk.diesAt = dieAt;
      disk.calls = 0;
      try {
        writeBundle(dir, newFiles);
        finished = true;
      } catch (error) {
        expect((error as Error).cause).toBeInstanceOf(PowerCut);
      }
      disk.diesAt = Number.POSITIVE_INFINITY;
      seen.push(bundleHash(readBundle(dir)));
      // And the next write is as good as any.
      writeBundle(dir, oldFiles);
      expect(bundleHash(readBundle(dir))).toBe(before);
      expect(existsSync(`${dir}.previous`)).toBe(false);
    }
    // First the old one at every point, then the new one: never anything else.
    expect(seen.length).toBeGreaterThan(10);
    const turn = seen.indexOf(after);
    expect(turn).toBeGreaterThan(8);
    expect(seen).toEqual(seen.map((_, i) => (i < turn ? before : after)));
  });
});

describe("loading a policy", () => {
  const dir = fresh();
  writeBundle(dir, oldFiles);
  const env = (scenario = e.scenario) => new RebalanceEnv({ scenario, numEnvs: 5, split: "test", seed: 9 });

  it.each([referenceEngine, kernelEngine()])("gives the policy that was exported, on any engine", (engine) => {
    for (const head of HEADS) {
      const input = bundleInput(e, head);
      const own = fresh();
      writeBundle(own, buildBundle(input));
      const { policy, policyJson } = loadPolicy(own, engine);
      expect(policyJson.provenance).toEqual(input.provenance);
      const world = env();
      world.reset({ seed: 9 });
      const answers = [policy, input.policy].map((p) => {
        const out = new Float64Array(5 * INTENT_WIDTH);
        p.decide(5, world.features, new Uint8Array(world.extractor.width).fill(1), out, new Uint8Array(0), out);
        return out;
      });
      if (engine === referenceEngine) expect(answers[0]).toEqual(answers[1]);
      else for (const [i, x] of answers[0]!.entries()) expect(x).toBeCloseTo(answers[1]![i]!, 3);
    }
  });

  it("refuses an account of another kind and accepts the same kind at another size", () => {
    const coin = experiment({
      account: { numeraire: "coin", collateral: "coin", collateralCoin: 5, deltaConvention: "netTransaction" },
    }).scenario;
    expect(() =>
      loadPolicy(dir, referenceEngine, { features: featureConfig(coin), context: env(coin).context }),
    ).toThrow("account.numeraire");
    const larger = experiment({
      book: {
        legs: [
          { type: "call", quantity: -40, maturityDays: 3 },
          { type: "put", quantity: -40, maturityDays: 3 },
        ],
      },
    }).scenario;
    const world = env(larger);
    const { policy } = loadPolicy(dir, referenceEngine, { features: featureConfig(larger), context: world.context });
    const small = env();
    const trade = (p: typeof policy, w: RebalanceEnv) => {
      const out = new Float64Array(5 * INTENT_WIDTH);
      w.reset({ seed: 9 });
      const features = w.features.slice();
      features[w.extractor.schema.features.findIndex((f) => f.name === "delta")] = 0.7;
      p.decide(5, features, new Uint8Array(w.extractor.width).fill(1), out, new Uint8Array(0), out);
      return out[2]!;
    };
    expect(trade(policy, world)).not.toBe(0);
    // Not 4 exactly: gas is a smaller share of a larger book.
    const ratio = trade(policy, world) / trade(loadPolicy(dir, referenceEngine).policy, small);
    expect(Math.abs(ratio - 4)).toBeLessThan(0.05);
  });

  it("says what is missing where there is no bundle", () => {
    expect(() => loadPolicy(join(folder, "nowhere"), referenceEngine)).toThrow(/There is no policy bundle here/);
    const odd = fresh();
    writeBundle(odd, oldFiles);
    mkdirSync(join(odd, "checkpoints"));
    expect(() => loadPolicy(odd, referenceEngine)).toThrow(/not a file of a policy bundle.\n {2}where: .*checkpoints/);
    const deep = fresh();
    writeBundle(deep, oldFiles);
    mkdirSync(join(deep, "tfjs", "more"));
    expect(() => loadPolicy(deep, referenceEngine)).toThrow(CorruptFileError);
  });
});
