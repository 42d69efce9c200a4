import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.ts";
import { comparePlayed, type PlayedContender } from "../../src/evaluate/compare.ts";
import { type Experiment, experimentSchema } from "../../src/evaluate/experiment.ts";
import { expectOracles, ruleEntries } from "../../src/evaluate/play-contenders.ts";
import { Arena, type EpisodeTable } from "../../src/evaluate/rollout.ts";

const experiment: Experiment = experimentSchema.parse({
  scenario: {
    name: "small",
    market: { price: { model: "gbm", initial: 100, volatility: 0.2 } },
    book: { legs: [{ type: "call", quantity: -1 }] },
    account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
    slots: [{ name: "stock", kind: "spot", takerFeeBps: 50, impactCoefficient: 1 }],
    maturityDays: 2,
    rebalanceDays: 1,
    stepSeconds: 86_400,
  },
  objective: { name: "mean" },
});

const random = new Random(5, "test/gaps");
const shocks = Float64Array.from({ length: 400 }, () => random.normal());

/** Costs `level` more than a common shock, with noise of its own. */
function table(level: number, noise: number): EpisodeTable {
  const n = shocks.length;
  const zeros = () => new Float64Array(n);
  return {
    costs: shocks.map((x) => level + 5 * x + noise * random.normal()),
    fees: zeros(),
    gas: zeros(),
    slippage: zeros(),
    maxDrawdown: zeros(),
    turnover: zeros(),
    rebalances: zeros(),
    outsideBounds: zeros(),
    exposure: zeros(),
    move: zeros(),
    attribution: new Float64Array(n * 14),
    steps: 0,
  };
}

const row = (
  id: string,
  kind: PlayedContender["kind"],
  level: number,
  tuned = kind === "baseline",
  noise = 0.5,
): PlayedContender => ({
  id,
  kind,
  tuned,
  params: {},
  budget: { steps: 0, trials: 0, coreSeconds: 0 },
  tables: [table(level, noise)],
});

const evaluate = (played: PlayedContender[]) =>
  comparePlayed({ experiment, series: {}, split: "select", seed: 1, played, testTouches: 0 });

describe("comparePlayed with oracles", () => {
  const result = evaluate([
    row("never", "baseline", 40, false),
    row("band", "baseline", 20),
    row("wide", "baseline", 24),
    row("hindsight", "oracle", 10),
    row("ppo", "learned", 16),
  ]);
  const gap = (contender: string) => result.gaps!.find((g) => g.contender === contender)!;

  it("tells what each tuned rule and everything learned leaves to the oracle", () => {
    expect(result.gaps!.map((g) => g.contender)).toEqual(["ppo", "band", "wide"]);
    for (const [id, left] of [
      ["ppo", 6],
      ["band", 10],
      ["wide", 14],
    ] as const) {
      expect(Math.abs(gap(id).difference - left)).toBeLessThan(0.2);
      expect(gap(id).ci95[0]).toBeLessThan(gap(id).difference);
      expect(gap(id).ci95[1]).toBeGreaterThan(gap(id).difference);
      // Common shocks cancel: 5 / sqrt(400) alone would be 0.25.
      expect(gap(id).ci95[1] - gap(id).ci95[0]).toBeLessThan(0.2);
    }
  });

  it("tells the share of the best rule's gap that is closed, for the learned one alone", () => {
    expect(gap("ppo").closes).toBeCloseTo(
      (gap("band").difference - gap("ppo").difference) / gap("band").difference,
      12,
    );
    expect(gap("ppo").closes).toBeCloseTo(0.4, 1);
    expect(gap("band").closes).toBeUndefined();
  });

  it("keeps oracles out of the verdict, its family and the best rows", () => {
    expect(result.best).toEqual({ baseline: "band", overall: "ppo" });
    expect(result.verdict.against).toBe("band");
    expect(result.paired.map((p) => p.b)).toEqual(["never", "band", "wide"]);
    const rulesOnly = evaluate([row("band", "baseline", 20), row("wide", "baseline", 24), row("dp", "oracle", 10)]);
    expect(rulesOnly.best).toEqual({ baseline: "band", overall: "band" });
    expect(rulesOnly.paired.map((p) => [p.a, p.b])).toEqual([["band", "wide"]]);
    expect(rulesOnly.gaps!.map((g) => g.contender)).toEqual(["band", "wide"]);
  });

  it("tells no share of a gap that may be nothing", () => {
    const near = evaluate([
      row("band", "baseline", 10, true, 4),
      row("hindsight", "oracle", 10, false, 4),
      row("ppo", "learned", 9.9, false, 4),
    ]);
    expect(near.gaps!.every((g) => g.closes === undefined)).toBe(true);
  });

  it("has no gaps without an oracle", () => {
    expect(evaluate([row("band", "baseline", 20), row("ppo", "learned", 16)]).gaps).toBeUndefined();
  });
});

describe("expectOracles", () => {
  it("refuses an oracle that the market does not have, before anything is played, and says why", () => {
    const { context } = new Arena(experiment, "select", 1, { series: {} }, 1).env;
    expect(() => expectOracles(ruleEntries(["delta", "dp-optimum"], "--contenders"), experiment, context)).toThrow(
      "There is no dp-optimum for small: its trades have impact",
    );
    expect(() => expectOracles(ruleEntries(["delta"], "--contenders"), experiment, context)).not.toThrow();
  });
});
