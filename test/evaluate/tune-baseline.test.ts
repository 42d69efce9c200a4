import { describe, expect, it } from "vitest";
import { embedParams } from "../../agents/baselines/embed.ts";
import { createBaseline } from "../../agents/baselines/registry.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { type Experiment, experimentSchema } from "../../src/evaluate/experiment.ts";
import { HINDSIGHT_ORACLE } from "../../src/evaluate/hindsight.ts";
import { objectiveOf } from "../../src/evaluate/objectives.ts";
import { expectOracle } from "../../src/evaluate/oracles.ts";
import { Arena } from "../../src/evaluate/rollout.ts";
import { planOf, trialsOf, tuneBaseline } from "../../src/evaluate/tune-baseline.ts";

const EPISODES = 24;
const clock = new ManualClock();

function experimentOf(market: Record<string, unknown>, fee: Record<string, unknown>): Experiment {
  return experimentSchema.parse({
    kind: "validation",
    scenario: {
      name: "tuning",
      market: { price: { model: "gbm", initial: 2000, volatility: 0.6 }, ...market },
      chain: { fee, gasUnits: 100_000 },
      book: { legs: [{ type: "call", quantity: -1 }] },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "spot", kind: "spot", takerFeeBps: 5, specification: "on-chain-ideal" }],
      maturityDays: 1,
      stepSeconds: 3600,
      decisionInterval: "4h",
    },
    objective: { name: "mean-plus-sd", k: 1.5 },
    tune: { episodes: EPISODES, trials: 30 },
  });
}

const FEE = { model: "eip1559", preset: "l1", medianGwei: 20 };
const toxic = experimentOf({ flow: {} }, FEE);
const plain = experimentOf({}, FEE);
const still = experimentOf({}, { model: "constant", gwei: 10 });
const arenaOf = (experiment: Experiment) => new Arena(experiment, "train", 5, { series: {} }, 8);

function objectiveAt(arena: Arena, experiment: Experiment, id: string, params: Record<string, number>): number {
  const rule = createBaseline(id, params, arena.env.context);
  return objectiveOf(experiment.objective, arena.play(rule, 0, EPISODES).costs);
}

describe("The tuned composite band", () => {
  it("starts from gas-aware alone where there is no flow, as it always did", () => {
    const { context } = arenaOf(plain).env;
    const plan = planOf("composite", context);
    expect([plan.nested, plan.warm, plan.local]).toEqual([["gas-aware"], 1, false]);
    expect(trialsOf({ ...plain, tune: { ...plain.tune, trials: undefined } }, plan)).toBe(12 + 48 * 11 + 5);
    expect(trialsOf(plain, plan, 2)).toBe(5 + 2);
  });

  it("starts from gas-aware and toxicity-aware where there is flow, is no worse than either, and pays for both", () => {
    const arena = arenaOf(toxic);
    const { context } = arena.env;
    const plan = planOf("composite", context);
    expect([plan.nested, plan.warm, plan.local]).toEqual([["gas-aware", "toxicity-aware"], 3, true]);
    const composite = tuneBaseline(arena, toxic, "composite", clock);
    const nested = plan.nested.map((id) => tuneBaseline(arena, toxic, id, clock));
    for (const rule of nested) {
      const embedded = embedParams("composite", rule.id, rule.params, context)!;
      expect(objectiveAt(arena, toxic, "composite", embedded)).toBeCloseTo(rule.objective, 9);
      expect(composite.objective).toBeLessThanOrEqual(objectiveAt(arena, toxic, "composite", embedded));
    }
    expect(objectiveAt(arena, toxic, "composite", composite.params)).toBe(composite.objective);
    expect(composite.budget.trials).toBe(30 + nested[0]!.budget.trials + nested[1]!.budget.trials);
    expect(composite.budget.steps).toBeGreaterThan(nested[0]!.budget.steps + nested[1]!.budget.steps);
    // Whoever was tuned before: the same parameters.
    expect(tuneBaseline(arenaOf(toxic), toxic, "composite", clock)).toEqual(composite);
  });
});

describe("The tuned hindsight", () => {
  it("is no worse than the composite band, pays for it, and plays as it was tuned", () => {
    const arena = arenaOf(toxic);
    const composite = tuneBaseline(arena, toxic, "composite", clock);
    const hindsight = HINDSIGHT_ORACLE.tune(arena, toxic, clock, {});
    expect(hindsight.objective).toBeLessThanOrEqual(composite.objective);
    expect(Object.keys(hindsight.params).slice(0, 4)).toEqual([
      "transientLean",
      "transientPosition",
      "gasWaitBelow",
      "gasWaitMultiple",
    ]);
    expect(hindsight.budget.trials).toBe(30 + composite.budget.trials);
    const { costs } = arena.play(HINDSIGHT_ORACLE.policy(hindsight.params, arena, toxic), 0, EPISODES);
    expect(objectiveOf(toxic.objective, costs)).toBe(hindsight.objective);
  });

  it("knows only gas where no move is transient, and does not exist where there is nothing to know", () => {
    const { context } = arenaOf(plain).env;
    const names = HINDSIGHT_ORACLE.plan!(plain, context).tunable.dimensions.map((d) => d.name);
    expect(names.slice(0, 3)).toEqual(["gasWaitBelow", "gasWaitMultiple", "halfWidth"]);
    expect(() => expectOracle("hindsight", still, arenaOf(still).env.context)).toThrow(/nothing to know/);
    const unmoved = experimentOf({ flow: { transientBps: 0 } }, { model: "none" });
    expect(() => expectOracle("hindsight", unmoved, arenaOf(unmoved).env.context)).toThrow(/nothing to know/);
    // Gas that moves, but is not paid by who trades off chain.
    const offChain = structuredClone(plain);
    offChain.scenario.slots[0]!.specification = "ideal";
    expect(() => expectOracle("hindsight", offChain, context)).toThrow(/nothing to know/);
  });
});
