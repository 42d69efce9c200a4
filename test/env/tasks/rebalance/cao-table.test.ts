import { describe, expect, it } from "vitest";
import { RebalanceEnv } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario } from "../../../../env/tasks/rebalance/scenario.ts";
import { caoDelta, caoPaths } from "../../../golden/cao.ts";
import { intents } from "./scenarios.ts";

const EPISODES = 20_000;

/** Costs of rehedging to the Black-Scholes delta at every decision, % of premium. */
function deltaHedge(maturityDays: number, rebalanceDays: number): Float64Array {
  const env = new RebalanceEnv({
    scenario: parseScenario({
      name: "cao",
      market: { price: { model: "gbm", initial: 100, drift: 0.05, volatility: 0.2 } },
      book: { legs: [{ type: "call", quantity: -1 }] },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "stock", kind: "spot", takerFeeBps: 100 }],
      daysPerYear: 250,
      maturityDays,
      rebalanceDays,
      stepSeconds: 86400,
    }),
    numEnvs: EPISODES,
    split: "test",
    seed: 20210101,
    unit: "pctPremium",
    autoresetMode: "disabled",
  });
  env.reset({ seed: 20210101 });
  const { width } = env.extractor;
  while (env.finished[0] === 0) env.step(intents(env, (b) => -env.features[b * width + 1]!));
  return env.outcome.cost;
}

describe("Delta hedging in the setting of Cao et al. (8 comparisons at 4 standard errors: false alarm 5e-4)", () => {
  it.each(caoDelta)("has the published mean and deviation: $maturityDays days, every $rebalanceDays", (row) => {
    const cost = deltaHedge(row.maturityDays, row.rebalanceDays);
    const mean = cost.reduce((a, c) => a + c, 0) / EPISODES;
    const variance = cost.reduce((a, c) => a + (c - mean) ** 2, 0) / (EPISODES - 1);
    const fourth = cost.reduce((a, c) => a + (c - mean) ** 4, 0) / EPISODES;
    const sd = Math.sqrt(variance);
    // Both sides are simulations: errors of n and of 400,000 paths, the deviation's by its influence function.
    const per = Math.sqrt(1 / EPISODES + 1 / caoPaths);
    const meanError = sd * per;
    const sdError = (Math.sqrt(fourth - variance * variance) / (2 * sd)) * per;
    expect(Math.abs(mean - row.mean) / meanError).toBeLessThan(4);
    expect(Math.abs(sd - row.sd) / sdError).toBeLessThan(4);
  });
});
