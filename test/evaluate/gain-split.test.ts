import { describe, expect, it } from "vitest";
import type { ScenarioInput } from "../../env/tasks/rebalance/scenario.ts";
import type { EvaluationResult } from "../../src/core/contracts/evaluation.ts";
import { INTENT_WIDTH, writeTrade } from "../../src/core/contracts/intent.ts";
import { comparePlayed } from "../../src/evaluate/compare.ts";
import { type Experiment, experimentSchema } from "../../src/evaluate/experiment.ts";
import { isMostlyTiming, isNotHedgingSkill, splitGain } from "../../src/evaluate/gain-split.ts";
import { Arena, type EpisodeTable } from "../../src/evaluate/rollout.ts";
import { attribution } from "./attribution.ts";

const EPISODES = 256;

/** A book whose delta is known whatever happens (deep in the money), on a slot that costs nothing. */
function experimentOn(market: ScenarioInput["market"]): Experiment {
  return experimentSchema.parse({
    scenario: {
      name: "timed",
      market,
      book: { legs: [{ type: "call", quantity: -1, moneyness: 0.01 }] },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "spot", kind: "spot" }],
      maturityDays: 1,
      stepSeconds: 300,
      decisionInterval: "15m",
    },
    objective: { name: "mean" },
  });
}

const drifting = experimentOn({ price: { model: "gbm", initial: 2000, drift: 4, volatility: 0.2 } });
const reverting = experimentOn({
  price: { model: "gbm", initial: 2000, volatility: 0.05 },
  flow: { tradesPerHour: 60, transientBps: 6, transientHalfLifeMinutes: 60 },
});

/** Plays the delta for one unit of book that `wanted` names; it may look at the hidden displacement. */
function play(experiment: Experiment, wanted: (transient: number) => number): EpisodeTable {
  const arena = new Arena(experiment, "select", 1, { series: {} }, 64);
  const { env } = arena;
  const at = env.context.schema.features.findIndex((f) => f.name === "delta");
  const width = env.extractor.width;
  const policy = {
    id: "scripted",
    memoryWidth: 0,
    maskWidth: 0,
    requires: [],
    decide: (batch: number, features: Float64Array, _a: unknown, _m: unknown, _k: unknown, out: Float64Array) => {
      const { transient } = env.truth!;
      for (let b = 0; b < batch; b++)
        writeTrade(out, b * INTENT_WIDTH, 0, wanted(transient[b]!) - features[b * width + at]!);
    },
  };
  return arena.play(policy, 0, EPISODES);
}

function compared(experiment: Experiment, learned: EpisodeTable, rule: EpisodeTable, windows?: number) {
  const row = (id: string, kind: "learned" | "baseline", table: EpisodeTable) => ({
    ...{ id, kind, tuned: false, params: {}, tables: [table] },
    budget: { steps: 0, trials: 0, coreSeconds: 0 },
  });
  return comparePlayed({
    ...{ experiment, series: {}, split: "select" as const, seed: 1, testTouches: 0 },
    played: [row("ppo", "learned", learned), row("flat", "baseline", rule)],
    ...(windows === undefined ? {} : { windows }),
  });
}

function splitOf(result: EvaluationResult) {
  const [ppo, flat] = ["ppo", "flat"].map((id) => result.contenders.find((c) => c.id === id)!);
  const gain = flat!.objective - ppo!.objective;
  const split = splitGain(ppo!, flat!);
  expect(Object.values(split).reduce((s, x) => s + x, 0)).toBeCloseTo(gain, 8);
  return { gain, split };
}

describe("splitGain", () => {
  const a = { objective: 12, mean: 8, attribution: attribution({ gas: -3, theta: -1, delta: -2, residual: -2 }) };
  const b = { objective: 20, mean: 11, attribution: attribution({ gas: -6, theta: -1, delta: -4 }) };

  it("sums to the gain in the objective when parts sum to minus the mean", () => {
    const split = splitGain(a, b);
    expect(split).toEqual({ costSaved: 3, carry: 0, direction: 2, timing: 0, exposure: -2, risk: 5 });
    expect(Object.values(split).reduce((s, x) => s + x, 0)).toBe(20 - 12);
    expect(isNotHedgingSkill(split)).toBe(false);
    expect(isNotHedgingSkill({ ...split, direction: 20 })).toBe(true);
    expect(isNotHedgingSkill({ ...split, direction: 20, risk: -40 })).toBe(false);
  });

  it("takes from delta what the mean move paid for the mean exposure; collateral stays direction", () => {
    const coin = { ...a, attribution: { ...a.attribution, collateral: 0.25 } };
    const split = splitGain({ ...coin, driftProfit: 0.5 }, { ...b, driftProfit: -1 });
    expect(split).toMatchObject({ direction: 1.75, timing: 0.5 });
    expect(splitGain({ ...a, driftProfit: 0.5 }, b)).toMatchObject({ direction: 2, timing: 0 });
  });

  it("calls a gain mostly timing where timing is more than half of it, and no loss", () => {
    const split = { costSaved: 2, carry: 0, direction: 1, timing: 4, exposure: 0, risk: 0 };
    expect([isMostlyTiming(split), isNotHedgingSkill(split)]).toEqual([true, false]);
    expect(isMostlyTiming({ ...split, timing: 3 })).toBe(false);
    expect(isMostlyTiming({ ...split, risk: -8 })).toBe(false);
  });
});

describe("The gain of a played episode", () => {
  it("is direction for a constant long position in a market that drifts", () => {
    const result = compared(
      drifting,
      play(drifting, () => 0.5),
      play(drifting, () => 0),
    );
    const { gain, split } = splitOf(result);
    // Half a unit of a drift of 4 a year, for a day: 1e4 * 0.5 * (exp(4 / 365) - 1) = 55 bps.
    expect(gain).toBeGreaterThan(45);
    expect(Math.abs(split.timing)).toBeLessThan(1e-6 * gain);
    expect(split.direction).toBeCloseTo(gain, 6);
    expect(result.verdict).toMatchObject({ value: "better", notHedgingSkill: true });
    expect(result.verdict.mostlyTiming).toBeUndefined();
  });

  it("is timing for a position against a displacement that comes back, in a market without drift", () => {
    const result = compared(
      reverting,
      play(reverting, (x) => -100 * x),
      play(reverting, () => 0),
    );
    const { gain, split } = splitOf(result);
    expect(split.timing).toBeGreaterThan(0.9 * gain);
    expect(result.verdict).toMatchObject({ value: "better", mostlyTiming: true });
    expect(result.verdict.notHedgingSkill).toBeUndefined();
    expect(result.verdict.sentence).toContain(
      "Most of the gain is timing: exposure held while the price was displaced and came back.",
    );
  });

  it("stays direction on recorded windows, where luck and timing look the same", () => {
    const result = compared(
      reverting,
      play(reverting, (x) => -100 * x),
      play(reverting, () => 0),
      EPISODES,
    );
    const { gain, split } = splitOf(result);
    expect(result.contenders.every((c) => c.driftProfit === undefined)).toBe(true);
    expect(split.timing).toBe(0);
    expect(split.direction).toBeGreaterThan(0.9 * gain);
    expect(result.verdict).toMatchObject({ value: "better", notHedgingSkill: true });
  });
});
