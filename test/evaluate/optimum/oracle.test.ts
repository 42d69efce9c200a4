import { describe, expect, it } from "vitest";
import type { ScenarioInput } from "../../../env/tasks/rebalance/scenario.ts";
import { featureIndex } from "../../../src/core/contracts/features.ts";
import { INTENT_WIDTH, writeTrade } from "../../../src/core/contracts/intent.ts";
import type { Policy } from "../../../src/core/contracts/policy.ts";
import { type Experiment, experimentSchema } from "../../../src/evaluate/experiment.ts";
import { JobRunner } from "../../../src/evaluate/jobs.ts";
import { objectiveOf } from "../../../src/evaluate/objectives.ts";
import { DP_OPTIMUM, policyOf } from "../../../src/evaluate/optimum/oracle.ts";
import { terminalCost, tradeCost } from "../../../src/evaluate/optimum/problem.ts";
import { scenarioProblem, whyNoOptimum } from "../../../src/evaluate/optimum/scenario-problem.ts";
import { solveOptimum } from "../../../src/evaluate/optimum/solve.ts";
import { isOracle, oracleIds } from "../../../src/evaluate/oracles.ts";
import { Arena } from "../../../src/evaluate/rollout.ts";

const clock = { monotonicSeconds: () => 0, wallMilliseconds: () => 0 };

function experiment(scenario: Partial<ScenarioInput> = {}, other: Record<string, unknown> = {}): Experiment {
  return experimentSchema.parse({
    kind: "validation",
    scenario: {
      name: "small",
      market: { price: { model: "gbm", initial: 100, drift: 0.05, volatility: 0.2 } },
      book: { legs: [{ type: "call", quantity: -2 }] },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "stock", kind: "spot", takerFeeBps: 50, halfSpreadBps: 20 }],
      daysPerYear: 250,
      maturityDays: 8,
      rebalanceDays: 1,
      stepSeconds: 86_400,
      ...scenario,
    },
    objective: { name: "entropic", riskAversion: 0.02 },
    unit: "pctPremium",
    ...other,
  });
}

/** Trades at random, and adds the same trades up as the problem accounts for them. */
function shadowed(e: Experiment): { ledger: Float64Array; problem: Float64Array } {
  const p = scenarioProblem(e.scenario, e.unit);
  const arena = new Arena(e, "test", 3, { series: {} }, 8);
  const at = featureIndex(arena.env.context.schema);
  const width = arena.env.context.schema.features.length;
  const held = new Float64Array(8);
  const cost = new Float64Array(8).fill(-p.premium * p.growth[0]!);
  const last = new Float64Array(8);
  let t = 0;
  const move = (b: number, price: number) => {
    if (t === 0) return;
    const [g0, g1] = [p.growth[t - 1]!, p.growth[t]!];
    cost[b]! -= p.carry * held[b]! * (price * g1 - last[b]! * (g0 - p.income[t - 1]! * g1));
  };
  const policy: Policy = {
    id: "random",
    memoryWidth: 0,
    maskWidth: 0,
    requires: [],
    decide(batch, features, _available, _memory, _mask, out) {
      for (let b = 0; b < batch; b++) {
        const price = features[b * width + at.spot!]!;
        move(b, price);
        const change = (t + b) % 3 === 0 ? 0 : Math.sin(17 * t + 5 * b);
        cost[b]! += tradeCost(p, change, price) * p.growth[t]!;
        held[b]! += change;
        last[b] = price;
        writeTrade(out, b * INTENT_WIDTH, 0, change);
      }
      t++;
    },
  };
  const table = arena.play(policy, 0, 8);
  for (let b = 0; b < 8; b++) {
    const price = arena.env.ledger.price[b]!;
    move(b, price);
    cost[b] = (cost[b]! + terminalCost(p, held[b]!, price)) / p.unitUsd;
  }
  return { ledger: table.costs, problem: cost };
}

