import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildBundle, openBundle } from "../../models/format/bundle.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import { LIVE_SOURCES, type LiveSource } from "../../src/core/contracts/features.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { sourcesOf } from "../../src/core/live-sources.ts";
import { loadPolicy, writeBundle } from "../../src/live/bundle-folder.ts";
import { replaySession } from "../../src/live/replay.ts";
import { recordSession } from "../../src/live/session.ts";
import { writeSession } from "../../src/live/session-file.ts";
import { bundleInput, experiment, HEADS } from "./fixture.ts";

const e = experiment();
const dir = mkdtempSync(join(tmpdir(), "greekgym-sources-"));
const CHAIN = ["base_fee_gwei", "gas_cost_bps", "base_fee_fast", "base_fee_slow"];
const deribit = sourcesOf("deribit-public");
const deploy = { target: "deribit-public", sources: [...deribit], masked: CHAIN };
const session = join(dir, "session.jsonl");
writeSession(session, recordSession({ experiment: e, split: "test", seed: 7, episode: 300 }));
const all = join(dir, "all");
writeBundle(all, buildBundle(bundleInput(e)));
const masked = join(dir, "masked");
writeBundle(masked, buildBundle({ ...bundleInput(e, HEADS[0], undefined, ["spot", ...CHAIN]), deploy }));

let runs = 0;
function replay(
  bundle: string,
  sources: readonly LiveSource[],
  incumbent?: { baseline: string; params: Record<string, number> },
) {
  const out = join(dir, `run-${runs++}`);
  const run = () =>
    replaySession({ bundle, session, engine: referenceEngine, out, sources, ...(incumbent && { incumbent }) });
  return { out, run };
}

const thrown = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("A feed without a source", () => {
  it("is refused by a policy that reads from it: every feature is named, and nothing is written", () => {
    const { out, run } = replay(all, deribit);
    const error = thrown(run) as ConfigError;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.value).toEqual(CHAIN);
    expect(error.message).toContain("base_fee_gwei (ethereum-rpc)");
    expect(error.message).toContain("The feed has: clock, account, book, deribit-public.");
    expect(existsSync(out)).toBe(false);
  });

  it("does for a policy that was trained for it, which decides as it does with everything supplied", () => {
    const narrow = replay(masked, deribit);
    const wide = replay(masked, LIVE_SOURCES);
    const reports = [narrow, wide].map(({ run }) => run().report);
    expect(reports[0]).toEqual(reports[1]);
    const journal = (out: string) => readFileSync(join(out, "decisions.jsonl"), "utf8");
    expect(journal(narrow.out)).toBe(journal(wide.out));
    expect(reports[0]!.decisions).toBeGreaterThan(100);
  });

  it("is refused by an incumbent that reads from it", () => {
    const { run } = replay(masked, deribit, { baseline: "gas-aware", params: {} });
    expect(run).toThrow(/incumbent gas-aware reads[\s\S]*--incumbent[\s\S]*gas_cost_bps \(ethereum-rpc\)/);
    const deaf = { baseline: "gas-aware", params: { costExponent: 0, waitMultiple: 1 } };
    expect(replay(masked, deribit, deaf).run).not.toThrow();
  });

  it("is refused by a bundle whose fallback rule reads from it", () => {
    const folder = join(dir, "fallback");
    const input = bundleInput(e, HEADS[0], undefined, ["spot", ...CHAIN]);
    writeBundle(folder, buildBundle({ ...input, reference: { baseline: "gas-aware", params: { waitMultiple: 2 } } }));
    expect(replay(folder, deribit).run).toThrow(/fallback rule gas-aware reads/);
  });
});

describe("A bundle's target", () => {
  it("is written, read back, and may be absent", () => {
    const { policyJson } = loadPolicy(masked, referenceEngine);
    expect(policyJson.deploy).toEqual(deploy);
    expect(openBundle(buildBundle(bundleInput(e)), "b").policy.deploy).toBeUndefined();
  });
});
