import type { Params } from "../../../agents/baselines/baseline.ts";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario } from "../../../env/tasks/rebalance/scenario.ts";
import { INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { Policy } from "../../../src/core/contracts/policy.ts";

/** The short at-the-money call of Cao, Chen, Hull & Poulos (2021): 1% proportional costs, 250 days a year, costs in % of the premium. */
export function caoEnv(numEnvs: number, rebalanceDays = 1, seed = 1): RebalanceEnv {
  return new RebalanceEnv({
    scenario: parseScenario({
      name: "cao",
      market: { price: { model: "gbm", initial: 100, drift: 0.05, volatility: 0.2 } },
      book: { legs: [{ type: "call", quantity: -1 }] },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "spot", kind: "spot", takerFeeBps: 100 }],
      daysPerYear: 250,
      maturityDays: 20,
      rebalanceDays,
      stepSeconds: 86400,
      decisionInterval: "1d",
    }),
    numEnvs,
    split: "test",
    seed,
    unit: "pctPremium",
  });
}

export interface CostStatistics {
  readonly mean: number;
  readonly sd: number;
  /** mean + 1.5 sd, the paper's objective. */
  readonly objective: number;
  /** Standard errors of mean and objective, the latter by its influence function. */
  readonly meanError: number;
  readonly objectiveError: number;
}

/** Plays one episode in every environment of `env`. */
export function play(env: RebalanceEnv, policy: Policy): CostStatistics {
  const n = env.numEnvs;
  const { features: names } = env.context.schema;
  const available = new Uint8Array(names.length).fill(1);
  const memory = new Float64Array(n * policy.memoryWidth);
  const mask = new Uint8Array(0);
  const out = new Float64Array(n * env.context.slots.length * INTENT_WIDTH);
  env.reset({ options: { firstEpisode: 0 } });
  for (;;) {
    policy.decide(n, env.features, available, memory, mask, out);
    env.step(out);
    if (env.finished[0] === 1) break;
  }
  const cost = env.outcome.cost;
  const mean = cost.reduce((a, c) => a + c, 0) / n;
  const variance = cost.reduce((a, c) => a + (c - mean) ** 2, 0) / (n - 1);
  const sd = Math.sqrt(variance);
  const influence = cost.reduce((a, c) => a + (c - mean + (1.5 * ((c - mean) ** 2 - variance)) / (2 * sd)) ** 2, 0) / n;
  return {
    mean,
    sd,
    objective: mean + 1.5 * sd,
    meanError: sd / Math.sqrt(n),
    objectiveError: Math.sqrt(influence / n),
  };
}

export function playBaseline(env: RebalanceEnv, id: string, params: Params = {}): CostStatistics {
  return play(env, createBaseline(id, params, env.context));
}
