import type { MarketSource } from "../../../../env/market/source.ts";
import { RebalanceEnv, type RebalanceOptions } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { INTENT_WIDTH, writeTrade } from "../../../../src/core/contracts/intent.ts";
import type { Series } from "../../../../src/core/contracts/series.ts";
import { Random } from "../../../../src/core/random.ts";

/** A one-day short straddle on a spot hedge, hourly steps; tests change single fields. */
export function straddle(changes: Partial<ScenarioInput> = {}): ScenarioInput {
  return {
    name: "straddle",
    market: { price: { model: "gbm", initial: 2000, volatility: 0.6 } },
    book: {
      legs: [
        { type: "call", quantity: -5 },
        { type: "put", quantity: -5 },
      ],
    },
    account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
    slots: [{ name: "spot", kind: "spot" }],
    maturityDays: 1,
    stepSeconds: 3600,
    decisionInterval: "1h",
    ...changes,
  };
}

/** Everything at once: four kinds of slots, costs, gas, delays, reverts, moving volatility, coin collateral. */
export const EVERYTHING: ScenarioInput = {
  name: "everything",
  market: {
    price: { model: "gbm", initial: 2000, drift: 0.1, volatility: 0.7, tick: 0.01 },
    impliedVolatility: { model: "mean-reverting", volatility: 0.65, correlation: -0.5 },
    rate: 0.03,
    dividendYield: 0.01,
  },
  chain: {
    fee: { model: "eip1559" },
    inclusionBlocks: 2,
    priorityFeeGwei: 1,
    maxSlippageBps: 40,
    revertProbability: 0.05,
  },
  book: {
    legs: [
      { type: "call", quantity: -5 },
      { type: "put", quantity: -3, moneyness: 0.95, maturityDays: 0.5 },
      { type: "call", quantity: 2, moneyness: 1.1, maturityDays: 5 },
    ],
  },
  account: { numeraire: "coin", collateral: "coin", deltaConvention: "netTransaction", collateralCoin: 10 },
  slots: [
    { name: "on-chain", kind: "perpetual", specification: "dex-spot-5bps", halfSpreadBps: 3 },
    {
      name: "perpetual",
      kind: "perpetual",
      specification: "btc-perpetual",
      impactCoefficient: 1,
      dailyVolume: 1e4,
      transientFraction: 0.5,
      fundingRate8h: 1e-4,
      basisBps: 5,
    },
    {
      name: "inverse",
      kind: "inverse-perpetual",
      specification: "btc-inverse-perpetual",
      halfSpreadBps: 1,
      fundingRate8h: -2e-4,
      basisBps: -4,
    },
    {
      name: "option",
      kind: "option",
      specification: "listed-option",
      halfSpreadVolPoints: 1,
      option: { type: "put", moneyness: 1.02, maturityDays: 0.75 },
    },
  ],
  bounds: { delta: 0.1, gammaPercent: 0.05, vegaPercent: 0.001 },
  reward: { name: "bounds", weight: 2 },
  maturityDays: 1,
  stepSeconds: 900,
  decisionInterval: "30m",
};

export function environment(
  input: ScenarioInput,
  options: Partial<Omit<RebalanceOptions, "scenario">> & { source?: MarketSource } = {},
): RebalanceEnv {
  return new RebalanceEnv({ scenario: parseScenario(input), numEnvs: 1, split: "test", seed: 1, ...options });
}

/** One trade a slot for each environment. */
export function intents(env: RebalanceEnv, change: (b: number, s: number) => number): Float64Array {
  const S = env.ledger.slots;
  const out = new Float64Array(env.numEnvs * S * INTENT_WIDTH);
  for (let b = 0; b < env.numEnvs; b++)
    for (let s = 0; s < S; s++) writeTrade(out, (b * S + s) * INTENT_WIDTH, s, change(b, s));
  return out;
}

/** Random trades, about one unit of underlying in size, that depend on (environment's episode, decision, slot) alone. */
export function randomIntents(env: RebalanceEnv, decision: number, firstEpisode: number, seed = 5): Float64Array {
  return intents(env, (b, s) => {
    const random = new Random(seed, `trade/${firstEpisode + b}/${decision}`, s);
    if (random.uniform() < 0.4) return 0;
    const inverse = env.context.slots[s]!.kind === "inverse-perpetual";
    return random.normal() * (inverse ? 200 : 1);
  });
}

/** A recorded series made of a function of the sample's number, one sample every `seconds`. */
export function series(name: string, count: number, seconds: number, value: (i: number) => number): Series {
  return {
    source: `${name}.csv`,
    hash: "",
    unit: "USD",
    times: Float64Array.from({ length: count }, (_, i) => 1_600_000_000 + i * seconds),
    values: Float64Array.from({ length: count }, (_, i) => value(i)),
  };
}
