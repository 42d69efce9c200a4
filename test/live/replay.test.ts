import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Subject } from "rxjs";
import { describe, expect, it, vi } from "vitest";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { buildBundle, openBundle } from "../../models/format/bundle.ts";
import { referenceEngine } from "../../models/kernel/reference.ts";
import { INTENT_WIDTH } from "../../src/core/contracts/intent.ts";
import type { Policy } from "../../src/core/contracts/policy.ts";
import { ConfigError, GreekgymError } from "../../src/core/errors.ts";
import { writeBundle } from "../../src/live/bundle-folder.ts";
import { replayFeed, replaySession, shadowStream } from "../../src/live/replay.ts";
import { parseSession, recordSession } from "../../src/live/session.ts";
import { writeSession } from "../../src/live/session-file.ts";
import type { ShadowDecision, ShadowEvent, ShadowOutcome } from "../../src/live/shadow-runner.ts";
import { ShadowTally } from "../../src/live/shadow-summary.ts";
import type { PublishedFrame } from "../../src/live/tape.ts";
import { LineFile } from "../../src/store/line-file.ts";
import { actor, bundleInput, experiment, HEADS, REFERENCE } from "./fixture.ts";

const e = experiment();
const EPISODE = 300;
const SEED = 7;
const lines = recordSession({ experiment: e, split: "test", seed: SEED, episode: EPISODE });
const session = parseSession(`${lines.join("\n")}\n`, "s.jsonl");
const { policy: learned, baseline, context } = actor(e, HEADS[0]!);
const description = openBundle(buildBundle(bundleInput(e)), "b").policy;

function run(incumbent: Policy, challenger: Policy, of = session): ShadowEvent[] {
  const events: ShadowEvent[] = [];
  let failure: unknown;
  shadowStream(replayFeed(of), { header: of.header, incumbent, challenger }).subscribe({
    next: (event) => events.push(event),
    error: (error) => {
      failure = error;
    },
  });
  if (failure !== undefined) throw failure;
  return events;
}

const decisions = (events: ShadowEvent[]) => events.filter((x): x is ShadowDecision => x.type === "decision");
const outcomes = (events: ShadowEvent[]) => events.filter((x): x is ShadowOutcome => x.type === "outcome");
const figures = (events: ShadowEvent[]) => {
  const tally = new ShadowTally(description, "bps of notional");
  for (const event of events) tally.add(event);
  return tally.figures();
};

/** The simulator's own run of the recorded episode, in the middle of a batch: intents of each decision and what the episode cost. */
function simulate(policy: Policy): { intents: number[][]; cost: number; gas: number; reverts: number } {
  const B = 5;
  const env = new RebalanceEnv({
    scenario: e.scenario,
    numEnvs: B,
    split: "test",
    seed: SEED,
    unit: e.unit,
    autoresetMode: "disabled",
  });
  env.reset({ seed: SEED, options: { firstEpisode: EPISODE - 2 } });
  const intents: number[][] = [];
  const out = new Float64Array(B * INTENT_WIDTH);
  const available = new Uint8Array(env.extractor.width).fill(1);
  while (env.finished[0] === 0) {
    policy.decide(B, env.features, available, new Float64Array(0), new Uint8Array(0), out);
    intents.push(Array.from(out.subarray(2 * INTENT_WIDTH, 3 * INTENT_WIDTH)));
    env.step(out);
  }
  return { intents, cost: env.outcome.cost[2]!, gas: env.outcome.gas[2]!, reverts: env.outcome.reverts[2]! };
}

describe("replaying a recorded simulated episode", () => {
  it.each([
    ["a baseline", baseline],
    ["a learned policy", learned],
  ])("gives the simulator's intents bit for bit, and its costs: %s", (_, policy) => {
    const simulated = simulate(policy);
    const events = run(baseline, policy);
    const replayed = decisions(events).map((d) => d.freeRun.intents);
    expect(replayed).toHaveLength(144);
    expect(new Float64Array(replayed.flat())).toEqual(new Float64Array(simulated.intents.flat()));
    const last = outcomes(events).at(-1)!.totals.freeRun;
    expect(-last.profit).toBe(simulated.cost);
    expect(last.gas).toBe(simulated.gas);
    // The episode is worth comparing: it trades, and some transactions revert.
    expect(simulated.intents.filter((x) => x[0] === 1).length).toBeGreaterThan(10);
    expect(simulated.reverts).toBeGreaterThan(0);
  });

  it("gives the same events twice", () => {
    expect(run(baseline, learned)).toEqual(run(baseline, learned));
  });
});

