import { describe, expect, it } from "vitest";
import { parseScenario } from "../../env/tasks/rebalance/scenario.ts";
import { SimulatedMarket } from "../../env/tasks/rebalance/simulated-market.ts";
import { experimentSchema } from "../../src/evaluate/experiment.ts";
import { marketFacts } from "../../src/evaluate/market-facts.ts";
import { allOn } from "../env/tasks/rebalance/flow-scenarios.ts";
import { straddle } from "../env/tasks/rebalance/scenarios.ts";

const SMALL = allOn({ slots: [allOn().slots[0]!] });
const made = (scenario: unknown) => experimentSchema.parse({ kind: "demo", scenario });

describe("The facts of a market", () => {
  it("are of its own trades: where there are some, and only there, the market publishes a volume", () => {
    const market = new SimulatedMarket({ scenario: parseScenario(SMALL), batch: 1, seed: 7, split: "train" });
    market.start(0, 3);
    const { buyVolume, sellVolume } = market.frame;
    let [quiet, trades] = [0, 0];
    for (let s = 0; s < market.steps; s++) {
      market.advance(0, s);
      expect(buyVolume[0]! + sellVolume[0]! > 0).toBe(market.trades![0]! > 0);
      trades += market.trades![0]!;
      quiet += Number(market.trades![0] === 0);
    }
    expect(trades).toBeGreaterThan(100);
    expect(quiet).toBeGreaterThan(0);
  });

  it("are the same for the same seed, and score each estimator against each truth", () => {
    const experiment = made(SMALL);
    const facts = marketFacts(experiment, 6, 5);
    expect(marketFacts(experiment, 6, 5)).toEqual(facts);
    expect(facts).toMatchObject({ scenario: "all-on", episodes: 6, seed: 5 });
    expect(facts.toxicity.map((t) => t.truth)).toEqual(["event-on", "informed-volume"]);
    for (const row of facts.facts) if (row.value !== null) expect(Number.isFinite(row.value)).toBe(true);
  });

  it("know of no toxicity without flow, and are refused for recorded prices", () => {
    expect(marketFacts(made(straddle()), 2, 1).toxicity).toEqual([]);
    const market = { price: { model: "file", series: "s", volatility: 0.6 } } as const;
    expect(() => marketFacts(made(straddle({ market })), 2, 1)).toThrow("need a simulated price");
  });
});
