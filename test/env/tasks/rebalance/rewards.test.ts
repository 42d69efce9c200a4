import { describe, expect, it } from "vitest";
import { PART } from "../../../../env/tasks/rebalance/ledger.ts";
import type { RebalanceEnv, RebalanceOptions } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { costShape, decisionReward, type RewardShape } from "../../../../env/tasks/rebalance/reward.ts";
import type { ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { environment, intents, straddle } from "./scenarios.ts";

const SHAPES: RewardShape[] = [
  { name: "mean-plus-sd", k: 1.5, centre: 80, spread: 60 },
  { name: "entropic", riskAversion: 0.01, centre: 80 },
  { name: "cvar", level: 0.95, centre: 120 },
];

/** Rewards of one episode of half the hedge at every decision. */
function episode(
  changes: Partial<ScenarioInput>,
  options: Partial<RebalanceOptions> = {},
): { env: RebalanceEnv; rewards: number[] } {
  const env = environment(straddle({ slots: [{ name: "spot", kind: "spot", takerFeeBps: 5 }], ...changes }), {
    autoresetMode: "disabled",
    ...options,
  });
  env.reset({ seed: 2 });
  const rewards: number[] = [];
  while (env.finished[0] === 0) rewards.push(env.step(intents(env, () => -env.features[1]! * 5)).rewards[0]!);
  return { env, rewards };
}
const NOTHING = { paid: 0, variance: 0 };
const sum = (x: readonly number[]) => x.reduce((a, v) => a + v, 0);

describe("The terminal reward", () => {
  it.each(SHAPES)("sums to the fall of $name from a cost of 0 to the episode's cost", (rewardShape) => {
    const { env, rewards } = episode({ reward: { name: "terminal" } }, { rewardShape });
    const cost = env.outcome.cost[0]!;
    expect(Math.abs(cost)).toBeGreaterThan(1);
    expect(sum(rewards)).toBeCloseTo(costShape(rewardShape, 0) - costShape(rewardShape, cost), 9);
  });

  it("has shapes that are convex in cost and rise with it where losses are", () => {
    for (const shape of SHAPES)
      for (let c = 90; c < 400; c += 10) {
        const [a, b, d] = [c - 5, c, c + 5].map((x) => costShape(shape, x));
        expect(d!).toBeGreaterThanOrEqual(b!);
        expect(a! + d! - 2 * b!).toBeGreaterThanOrEqual(-1e-9);
      }
  });

  it("has for mean plus deviation the slope of the functional at its centre", () => {
    // d/dc [c + k (c - m)^2 / (2 s)] = 1 + k (c - m) / s: the influence of one cost on mean + k sd.
    const slope = (c: number) => (costShape(SHAPES[0]!, c + 1e-4) - costShape(SHAPES[0]!, c - 1e-4)) / 2e-4;
    expect(slope(80)).toBeCloseTo(1, 6);
    expect(slope(140)).toBeCloseTo(2.5, 6);
  });
});

describe("The wealth reward", () => {
  it("is the gain less the penalty on its square, the scenario's penalty before the trainer's", () => {
    const plain = episode({}).rewards;
    expect(sum(plain)).toBeCloseTo(-episode({}).env.outcome.cost[0]!, 9);
    const trainer = episode({}, { riskPenalty: 0.01 }).rewards;
    const scenario = episode({ reward: { name: "wealth", riskPenalty: 0.02 } }, { riskPenalty: 0.01 }).rewards;
    for (const [i, g] of plain.entries()) {
      expect(trainer[i]).toBeCloseTo(g - 0.01 * g * g, 9);
      expect(scenario[i]).toBeCloseTo(g - 0.02 * g * g, 9);
    }
  });
});

describe("The bounds reward", () => {
  const bounds = { delta: 0.02, gammaPercent: 0.1 };

  it("takes the weighted relative excess of exposures, and counts the decisions outside", () => {
    const { env, rewards } = episode({ reward: { name: "bounds", weight: 3 }, bounds });
    const gains = episode({ bounds }).rewards;
    const check = environment(straddle({ slots: [{ name: "spot", kind: "spot", takerFeeBps: 5 }], bounds }), {
      autoresetMode: "disabled",
    });
    check.reset({ seed: 2 });
    let outside = 0;
    for (const [i, reward] of rewards.entries()) {
      check.step(intents(check, () => -check.features[1]! * 5));
      const [delta, gamma] = [Math.abs(check.features[1]!), Math.abs(check.features[3]!)];
      const last = i === rewards.length - 1;
      const excess = last ? 0 : Math.max(0, delta / 0.02 - 1) + Math.max(0, gamma / 0.1 - 1);
      if (excess > 0) outside++;
      expect(reward).toBeCloseTo(gains[i]! - 3 * excess, 9);
    }
    expect(outside).toBeGreaterThan(0);
    expect(env.outcome.outsideBounds[0]).toBeCloseTo(outside / rewards.length, 12);
  });

  it("is a plain function of the profits before and after", () => {
    expect(decisionReward({ name: "bounds", weight: 2 }, undefined, 9, 10, 13, 0.5, NOTHING)).toBe(2);
    expect(decisionReward({ name: "wealth" }, undefined, 0.5, 10, 12, 7, NOTHING)).toBe(0);
    expect(decisionReward({ name: "terminal" }, undefined, 9, 10, 13, 7, NOTHING)).toBe(3);
  });
});

describe("The expected-risk reward", () => {
  const chain = { fee: { model: "constant", gwei: 20 } } as const;
  const slots: ScenarioInput["slots"] = [
    { name: "perpetual", kind: "perpetual", specification: "dex-spot-5bps", fundingRate8h: 1e-4, halfSpreadBps: 2 },
  ];

  it("is minus costs less funding, minus the penalty on the variance of the delta held at mark volatility", () => {
    const input = { chain, slots, decisionInterval: "2h", maturityDays: 0.5 } as const;
    const riskPenalty = 0.03;
    const { rewards } = episode({ ...input, reward: { name: "expected-risk" } }, { riskPenalty });
    const env = environment(straddle(input), { autoresetMode: "disabled" });
    env.reset({ seed: 2 });
    let paidBefore = 0;
    for (const reward of rewards) {
      const [spot, delta, volatility] = [env.features[0]!, env.features[1]!, env.features[6]!];
      const position = env.ledger.position[0]!;
      env.step(intents(env, () => -delta * 5));
      const { fees, gas, slippage } = env.ledger.totals;
      const paid = fees[0]! + gas[0]! + slippage[0]! - env.ledger.attribution[PART.funding]!;
      // Half of the exposure was traded away; the last decision's position is gone after the unwind.
      const traded = env.finished[0] === 1 ? -delta * 5 : env.ledger.position[0]! - position;
      const held = (delta * 10 + traded) * spot * volatility;
      const variance = (held / env.unitUsd(0)) ** 2 * (2 / 24 / 365);
      const expected = -(paid - paidBefore) / env.unitUsd(0) - riskPenalty * variance;
      expect(Math.abs(reward - expected)).toBeLessThan(1e-6 * Math.abs(expected) + 1e-9);
      paidBefore = paid;
    }
  });

  it("does not feel the path: without trades and funding it is the penalty alone", () => {
    const env = environment(straddle({ reward: { name: "expected-risk", riskPenalty: 0 } }), { numEnvs: 20 });
    env.reset({ seed: 1 });
    for (let d = 0; d < 20; d++)
      for (const reward of env.step(intents(env, () => 0)).rewards) expect(reward).toBeCloseTo(0, 12);
  });
});

describe("Units", () => {
  it("state costs in bps of notional, or in percent of the premium", () => {
    const bps = episode({}).env;
    const premium = episode({}, { unit: "pctPremium" }).env;
    expect(bps.unitUsd(0)).toBeCloseTo((10 * 2000) / 1e4, 12);
    expect(premium.unitUsd(0)).toBeCloseTo(premium.ledger.premium[0]! / 100, 12);
    expect(bps.outcome.cost[0]! * bps.unitUsd(0)).toBeCloseTo(premium.outcome.cost[0]! * premium.unitUsd(0), 9);
  });
});
