import { describe, expect, it } from "vitest";
import type { RebalanceEnv, RebalanceOptions } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { environment, intents, straddle } from "./scenarios.ts";

/** A price that goes from 2000 to 2000 e^0.01 in a day, and a book of -5 deltas: calls so deep in the money that nothing moves it. */
const SCENARIO = straddle({
  market: { price: { model: "gbm", initial: 2000, drift: 3.65, volatility: 1e-9 } },
  book: { legs: [{ type: "call", quantity: -5, moneyness: 0.01 }] },
  decisionInterval: "5h",
});

/** Units traded at the decisions at 0, 5, 10, 15 and 20 hours; the last one holds for four hours. */
const TRADES = [2, 4, 0, -1, 1];
/** (-3·5 + 1·5 + 1·5 + 0·5 + 1·4) / 24 units, for a book of 5. */
const EXPOSURE = -1 / 24 / 5;

function run(env: RebalanceEnv, trades: readonly number[]): void {
  for (const change of trades) env.step(intents(env, () => change));
}
const started = (options: Partial<RebalanceOptions> = {}) => {
  const env = environment(SCENARIO, { autoresetMode: "disabled", ...options });
  env.reset({ seed: 1 });
  return env;
};

describe("The record of an episode", () => {
  it("holds the delta after each trade, averaged over time, and the move of the price", () => {
    const env = started();
    run(env, TRADES);
    expect(env.finished[0]).toBe(1);
    expect(env.outcome.exposure[0]).toBeCloseTo(EXPOSURE, 12);
    expect(env.outcome.move[0]).toBeCloseTo(1e4 * (Math.exp(0.01) - 1), 5);
    const held = started();
    run(held, [7, 0, 0, 0, 0]);
    expect(held.outcome.exposure[0]).toBeCloseTo(2 / 5, 12);
    // A constant exposure earns what its record says.
    expect(held.outcome.exposure[0]! * held.outcome.move[0]!).toBeCloseTo(-held.outcome.cost[0]!, 5);
  });

  it("gives the move in the objective's unit", () => {
    const env = started({ unit: "pctPremium" });
    run(env, TRADES);
    // The premium is the forward of five calls struck at 20.
    expect(env.outcome.move[0]).toBeCloseTo((100 * 2000 * (Math.exp(0.01) - 1)) / 1980, 5);
  });

  it("starts every episode from nothing, and goes on where a saved one stopped", () => {
    const env = started({ autoresetMode: "same-step" });
    run(env, [9, 9, 9, 9, 9]);
    run(env, TRADES.slice(0, 3));
    const other = started({ autoresetMode: "same-step" });
    other.loadState(env.saveState());
    for (const e of [env, other]) {
      run(e, TRADES.slice(3));
      expect(e.outcome.exposure[0]).toBeCloseTo(EXPOSURE, 12);
    }
  });
});
