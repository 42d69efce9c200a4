import { describe, expect, it } from "vitest";
import { featureSchema } from "../../../env/features/schema.ts";
import { type BundleFiles, buildBundle, openBundle, sealBundle } from "../../../models/format/bundle.ts";
import { checkGolden } from "../../../models/format/golden.ts";
import { expectAccount, expectFeatures, type PolicyJson } from "../../../models/format/policy-json.ts";
import { kernelEngine } from "../../../models/kernel/engine.ts";
import { INTENT, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { Policy } from "../../../src/core/contracts/policy.ts";
import { ConfigError, CorruptFileError } from "../../../src/core/errors.ts";
import { Random } from "../../../src/core/random.ts";
import { actor, bundleFiles, bundleInput, experiment, HEADS, same } from "../../live/fixture.ts";

const e = experiment();
const files = bundleFiles(e);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A bundle whose description was changed and which was sealed again: what a forger, or another version, would make. */
function resealed(change: (policy: Record<string, unknown>) => void, file = "policy.json"): BundleFiles {
  const value = JSON.parse(text(files[file]!));
  change(value);
  return sealBundle({ ...files, [file]: new TextEncoder().encode(JSON.stringify(value)) });
}

describe("a policy bundle", () => {
  it("reads back as what it was made from", () => {
    const input = bundleInput(e);
    const { policy, values, golden } = openBundle(files, "b");
    expect(policy.encoder).toEqual(input.encoder);
    expect(policy.head).toEqual(input.head);
    expect(policy.account).toEqual(input.account);
    expect(values).toEqual(input.snapshot.values);
    expect(policy.features.map((f) => f.name)).toEqual(input.context.schema.features.map((f) => f.name));
    expect(golden.count).toBeGreaterThanOrEqual(256);
  });

  it("has the same bytes whenever it is made from the same input", () => {
    expect(same(bundleFiles(e), files)).toBe(true);
  });

  it.each(HEADS)("is made for the $head head with at least 256 golden pairs of trades and of none", (head) => {
    const { golden } = openBundle(bundleFiles(e, head), "b");
    const kinds = Array.from({ length: golden.count }, (_, i) => golden.intents[i * INTENT_WIDTH]!);
    expect(golden.count).toBeGreaterThanOrEqual(256);
    expect(kinds).toContain(1);
    if (head.head !== "target") expect(kinds).toContain(0);
  });

  it("holds rows on both sides of the policy's own band edges and rows at the clip", () => {
    const { policy, golden } = openBundle(files, "b");
    const F = golden.width;
    const at = policy.features.findIndex((f) => f.name === "delta");
    const byRest = new Map<string, { delta: number; change: number }[]>();
    for (let i = 0; i < golden.count; i++) {
      const row = Array.from(golden.rows.subarray(i * F, (i + 1) * F));
      const rest = row.filter((_, f) => f !== at).join();
      const change = golden.intents[i * golden.outputs + INTENT.change]!;
      byRest.set(rest, [...(byRest.get(rest) ?? []), { delta: row[at]!, change }]);
    }
    const pairs = [...byRest.values()].flatMap((rows) =>
      rows.filter((a) => rows.some((b) => a.change === 0 && b.change !== 0 && Math.abs(a.delta - b.delta) < 3e-4)),
    );
    expect(pairs.length).toBeGreaterThanOrEqual(16);
    const gas = policy.features.findIndex((f) => f.name === "gas_cost_bps");
    const j = policy.encoder.features.indexOf("gas_cost_bps");
    const edge = policy.encoder.clip * Math.sqrt(policy.encoder.variance[j]! + policy.encoder.epsilon);
    const column = Array.from({ length: golden.count }, (_, i) => golden.rows[i * F + gas]!);
    for (const times of [-1, 1, 2]) expect(column).toContain(policy.encoder.mean[j]! + times * edge);
  });

  it("says first that it is not better, where it is not", () => {
    expect(openBundle(files, "b").policy.statement).toBe(
      "NOT BETTER than delta-band (worse, test split, 100 episodes). It costs 3 bps more.",
    );
    // Tuned is said of a rule that was, and of no other.
    const input = bundleInput(e);
    const statement = (tuned: boolean) => {
      const row = { id: "delta-band", kind: "baseline" as const, tuned, params: {}, objective: 1, mean: 1, sd: 0 };
      return openBundle(buildBundle({ ...input, evaluation: { ...input.evaluation!, contenders: [row] } }), "b").policy
        .statement;
    };
    expect(statement(true)).toMatch(/^NOT BETTER than the tuned delta-band \(/);
    expect(statement(false)).toMatch(/^NOT BETTER than delta-band \(/);
    const none = openBundle(buildBundle({ ...bundleInput(e), evaluation: null }), "b");
    expect(none.policy.statement).toMatch(/^NOT EVALUATED/);
  });

  it("describes what it was tested on: ranges in order and bins that hold every row", () => {
    const { policy } = openBundle(files, "b");
    for (const { name } of policy.features) {
      const { min, q01, q99, max } = policy.envelope.features[name]!;
      expect(min <= q01 && q01 <= q99 && q99 <= max).toBe(true);
      const { edges, shares } = policy.driftReference[name]!;
      expect(shares).toHaveLength(edges.length + 1);
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }
    // A continuous feature fills its ten bins about equally.
    const { shares } = policy.driftReference.base_fee_gwei!;
    expect(shares).toHaveLength(10);
    for (const share of shares) expect(share).toBeCloseTo(0.1, 1);
  });

  it("gives its golden outputs on the kernel engine, though it was made on the reference engine", () => {
    for (const head of HEADS) {
      const { golden, policy } = openBundle(bundleFiles(e, head), "b");
      expect(() =>
        checkGolden(golden, policy, actor(e, head, kernelEngine()).policy, "kernel", "golden.json"),
      ).not.toThrow();
    }
  });
});

describe("opening a bundle refuses", () => {
  const refusal = (bad: BundleFiles) => {
    try {
      openBundle(bad, "runs/x/policy");
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptFileError);
      return (error as CorruptFileError).message;
    }
    return "it opened";
  };

  it.each(Object.keys(files))("a missing %s", (name) => {
    const { [name]: _, ...rest } = files;
    expect(refusal(rest)).toMatch(`A file of the bundle is missing.\n  where: runs/x/policy/${name}`);
  });

  it("an extra file, also one that could belong and is not sealed", () => {
    const { "model.onnx": onnx, "manifest.json": _, ...rest } = files;
    expect(refusal({ ...sealBundle(rest), "model.onnx": onnx! })).toMatch(
      "A file does not belong to the bundle.\n  where: runs/x/policy/model.onnx",
    );
    for (const name of [
      "tfjs/model.js",
      "tfjs/more/model.json",
      "tfjs/../policy.json",
      "tfjs/group1-shard1of1.bin.exe",
    ])
      expect(refusal(sealBundle({ ...rest, [name]: new Uint8Array(1) }))).toMatch("does not belong");
    expect(refusal({ ...files, "notes.txt": new Uint8Array(1) })).toMatch(
      "A file does not belong to the bundle.\n  where: runs/x/policy/notes.txt",
    );
  });

  it.each(Object.keys(files))("a truncated %s", (name) => {
    const bytes = files[name]!;
    for (const length of [0, 1, bytes.length >> 1, bytes.length - 1])
      expect(refusal({ ...files, [name]: bytes.slice(0, length) })).toContain(`runs/x/policy/${name}`);
  });

  it("any changed byte of any file, and never reads it as something else", () => {
    const random = new Random(20, "test/tamper");
    for (const [name, bytes] of Object.entries(files))
      for (let trial = 0; trial < 150; trial++) {
        const changed = bytes.slice();
        const at = random.integer(bytes.length);
        changed[at]! ^= 1 << random.integer(8);
        expect(refusal({ ...files, [name]: changed }), `${name} byte ${at}`).toMatch("where: runs/x/policy/");
      }
  });

  it("an unknown format version, naming both versions", () => {
    const message = refusal(resealed((p) => (p.version = 2)));
    expect(message).toContain("where: runs/x/policy/policy.json: version\n  value: 2\n  fix:   Use version 1");
    const manifest = text(files["manifest.json"]!).replace('"version": 2', '"version": 7');
    expect(refusal({ ...files, "manifest.json": new TextEncoder().encode(manifest) })).toContain("value: 7");
  });

  it("a description with an unknown, missing or contradictory field, naming it", () => {
    expect(refusal(resealed((p) => (p.surprise = 1)))).toContain("surprise");
    expect(refusal(resealed((p) => delete p.envelope))).toContain("policy.json: envelope");
    expect(refusal(resealed((p) => ((p.encoder as { mean: number[] }).mean = [0])))).toContain(
      "policy.json: encoder.mean\n  value: 1",
    );
    expect(refusal(resealed((p) => delete (p.envelope as PolicyJson["envelope"]).features.delta))).toContain(
      'policy.json: envelope.features\n  value: "delta"',
    );
    const latin = sealBundle({ ...files, "policy.json": Uint8Array.of(0x7b, 0xe9, 0x7d) });
    expect(refusal(latin)).toContain("not UTF-8 text.\n  where: runs/x/policy/policy.json");
  });

  it("weights of another shape", () => {
    const message = refusal(resealed((p) => ((p.architecture as { sizes: number[] }).sizes[1] = 13)));
    expect(message).toContain("weights.safetensors: layers.0.weight");
  });

  it("golden pairs that were changed, at the load, naming row and field", () => {
    const forged = resealed((g) => ((g.intents as number[][])[7]![INTENT.change]! += 2e-2), "golden.json");
    const { golden, policy } = openBundle(forged, "b");
    expect(() => checkGolden(golden, policy, actor(e, HEADS[0]!).policy, "reference", "b/golden.json")).toThrow(
      /golden outputs on this engine.\n {2}where: b\/golden.json: row 7, slot 0, change/,
    );
  });

  it("a policy that answers NaN to a golden row", () => {
    const { golden, policy } = openBundle(files, "b");
    const nan: Policy = {
      ...actor(e, HEADS[0]!).policy,
      decide: (_b, _f, _a, _m, _k, out) => void out.fill(Number.NaN),
    };
    expect(() => checkGolden(golden, policy, nan, "broken", "b/golden.json")).toThrow(CorruptFileError);
  });
});

describe("a bundle and the runner's features and account", () => {
  const { policy } = openBundle(files, "b");
  const schema = featureSchema(policy.account.slots, policy.account.legs);

  it("fit where nothing differs", () => {
    expect(() => expectFeatures(policy, schema, "policy.json")).not.toThrow();
    expect(() => expectAccount(policy, policy.account, 600, "policy.json")).not.toThrow();
  });

  it("are refused at the first feature that differs in name, unit, order or count", () => {
    const changed = (change: (features: { name: string; unit: string }[]) => void): PolicyJson => {
      const copy = structuredClone(policy);
      change(copy.features);
      return copy;
    };
    const first = (p: PolicyJson) => {
      try {
        expectFeatures(p, schema, "policy.json");
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        return [(error as ConfigError).which, (error as ConfigError).value];
      }
      return "they fit";
    };
    expect(first(changed((f) => (f[3]!.name = "gamma")))).toEqual([
      "policy.json: features[3]",
      "gamma [1/unit of book]",
    ]);
    expect(first(changed((f) => (f[13]!.unit = "wei")))).toEqual(["policy.json: features[13]", "base_fee_gwei [wei]"]);
    expect(first(changed((f) => f.splice(1, 2, f[2]!, f[1]!)))).toEqual([
      "policy.json: features[1]",
      "book_delta [1/unit of book]",
    ]);
    expect(first(changed((f) => f.pop()))).toEqual([`policy.json: features[${schema.features.length - 1}]`, "none"]);
  });

  it.each([
    ["numeraire", "coin"],
    ["collateral", "coin"],
    ["deltaConvention", "netTransaction"],
    ["legs", 3],
  ] as const)("are refused for an account with another %s", (field, value) => {
    const account = { ...policy.account, [field]: value } as PolicyJson["account"];
    expect(() => expectAccount(policy, account, 600, "policy.json")).toThrow(`account.${field}`);
  });

  it("are refused for other slots and for another time between decisions", () => {
    const slots = [{ name: "perp", kind: "perpetual" as const }];
    expect(() => expectAccount(policy, { ...policy.account, slots }, 600, "p")).toThrow("account.slots");
    expect(() => expectAccount(policy, policy.account, 300, "p")).toThrow("account.decisionSeconds");
  });
});
