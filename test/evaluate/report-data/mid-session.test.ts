import { describe, expect, it } from "vitest";
import { parseScenario, usualVolatility } from "../../../env/tasks/rebalance/scenario.ts";
import { SimulatedMarket } from "../../../env/tasks/rebalance/simulated-market.ts";
import { featureIndex } from "../../../src/core/contracts/features.ts";
import { experimentSchema } from "../../../src/evaluate/experiment.ts";
import { midSession } from "../../../src/evaluate/report-data/mid-session.ts";
import { allOn } from "../../env/tasks/rebalance/flow-scenarios.ts";

const experiment = experimentSchema.parse({
  kind: "demo",
  scenario: allOn({ maturityDays: 1, book: { legs: [{ type: "call", quantity: -5, maturityDays: 2 }] } }),
});

describe("The middle of a session with flow, an oracle and an interface", () => {
  const states = [{ ratio: 1, baseFeeGwei: 20 }];
  const env = midSession({ experiment, split: "select", initialPrice: 2000, usualFeeGwei: 20, states });
  const at = featureIndex(env.extractor.schema);
  const feature = (name: string) => env.features[at[name]!]!;

  it("has a tape without news: nothing leans to a side, and the venue is as usual", () => {
    for (const name of ["imbalance_fast", "imbalance_slow", "kyle_lambda", "depth", "spread_state"])
      expect(feature(name), name).toBe(0);
    expect(feature("trade_rate")).toBeCloseTo(0, 12);
    expect(feature("vpin")).toBe(0.3);
    expect([feature("oracle_deviation_bps"), feature("oracle_updated"), feature("api_up")]).toEqual([0, 0, 1]);
  });

  it("has the realised volatility that news and flow have together, and the bulk VPIN of flow without information", () => {
    const scenario = parseScenario(experiment.scenario as never);
    const market = new SimulatedMarket({ scenario, batch: 1, seed: 2, split: "train" });
    const { stepsPerDecision, secondsPerYear, decisionSeconds } = env.timing;
    let [squares, decisions, bulk] = [0, 0, 0];
    for (let e = 0; e < 60; e++) {
      market.start(0, e);
      let last = 2000;
      for (let step = 0; step < market.steps; step++) {
        market.advance(0, step);
        if ((step + 1) % stepsPerDecision !== 0) continue;
        squares += Math.log(market.frame.price[0]! / last) ** 2;
        bulk += market.frame.vpinBulk[0]!;
        decisions++;
        last = market.frame.price[0]!;
      }
    }
    const realised = Math.sqrt(((squares / decisions) * secondsPerYear) / decisionSeconds);
    expect(realised).toBeGreaterThan(1.2 * usualVolatility(scenario.market.price));
    expect(feature("realised_volatility_fast") / realised).toBeGreaterThan(0.85);
    expect(feature("realised_volatility_fast") / realised).toBeLessThan(1.15);
    expect(Math.abs(feature("vpin_bulk") - bulk / decisions)).toBeLessThan(0.1);
  });
});
