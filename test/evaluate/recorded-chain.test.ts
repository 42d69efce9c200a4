import { describe, expect, it } from "vitest";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { comparePlayed, type PlayedContender } from "../../src/evaluate/compare.ts";
import {
  dataCaveats,
  dataNotes,
  dataOfSplit,
  type Experiment,
  experimentSchema,
  judgedEpisodes,
} from "../../src/evaluate/experiment.ts";
import { Arena } from "../../src/evaluate/rollout.ts";
import { chainOf, chainRow, expiryOn } from "../support/synthetic-chain.ts";

const START = Date.UTC(2026, 0, 1) / 1000;
const SIX_HOURS = 21_600;
const EXPIRY = expiryOn(1, 30);

/** 80 snapshots from 1 January, 6 h apart; the hole is 18 h wide, before snapshot 61. */
function chain() {
  const rows: string[] = [];
  for (let n = 0; n < 80; n++) {
    if (n === 59 || n === 60) continue;
    const forward = 3000 * Math.exp(0.02 * Math.sin(n));
    for (const strike of [2900, 3000, 3100])
      for (const side of ["C", "P"] as const)
        rows.push(chainRow({ time: START + n * SIX_HOURS, expiry: EXPIRY, strike, side, forward, volatility: 0.6 }));
  }
  return chainOf(rows);
}

function experimentOf(): Experiment {
  const days = (from: number, to: string) => ({ price: { from: `2026-01-0${from}`, to: `2026-01-${to}` } });
  return experimentSchema.parse({
    scenario: {
      name: "listed",
      market: { price: { model: "listed", series: "chain", volatility: 0.6 } },
      chain: { fee: { model: "none" }, gasUnits: 0 },
      book: { legs: [{ type: "call", quantity: -1, maturityDays: 14 }] },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "forward", kind: "perpetual", halfSpreadBps: 2, takerFeeBps: 5 }],
      maturityDays: 1,
      stepSeconds: SIX_HOURS,
      decisionInterval: "6h",
    },
    splits: {
      train: days(1, "04"),
      select: days(4, "09"),
      test: { price: { from: "2026-01-10", to: "2026-01-18" } },
    },
    compare: { episodes: 64 },
  });
}

function comparedOn(experiment: Experiment, split: "select" | "test", episodes?: number) {
  const series = { chain: chain() };
  const arena = new Arena(experiment, split, 1, dataOfSplit(experiment, split, series), 8);
  const count = episodes ?? judgedEpisodes(experiment, arena.windows);
  const played = ["delta", "delta-band"].map((id): PlayedContender => {
    const params = id === "delta" ? {} : { halfWidth: 0.1 };
    const tables = [arena.play(createBaseline(id, params, arena.env.context), 0, count)];
    return { id, kind: "baseline", tuned: false, params, budget: { steps: 0, trials: 0, coreSeconds: 0 }, tables };
  });
  const windows = arena.windows!;
  return comparePlayed({ experiment, series, split, seed: 1, played, windows, testTouches: 0 });
}

describe("A comparison on a recorded chain", () => {
  it("carries in its verdict what the data are, and what the windows left out", () => {
    const { verdict } = comparedOn(experimentOf(), "test");
    expect(verdict.sentence).toContain("Real surface, six-hour decisions, no concurrent gas or flow.");
    expect(verdict.sentence).toMatch(/\d+ windows of the recorded chain on test, \d+ starts? refused \(gap \d+\)/);
    expect(verdict.sentence).toContain("own impact is modelled");
  });

  it("says so where every window is whole and as asked for", () => {
    const clauses = dataCaveats(experimentOf(), { chain: chain() }, "select").join(". ");
    expect(clauses).toContain(
      "4 windows of the recorded chain on select, 0 starts refused, 0 of 20 mark volatilities interpolated, strikes within 1.6% and expiries within 12.3 days of those asked for",
    );
  });

  it("notes what its reader met, by file and line", () => {
    const rows = chain();
    const found = {
      ...rows,
      findings: [{ kind: "crossed-quote", count: 2, first: "chain.csv:7", handling: "dropped" }],
    };
    expect(dataNotes({ chain: found as never })).toEqual([
      `${rows.source}: 2 x crossed-quote (dropped), first at chain.csv:7.`,
    ]);
  });

  it("plays each window once: a repeat would be the same episode to the last bit, and would only shrink the spread", () => {
    const once = comparedOn(experimentOf(), "select");
    expect([once.episodes, once.effectiveEpisodes]).toEqual([4, 4]);
    const repeated = comparedOn(experimentOf(), "select", 64);
    expect([repeated.episodes, repeated.effectiveEpisodes]).toEqual([64, 4]);
    for (const [i, row] of repeated.contenders.entries()) {
      expect(row.mean).toBeCloseTo(once.contenders[i]!.mean, 9);
      expect(row.sd / once.contenders[i]!.sd).toBeCloseTo(Math.sqrt((64 * 3) / 4 / 63), 9);
    }
  });

  it("asks for as many simulated episodes as the file says", () => {
    const simulated = experimentSchema.parse({
      ...experimentOf(),
      scenario: {
        ...experimentOf().scenario,
        rebalanceDays: undefined,
        market: { price: { model: "gbm", initial: 2000, volatility: 0.6 } },
      },
    });
    expect(judgedEpisodes(simulated, undefined)).toBe(64);
  });
});