describe("scenarioProblem", () => {
  const gbm = { model: "gbm", initial: 100, drift: 0.05, volatility: 0.2 } as const;
  const cases: Record<string, Partial<ScenarioInput>> = {
    "a short call, unwound": {},
    "a straddle with interest and a dividend, settled": {
      market: { price: gbm, rate: 0.3, dividendYield: 0.4, impliedVolatility: { model: "constant", volatility: 0.3 } },
      book: {
        legs: [
          { type: "call", quantity: -1 },
          { type: "put", quantity: -2, moneyness: 1.02 },
        ],
      },
      terminal: "settle",
    },
    "a long put that lives on, marked": {
      book: { legs: [{ type: "put", quantity: 3, maturityDays: 20 }] },
      terminal: "mark",
    },
    "a perpetual above its index": {
      slots: [{ name: "perpetual", kind: "perpetual", takerFeeBps: 5, halfSpreadBps: 3, basisBps: 40 }],
    },
    "gas in the underlying, and a last interval that is shorter": {
      chain: { fee: { model: "constant", gwei: 30 }, nativePriceUsd: "underlying" },
      slots: [{ name: "dex", kind: "spot", specification: "dex-spot-5bps" }],
      rebalanceDays: 3,
    },
    "gas in dollars": {
      chain: { fee: { model: "constant", gwei: 30 }, nativePriceUsd: 2000, priorityFeeGwei: 1 },
      slots: [{ name: "dex", kind: "spot", specification: "dex-spot-5bps" }],
    },
  };
  for (const [name, scenario] of Object.entries(cases))
    it(`accounts as the ledger does: ${name}`, () => {
      const e = experiment(scenario);
      expect(whyNoOptimum(e.scenario)).toBeUndefined();
      const { ledger, problem } = shadowed(e);
      // Lots of a millionth are rounded by the ledger only.
      for (let b = 0; b < 8; b++) expect(Math.abs(ledger[b]! - problem[b]!)).toBeLessThan(2e-3);
    });

  it("says in one sentence why a scenario has no optimum", () => {
    const why = (scenario: Partial<ScenarioInput>) => whyNoOptimum(experiment(scenario).scenario);
    const slot = { name: "stock", kind: "spot" } as const;
    expect(why({ slots: [{ ...slot, impactCoefficient: 1 }] })).toContain("impact");
    expect(why({ slots: [slot, { name: "other", kind: "spot" }] })).toContain("more than one slot");
    expect(why({ slots: [{ name: "inverse", kind: "inverse-perpetual" }] })).toContain("inverse-perpetual");
    expect(why({ account: { numeraire: "coin", collateral: "coin", deltaConvention: "bs" } })).toContain("coin");
    expect(why({ chain: { inclusionBlocks: 1 } })).toContain("later than it is decided");
    expect(
      why({ chain: { fee: { model: "eip1559" } }, slots: [{ ...slot, specification: "dex-spot-5bps" }] }),
    ).toContain("gas is random");
    expect(why({ market: { price: gbm, impliedVolatility: { model: "mean-reverting", volatility: 0.2 } } })).toContain(
      "mark volatility moves",
    );
    expect(why({ book: { legs: [{ type: "call", quantity: -1, maturityDays: 2 }] } })).toContain("expires before");
    expect(why({ slots: [{ name: "p", kind: "perpetual", fundingRate8h: 1e-4 }] })).toContain("funding");
    expect(why({ market: { price: { model: "file", series: "x", volatility: 1 } } })).toContain("known volatility");
  });
});

describe("dp-optimum", () => {
  it("is offered where it exists, refused with its reason elsewhere", () => {
    const e = experiment();
    const runner = new JobRunner({ experiment: e, series: {} }, clock);
    const { context } = runner.arena("test", 1).env;
    expect(isOracle("dp-optimum")).toBe(true);
    expect(oracleIds(e, context)).toContain("dp-optimum");
    const other = experiment({ chain: { inclusionBlocks: 1 } });
    expect(oracleIds(other, context)).not.toContain("dp-optimum");
    const refused = new JobRunner({ experiment: other, series: {} }, clock);
    expect(() => refused.run({ kind: "tune", id: "dp-optimum" })).toThrow(
      "There is no dp-optimum for small: a trade is included later than it is decided",
    );
  });

  it("costs in simulation what its recursion says, and less than delta hedging or nothing, on the same episodes", () => {
    const e = experiment({}, { tune: { episodes: 400 } });
    const runner = new JobRunner({ experiment: e, series: {} }, clock);
    const { params } = runner.run({ kind: "tune", id: "dp-optimum" });
    expect(params).toEqual({});
    const play = (id: string) =>
      runner.run({ kind: "play", id, params: {}, split: "test", seed: 1, from: 0, episodes: 4000 });
    const own = play("dp-optimum");
    const value = solveOptimum(scenarioProblem(e.scenario, e.unit), 0.02).value;
    const objective = objectiveOf(e.objective, own.costs);
    // Delta method: sd of exp(a c) / (a mean sqrt(n)).
    const weights = own.costs.map((c) => Math.exp(0.02 * (c - objective)));
    const sd = Math.sqrt(weights.reduce((s, w) => s + (w - 1) ** 2, 0) / weights.length);
    expect(Math.abs(objective - value)).toBeLessThan((4 * sd) / (0.02 * Math.sqrt(own.costs.length)));
    for (const rival of ["delta", "never"])
      expect(objectiveOf(e.objective, play(rival).costs)).toBeGreaterThan(objective);
  });

  it("is the best of its family for another objective, and says so", () => {
    const e = experiment({}, { objective: { name: "mean-plus-sd", k: 1.5 }, tune: { episodes: 200, trials: 8 } });
    const runner = new JobRunner({ experiment: e, series: {} }, clock);
    const tuned = runner.run({ kind: "tune", id: "dp-optimum" });
    expect(tuned.params.riskAversion).toBeGreaterThan(0);
    expect(tuned.budget.trials).toBeLessThanOrEqual(8);
    expect(DP_OPTIMUM.note!(tuned.params, e)).toContain("best of the entropic family over risk aversion");
    const arena = runner.arena("train", e.compare.seed);
    const far = policyOf(solveOptimum(scenarioProblem(e.scenario, e.unit), 1), e.scenario, arena.env.context);
    expect(tuned.objective).toBeLessThan(objectiveOf(e.objective, arena.play(far, 0, 200).costs));
  });
});