describe("a challenger that is the incumbent", () => {
  it.each([
    ["a baseline", baseline],
    ["a learned policy", learned],
  ])("agrees always and has a regret of exactly 0: %s", (_, policy) => {
    const events = run(policy, policy);
    for (const o of outcomes(events)) {
      expect(o.regret).toBe(0);
      expect(o.gain.anchored).toBe(o.gain.incumbent);
      expect(o.gain.freeRun).toBe(o.gain.incumbent);
    }
    for (const d of decisions(events)) {
      expect(d.anchored).toEqual(d.incumbent);
      expect(d.freeRun).toEqual(d.incumbent);
    }
    const f = figures(events);
    expect(f.agreement).toBe(1);
    expect(f.regret).toBe(0);
    expect(f.regretPerDecision.max).toBe(0);
    expect(f.sizeDifference.n).toBeGreaterThan(0);
    expect([f.sizeDifference.min, f.sizeDifference.max]).toEqual([0, 0]);
    expect(f.ledgers.freeRun).toEqual(f.ledgers.incumbent);
    expect(f.decisions).toBe(144);
  });
});

describe("two different policies", () => {
  const never = createBaseline("never", {}, context);
  const events = run(baseline, never);
  const f = figures(events);

  it("anchor the challenger to the incumbent's account at each decision, and let the other ledger run free", () => {
    for (const d of decisions(events)) {
      expect(d.anchored.positions).toEqual(d.incumbent.positions);
      expect(d.anchored.featuresHash).toBe(d.incumbent.featuresHash);
      expect(d.anchored.profit).toBe(d.incumbent.profit);
      expect(d.freeRun.positions).toEqual([0]);
    }
    expect(f.ledgers.freeRun.gas).toBe(0);
    expect(f.ledgers.incumbent.gas).toBeGreaterThan(0);
    expect(f.pnlFreeRun).toBe(-simulate(never).cost);
  });

  it("fill the agreement matrix, which sums to the decisions, and sum regret from per-decision figures", () => {
    const m = f.agreementMatrix;
    expect(Object.values(m).reduce((a, b) => a + b, 0)).toBe(f.decisions);
    const traded = decisions(events).filter((d) => d.incumbent.tradedDelta !== 0).length;
    expect(m.onlyIncumbent).toBe(traded);
    expect(m.onlyChallenger + m.bothSameSide + m.bothOppositeSides + m.noDecision).toBe(0);
    expect(f.agreement).toBe(m.neither / f.decisions);
    const all = outcomes(events);
    expect(f.regret).toBeCloseTo(
      all.reduce((sum, o) => sum + Math.max(0, o.gain.incumbent - o.gain.anchored), 0),
      9,
    );
    expect(f.regretPerDecision.mean * f.decisions).toBeCloseTo(f.regret, 9);
    expect(f.pnlAnchored).toBeCloseTo(
      all.reduce((sum, o) => sum + o.gain.anchored, 0),
      9,
    );
    expect(all.reduce((sum, o) => sum + o.gain.incumbent, 0)).toBeCloseTo(f.ledgers.incumbent.profit, 6);
  });

  it("count the share of decisions outside the tested range, by feature", () => {
    const narrow = structuredClone(description);
    narrow.envelope.features.base_fee_gwei = { min: 1e9, q01: 1e9, q99: 1e9, max: 1e9 };
    const tally = new ShadowTally(narrow, "bps of notional");
    for (const event of events) tally.add(event);
    expect(tally.figures().outOfEnvelope.byFeature.base_fee_gwei).toBe(1);
    expect(tally.figures().outOfEnvelope.any).toBe(1);
    const delta = narrow.features.findIndex((x) => x.name === "delta");
    const { min, max } = narrow.envelope.features.delta!;
    const outside = decisions(events).filter((d) => d.features[delta]! < min || d.features[delta]! > max).length;
    expect(outside).toBeGreaterThan(0);
    expect(f.outOfEnvelope.byFeature.delta).toBe(outside / f.decisions);
  });
});

