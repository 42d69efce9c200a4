import { describe, expect, it } from "vitest";
import { type MarketFrame, makeFrame } from "../../../../env/market/source.ts";
import { GREEK, GREEK_COUNT } from "../../../../env/options/black-scholes.ts";
import { Ledger, PART, PART_COUNT } from "../../../../env/tasks/rebalance/ledger.ts";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { environment, intents } from "./scenarios.ts";

/** A short call whose premium came in coin, hedged with an inverse perpetual: a book on a coin-margined exchange. */
function coinBook(deltaConvention: "bs" | "netTransaction", stepSeconds = 60): ScenarioInput {
  return {
    name: "coin",
    market: { price: { model: "gbm", initial: 40_000, volatility: 0.6 } },
    book: { legs: [{ type: "call", quantity: -10, maturityDays: 30 }] },
    account: { numeraire: "usd", collateral: "coin", deltaConvention, collateralCoin: 5 },
    slots: [{ name: "inverse", kind: "inverse-perpetual" }],
    maturityDays: 1,
    stepSeconds,
    decisionInterval: stepSeconds,
    terminal: "mark",
  };
}

/** A frame of one environment at this price and a volatility of 60%. */
function frameAt(price: number): MarketFrame {
  const frame = makeFrame(1);
  frame.price[0] = price;
  frame.volatility[0] = 0.6;
  return frame;
}

describe("A coin-settled book, over a small instantaneous move", () => {
  /** Profit less the collateral's own revaluation, per coin of book and per relative move h. */
  function slope(deltaConvention: "bs" | "netTransaction", h: number): number {
    const ledger = new Ledger(parseScenario(coinBook(deltaConvention)), 1);
    ledger.open(0, frameAt(40_000));
    const at = (g: number) => ledger.legGreeks[g]!;
    const premium = deltaConvention === "netTransaction" ? at(GREEK.price) / 40_000 : 0;
    const delta = -10 * (at(GREEK.delta) - premium);
    // Units of 1 USD: delta D coins is D times the price.
    ledger.fill(0, 0, -delta * 40_000, 40_000, 0, false);
    ledger.mark(0, frameAt(40_000 * (1 + h)), 0);
    return (ledger.profit[0]! - ledger.attribution[PART.collateral]!) / (10 * 40_000 * h);
  }

  it("has no first-order P&L when hedged in the net transaction delta", () => {
    // What is left is gamma: it shrinks with the move, and changes sign with it.
    for (const h of [1e-3, 1e-4, 1e-5]) expect(Math.abs(slope("netTransaction", h))).toBeLessThan(3 * h);
    expect(Math.abs(slope("netTransaction", 1e-5) + slope("netTransaction", -1e-5))).toBeLessThan(1e-6);
  });

  it("is left with the premium's worth of delta when hedged in the Black-Scholes delta", () => {
    const ledger = new Ledger(parseScenario(coinBook("bs")), 1);
    ledger.open(0, frameAt(40_000));
    const premiumInCoin = ledger.legGreeks[GREEK.price]! / 40_000;
    expect(premiumInCoin).toBeGreaterThan(0.06);
    for (const h of [1e-4, -1e-4, 1e-5]) expect(slope("bs", h)).toBeCloseTo(premiumInCoin, 3);
    expect(ledger.legGreeks).toHaveLength(GREEK_COUNT);
  });
});

describe("A coin-settled book, over a day of one-minute steps", () => {
  /** Slope of the minute's profit without the collateral's part, per coin of book, on the minute's price change; and its standard error. */
  function regression(deltaConvention: "bs" | "netTransaction"): { slope: number; error: number } {
    const env = environment(coinBook(deltaConvention), { numEnvs: 8, autoresetMode: "disabled" });
    env.reset({ seed: 11 });
    const { width } = env.extractor;
    const pairs: [number, number][] = [];
    while (env.finished[0] === 0) {
      const before = Array.from(
        { length: env.numEnvs },
        (_, b) => [env.ledger.price[b]!, outsideCollateral(b)] as const,
      );
      env.step(
        intents(env, (b) => (-env.features[b * width + 1]! * env.context.bookSize) / (1 / env.ledger.price[b]!)),
      );
      for (const [b, [price, profit]] of before.entries())
        pairs.push([env.ledger.price[b]! - price, (outsideCollateral(b) - profit) / env.context.bookSize]);
    }
    function outsideCollateral(b: number): number {
      return env.ledger.profit[b]! - env.ledger.attribution[b * PART_COUNT + PART.collateral]!;
    }
    const xx = pairs.reduce((a, [x]) => a + x * x, 0);
    const slope = pairs.reduce((a, [x, y]) => a + x * y, 0) / xx;
    const rest = pairs.reduce((a, [x, y]) => a + (y - slope * x) ** 2, 0) / pairs.length;
    return { slope, error: Math.sqrt(rest / xx) };
  }

  it("does not move with the price in the net transaction delta, and does in the Black-Scholes delta", () => {
    const [right, wrong] = [regression("netTransaction"), regression("bs")];
    // 4 standard errors, and half a percent of a coin for the drift of the account's own coins over the day.
    expect(Math.abs(right.slope)).toBeLessThan(4 * right.error + 0.005);
    expect(wrong.slope).toBeGreaterThan(0.05);
    expect(wrong.slope / wrong.error).toBeGreaterThan(20);
  });
});
