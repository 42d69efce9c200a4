import type { ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";

type Price = ScenarioInput["market"]["price"];

/** Every price model that is simulated. */
export const PRICES: Readonly<Record<string, Price>> = {
  gbm: { model: "gbm", initial: 2000, volatility: 0.6 },
  heston: { model: "heston", initial: 2000, initialVolatility: 0.5, longRunVolatility: 0.7, volOfVol: 1.5 },
  bates: { model: "bates", initial: 2000, initialVolatility: 0.5, longRunVolatility: 0.5, jumpsPerYear: 400 },
  "regime-switching": {
    model: "regime-switching",
    initial: 2000,
    tick: 0.01,
    regimes: [
      { name: "calm", volatility: 0.3, meanHours: 2, next: [0, 0.7, 0.3] },
      { name: "normal", volatility: 0.6, meanHours: 1, next: [0.5, 0, 0.5] },
      { name: "stress", volatility: 1.4, meanHours: 0.5, next: [0.2, 0.8, 0] },
    ],
  },
};

export const EXECUTIONS: Readonly<Record<string, NonNullable<ScenarioInput["execution"]>>> = {
  autonomous: { generation: "autonomous" },
  keeper: { generation: "keeper", deltaThreshold: 0.1, interval: "2h", onOracleUpdate: true, maxGwei: 60 },
  script: { generation: "script", meanUpHours: 3, meanDownMinutes: 60 },
};

/**
 * Flow, liquidity, oracle, fees that follow the flow, an auction for block space, a linear and an option slot. Five simulation steps a decision, which do
 * not divide the 96 steps of the episode: the last decision is shorter.
 */
export function allOn(changes: Partial<ScenarioInput> & { price?: Price } = {}): ScenarioInput {
  const { price = PRICES["regime-switching"]!, ...rest } = changes;
  return {
    name: "all-on",
    market: {
      price,
      flow: {
        tradesPerHour: 60,
        branching: 0.4,
        decayMinutes: 2,
        transientBps: 5,
        toxicity: { bucketsPerDay: 200, buckets: 10, slowHalfLifeMinutes: 60 },
      },
      liquidity: { consumption: 0.2 },
      rate: 0.02,
    },
    chain: {
      fee: { model: "eip1559", medianGwei: 30, flowCoupling: 0.2, volatilityCoupling: 0.3, halfLifeHours: 2 },
      inclusion: { medianTipGwei: 2 },
      priorityFeeGwei: 1,
      oracle: { deviationBps: 30, heartbeat: "1h", latency: 30 },
      maxSlippageBps: 60,
      revertProbability: 0.05,
    },
    execution: EXECUTIONS.script!,
    book: {
      legs: [
        { type: "call", quantity: -5, maturityDays: 2 },
        { type: "put", quantity: -5, maturityDays: 0.2 },
      ],
    },
    account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
    slots: [
      {
        name: "pool",
        kind: "spot",
        specification: "dex-spot-5bps",
        halfSpreadBps: 3,
        impactCoefficient: 0.7,
        dailyVolume: 10_000,
        transientFraction: 0.5,
      },
      { name: "option", kind: "option", halfSpreadVolPoints: 1, option: { type: "call", maturityDays: 0.25 } },
    ],
    maturityDays: 1 / 3,
    stepSeconds: 300,
    decisionInterval: 1500,
    ...rest,
  };
}