describe("a challenger that fails", () => {
  const good = run(baseline, learned);
  const incumbentOf = (events: ShadowEvent[]) =>
    JSON.stringify(
      events.map((x) =>
        x.type === "decision"
          ? [x.decision, x.time, x.incumbent]
          : [x.decision, x.time, x.gain.incumbent, x.totals.incumbent],
      ),
    );
  let calls = 0;
  const failing: [string, Policy["decide"], string][] = [
    [
      "throws",
      () => {
        throw new RangeError("out of memory");
      },
      "It threw: RangeError: out of memory",
    ],
    ["answers NaN", (_b, _f, _a, _m, _k, out) => void out.fill(Number.NaN), "An intent is of an unknown kind."],
    [
      "answers a trade of NaN",
      (_b, _f, _a, _m, _k, out) => out.set([1, 0, Number.NaN, 0, 0, 1]),
      "An intent's change is not a finite number.",
    ],
    [
      "names a slot that is not there",
      (_b, _f, _a, _m, _k, out) => out.set([1, 3, 1, 0, 0, 1]),
      "An intent names a slot",
    ],
    [
      "fails now and then, and writes over its input",
      (b, f, a, m, k, out) => {
        if (calls++ % 3 === 0) throw new Error("now");
        learned.decide(b, f, a, m, k, out);
        f.fill(Number.NaN);
      },
      "It threw: Error: now",
    ],
  ];

  it.each(failing)(
    "takes no decision, with the reason, and the incumbent's stream is unchanged byte for byte: %s",
    (_, decide, reason) => {
      const events = run(baseline, { ...learned, decide });
      expect(incumbentOf(events)).toBe(incumbentOf(good));
      const f = figures(events);
      expect(f.noDecisions.count).toBeGreaterThan(40);
      expect(Object.keys(f.noDecisions.reasons).join()).toContain(reason);
      expect(f.agreement).toBeLessThan(0.7);
      const failed = decisions(events).filter((d) => d.noDecision?.anchored !== undefined);
      for (const d of failed) expect(d.anchored.tradedDelta).toBe(0);
    },
  );

  it("counts against agreement only where it fails in the incumbent's position, not on the free-run ledger alone", () => {
    const bad: Policy = {
      ...learned,
      decide: () => {
        throw new RangeError("free run");
      },
    };
    const options = { header: session.header, incumbent: baseline, challenger: learned, freeRunChallenger: bad };
    const events: ShadowEvent[] = [];
    shadowStream(replayFeed(session), options).subscribe((event) => events.push(event));
    const f = figures(events);
    expect(f.agreementMatrix).toEqual(figures(good).agreementMatrix);
    expect(f.agreementMatrix.noDecision).toBe(0);
    expect(f.agreement).toBe(figures(good).agreement);
    expect(f.noDecisions).toEqual({ count: 144, reasons: { "It threw: RangeError: free run": 144 } });
  });

  it("is not the incumbent's failure: that ends the session with its error", () => {
    const nan: Policy = { ...baseline, decide: (_b, _f, _a, _m, _k, out) => void out.fill(Number.NaN) };
    expect(() => run(nan, learned)).toThrow("An intent is of an unknown kind.");
  });
});

describe("the stream of decisions", () => {
  it("decides as frames come, settles at the next decision, and stops when nobody listens", () => {
    const feed = new Subject<PublishedFrame>();
    const events: ShadowEvent[] = [];
    const subscription = shadowStream(feed, {
      header: session.header,
      incumbent: baseline,
      challenger: learned,
    }).subscribe((event) => events.push(event));
    feed.next(session.frames[0]!);
    expect(events.map((x) => x.type)).toEqual(["decision"]);
    for (const frame of session.frames.slice(1, 10)) feed.next(frame);
    expect(events).toHaveLength(1);
    feed.next(session.frames[10]!);
    expect(events.map((x) => `${x.type} ${x.decision}`)).toEqual(["decision 0", "outcome 0", "decision 1"]);
    subscription.unsubscribe();
    expect(feed.observed).toBe(false);
    feed.next(session.frames[11]!);
    expect(events).toHaveLength(3);
  });
});

