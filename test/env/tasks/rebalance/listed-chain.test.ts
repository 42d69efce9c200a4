import { describe, expect, it } from "vitest";
import { checkEnv } from "../../../../env/core/check-env.ts";
import { checkLeakage } from "../../../../env/core/check-leakage.ts";
import { black76 } from "../../../../env/options/black-76.ts";
import { CHAIN_YEAR_SECONDS } from "../../../../env/options/surface.ts";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import type { ScenarioData } from "../../../../env/tasks/rebalance/scenario-data.ts";
import { rebalance, rebalanceVector } from "../../../../env/tasks/rebalance/trade-actions.ts";
import { chainOf, chainRow, expiryOn } from "../../../support/synthetic-chain.ts";
import { environment, intents } from "./scenarios.ts";

const STEPS = 8;
const START = Date.UTC(2026, 0, 5, 9) / 1000;
/** Six hours apart, some minutes off; forwards and volatilities that move. */
const timeOf = (n: number) => START + n * 21_600 + (n % 4) * 300;
const forwardOf = (n: number) => 3000 * (1 + 0.03 * Math.sin(1.7 * n));
const volatilityOf = (n: number, strike: number) => 0.7 + 0.02 * Math.cos(n) + (strike / 3000 - 1) ** 2;
const EXPIRY = expiryOn(1, 16);

const chain = chainOf(
  Array.from({ length: 24 }, (_, n) =>
    Array.from({ length: 16 }, (_, i) => 2600 + 50 * i).flatMap((strike) =>
      (["C", "P"] as const).map((side) => {
        const [forward, volatility] = [forwardOf(n), volatilityOf(n, strike)];
        return chainRow({ time: timeOf(n), expiry: EXPIRY, strike, side, forward, volatility });
      }),
    ),
  ).flat(),
);
const data: ScenarioData = { series: { chain } };

const LISTED: ScenarioInput = {
  name: "listed",
  market: { price: { model: "listed", series: "chain", volatility: 0.6 } },
  chain: { fee: { model: "none" } },
  book: {
    legs: [
      { type: "call", quantity: -5, maturityDays: 10 },
      { type: "put", quantity: -3, moneyness: 0.95, maturityDays: 10 },
    ],
  },
  account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
  slots: [{ name: "forward", kind: "perpetual" }],
  maturityDays: STEPS / 4,
  stepSeconds: 21_600,
  decisionInterval: "6h",
  terminal: "mark",
};

/** USD value and delta of one leg at snapshot n, from the chain's own marks. */
function leg(type: "call" | "put", strike: number, n: number) {
  const years = (EXPIRY.seconds - timeOf(n)) / CHAIN_YEAR_SECONDS;
  const q = [...chain.strike.keys()].find(
    (i) =>
      i >= chain.firstQuote[n]! &&
      i < chain.firstQuote[n + 1]! &&
      chain.strike[i] === strike &&
      chain.sign[i] === (type === "call" ? 1 : -1),
  )!;
  const { delta } = black76({ type, forward: chain.forward[q]!, strike, volatility: chain.markVolatility[q]!, years });
  return { value: chain.mark[q]! * chain.forward[q]!, delta };
}

/** The strike nearest to a price, listed every 50. */
const listed = (price: number) => Math.round(price / 50) * 50;

describe("The rebalance task on a recorded chain", () => {
  const options = { scenario: parseScenario(LISTED), split: "train", data } as const;

  it("keeps the contract of an environment and shows nothing of the future", () => {
    expect(checkEnv(() => rebalance(options))).toEqual([]);
    expect(checkLeakage(() => rebalanceVector(options, 3, "same-step"))).toEqual([]);
  });

  it.each([false, true])("earns what the chain's own marks and forwards say (hedged: %s)", (hedged) => {
    const env = environment(LISTED, { data });
    for (let window = 0; window < 2; window++) {
      const first = window * STEPS;
      env.reset({ seed: 1, options: { firstEpisode: window } });
      const [call, put] = [listed(forwardOf(first)), listed(0.95 * forwardOf(first))];
      const book = (n: number) => {
        const [c, p] = [leg("call", call, n), leg("put", put, n)];
        return { value: -5 * c.value - 3 * p.value, delta: -5 * c.delta - 3 * p.delta };
      };
      let profit = book(first + STEPS).value - book(first).value;
      let held = 0;
      for (let n = first; n < first + STEPS; n++) {
        const target = hedged ? -book(n).delta : 0;
        env.step(intents(env, () => target - held));
        held = target;
        profit += held * (forwardOf(n + 1) - forwardOf(n));
      }
      expect(env.finished[0]).toBe(1);
      // Costs are basis points of the notional of 8 options; marks are recorded to 8 decimals of a coin.
      const unit = (8 * forwardOf(first)) / 1e4;
      expect(-env.outcome.cost[0]! * unit).toBeCloseTo(profit, 2);
      expect(Math.abs(profit)).toBeGreaterThan(10);
    }
  });

  it("resolves an option slot on the chain and earns its own marks, less half a spread in vol points", () => {
    const scenario: ScenarioInput = {
      ...LISTED,
      slots: [
        { name: "forward", kind: "perpetual" },
        {
          name: "wing",
          kind: "option",
          halfSpreadVolPoints: 1,
          option: { type: "put", moneyness: 0.9, maturityDays: 10 },
        },
      ],
    };
    const env = environment(scenario, { data });
    const idle = environment(scenario, { data });
    for (const e of [env, idle]) e.reset({ seed: 1, options: { firstEpisode: 0 } });
    const strike = listed(0.9 * forwardOf(0));
    expect(env.observation.slotStrike[1]).toBe(strike);
    expect(env.observation.slotVolatility[1]).toBeCloseTo(volatilityOf(0, strike), 6);
    for (let n = 0; n < STEPS; n++) {
      env.step(intents(env, (_, slot) => (slot === 1 && n === 0 ? 4 : 0)));
      idle.step(intents(idle, () => 0));
    }
    const [first, last] = [leg("put", strike, 0), leg("put", strike, STEPS)];
    const years = (EXPIRY.seconds - timeOf(0)) / CHAIN_YEAR_SECONDS;
    const { vega } = black76({
      type: "put",
      forward: forwardOf(0),
      strike,
      volatility: volatilityOf(0, strike),
      years,
    });
    const unit = (8 * forwardOf(0)) / 1e4;
    const earned = (idle.outcome.cost[0]! - env.outcome.cost[0]!) * unit;
    expect(Math.abs(earned - 4 * (last.value - first.value - 0.01 * vega))).toBeLessThan(0.02);
  });

  it("refuses an option slot of another maturity than the legs'", () => {
    const option = { type: "put", moneyness: 0.9, maturityDays: 3 } as const;
    const slots = [
      { name: "forward", kind: "perpetual" },
      { name: "wing", kind: "option", option },
    ] as const;
    expect(() => parseScenario({ ...LISTED, slots: [...slots] })).toThrow("Expected the legs' 10");
  });
});