describe("replaySession", () => {
  const folder = mkdtempSync(join(tmpdir(), "greekgym-replay-"));
  const bundle = join(folder, "policy");
  const path = join(folder, "s.jsonl");
  writeBundle(bundle, buildBundle(bundleInput(e)));
  writeSession(path, lines);
  const replay = (out: string, more: object = {}) =>
    replaySession({ bundle, session: path, engine: referenceEngine, out: join(folder, out), ...more });

  it("writes a journal and a summary, the same bytes each time, against the bundle's reference", () => {
    const first = replay("a");
    const second = replay("b");
    expect(readFileSync(first.files.journal)).toEqual(readFileSync(second.files.journal));
    expect(readFileSync(first.files.summary)).toEqual(readFileSync(second.files.summary));
    expect(JSON.parse(readFileSync(first.files.summary, "utf8"))).toEqual(first.report);
    expect(first.report.incumbent.baseline).toBe(REFERENCE.baseline);
    expect(first.report.incumbent.params).toMatchObject(REFERENCE.params);
    expect(first.report.session).toMatchObject({ complete: true, seed: SEED, episode: EPISODE, hash: session.hash });
    expect(first.report.policy.statement).toMatch(/^NOT BETTER/);
    const records = readFileSync(first.files.journal, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(2 + 2 * 144);
    expect(records.map((r) => r.seq)).toEqual(records.map((_, i) => i));
    expect(records.at(-1).hash).toBe(first.report.journalHash);
    const replayed = records.filter((r) => r.type === "decision");
    expect(replayed.map((r) => r.freeRun.intents)).toEqual(
      decisions(run(baseline, learned)).map((d) => d.freeRun.intents),
    );
  });

  it("takes another incumbent", () => {
    const { report } = replay("never", { incumbent: { baseline: "never", params: {} } });
    expect(report.incumbent.baseline).toBe("never");
    expect(report.ledgers.incumbent.rebalances).toBe(0);
  });

  it("does not write over a journal", () => {
    const { files } = replay("once");
    const before = readFileSync(files.journal);
    expect(() => replay("once")).toThrow(ConfigError);
    expect(readFileSync(files.journal)).toEqual(before);
  });

  it("uses the whole decisions of a torn session where that is allowed, and says so", () => {
    const torn = join(folder, "torn.jsonl");
    writeSession(torn, lines.slice(0, 1000));
    expect(() => replay("torn", { session: torn })).toThrow(/before its seal/);
    expect(existsSync(join(folder, "torn"))).toBe(false);
    const { report } = replay("torn", { session: torn, allowTorn: true });
    expect(report.session.complete).toBe(false);
    // 999 frames: steps 0 to 998, of which 990 is the last decision that can be valued.
    expect(report.decisions).toBe(99);
    const { report: whole } = replay("whole");
    expect(whole.decisions).toBe(144);
  });

  it("ends with the disk's error where the journal cannot be written, and writes no summary", () => {
    const real = LineFile.prototype.appendLine;
    let left = 7;
    const full = vi.spyOn(LineFile.prototype, "appendLine").mockImplementation(function (this: LineFile, line) {
      if (left-- === 0) throw new GreekgymError("storage", "The disk is full: cannot append to the file.");
      real.call(this, line);
    });
    try {
      expect(() => replay("full")).toThrow("The disk is full");
    } finally {
      full.mockRestore();
    }
    expect(existsSync(join(folder, "full", "shadow.json"))).toBe(false);
    expect(readFileSync(join(folder, "full", "decisions.jsonl"), "utf8").split("\n")).toHaveLength(7 + 1);
  });

  it("refuses a session of another kind of account before it writes anything", () => {
    const coin = experiment({
      account: { numeraire: "coin", collateral: "coin", collateralCoin: 5, deltaConvention: "netTransaction" },
    });
    const other = join(folder, "coin.jsonl");
    writeSession(other, recordSession({ experiment: coin, split: "test", seed: 1, episode: 0 }));
    expect(() => replay("coin", { session: other })).toThrow("account.numeraire");
    expect(existsSync(join(folder, "coin"))).toBe(false);
  });
});
