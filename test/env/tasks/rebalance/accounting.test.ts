import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PART, PART_COUNT } from "../../../../env/tasks/rebalance/ledger.ts";
import type { RebalanceEnv } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { ATTRIBUTION_PARTS } from "../../../../src/core/contracts/evaluation.ts";
import { Random } from "../../../../src/core/random.ts";
import { scenarios } from "./arbitrary.ts";
import { EVERYTHING, environment, intents, straddle } from "./scenarios.ts";

function parts(env: RebalanceEnv, b: number): number[] {
  return [...env.ledger.attribution.subarray(b * PART_COUNT, (b + 1) * PART_COUNT)];
}
const sum = (x: readonly number[]) => x.reduce((a, v) => a + v, 0);
const gross = (x: readonly number[]) => x.reduce((a, v) => a + Math.abs(v), 0);

/** Trades at random, in units that are worth about as much as the book. */
function act(env: RebalanceEnv, random: Random): Float64Array {
  return intents(env, (b, s) => {
    if (random.uniform() < 0.3) return 0;
    const { kind } = env.context.slots[s]!;
    const size = env.ledger.specifications[s]!.contractSize;
    const coins = random.normal() * 2 * env.context.bookSize;
    return kind === "inverse-perpetual" ? (coins * env.ledger.price[b]!) / size : coins / size;
  });
}

describe("The ledger", () => {
  it("keeps the attribution's parts in the order in which results name them", () => {
    expect(Object.keys(PART)).toEqual([...ATTRIBUTION_PARTS]);
    expect(Object.values(PART)).toEqual(ATTRIBUTION_PARTS.map((_, i) => i));
  });

  it("explains every change of wealth by its parts, to 1e-9, whatever the scenario and the trades", () => {
    fc.assert(
      fc.property(scenarios, fc.integer({ min: 0, max: 1000 }), (input, seed) => {
        const env = environment(input, { seed, autoresetMode: "disabled" });
        const random = new Random(seed, "trades");
        env.reset({ seed });
        const { ledger } = env;
        for (let d = 0; d < env.timing.decisions; d++) {
          env.step(act(env, random));
          const explained = parts(env, 0);
          const change = ledger.wealth(0) - ledger.initialWealth[0]!;
          expect(Math.abs(change - sum(explained))).toBeLessThanOrEqual(
            1e-9 * Math.max(1, gross(explained), Math.abs(ledger.wealth(0))),
          );
          expect(ledger.profit[0]).toBe(change);
        }
        // The episode's record: cost in the account's numeraire, and parts that sum to minus that.
        const { cost, attribution, fees, gas, slippage } = env.outcome;
        const recorded = [...attribution];
        expect(Math.abs(cost[0]! + sum(recorded))).toBeLessThanOrEqual(1e-9 * Math.max(1, gross(recorded)));
        const unit = env.unitUsd(0);
        expect(fees[0]! * unit).toBeCloseTo(-explainedPart(env, "fee"), 6);
        expect(gas[0]! * unit).toBeCloseTo(-explainedPart(env, "gas"), 6);
        expect(slippage[0]! * unit).toBeCloseTo(-explainedPart(env, "spread") - explainedPart(env, "impact"), 5);
      }),
      { seed: 20260402, numRuns: 400 },
    );
  });

  it("gives rewards that sum to minus the cost", () => {
    fc.assert(
      fc.property(scenarios, fc.integer({ min: 0, max: 1000 }), (input, seed) => {
        const env = environment({ ...input, reward: { name: "terminal" } }, { seed, autoresetMode: "disabled" });
        const random = new Random(seed, "trades");
        env.reset({ seed });
        let total = 0;
        for (let d = 0; d < env.timing.decisions; d++) total += env.step(act(env, random)).rewards[0]!;
        expect(Math.abs(total + env.outcome.cost[0]!)).toBeLessThanOrEqual(
          1e-9 * Math.max(1, gross([...env.outcome.attribution])),
        );
      }),
      { seed: 20260403, numRuns: 60 },
    );
  });
});

function explainedPart(env: RebalanceEnv, name: keyof typeof PART): number {
  return env.ledger.attribution[PART[name]]!;
}

describe("Greeks in the attribution", () => {
  /** Mean absolute residual and mean gross P&L of a day, of a short straddle hedged every hour. */
  function residual(stepSeconds: number): { residual: number; gross: number } {
    const env = environment(
      straddle({
        name: "residual",
        book: {
          legs: [
            { type: "call", quantity: -5, maturityDays: 7 },
            { type: "put", quantity: -5, maturityDays: 7 },
          ],
        },
        stepSeconds,
        decisionInterval: "1h",
        terminal: "mark",
      }),
      { numEnvs: 40, autoresetMode: "disabled" },
    );
    env.reset({ seed: 1 });
    const { width } = env.extractor;
    while (env.finished[0] === 0) env.step(intents(env, (b) => -env.features[b * width + 1]! * env.context.bookSize));
    let [r, g] = [0, 0];
    for (let b = 0; b < env.numEnvs; b++) {
      const p = parts(env, b);
      r += Math.abs(p[PART.residual]!) / env.numEnvs;
      g += gross(p) / env.numEnvs;
    }
    return { residual: r, gross: g };
  }

  it("leave a residual below 5% of a day's gross P&L at one-minute steps, which falls with the step", () => {
    const [minute, tenMinutes, hour] = [60, 600, 3600].map(residual);
    expect(minute!.residual / minute!.gross).toBeLessThan(0.05);
    expect(minute!.residual).toBeLessThan(0.5 * tenMinutes!.residual);
    expect(tenMinutes!.residual).toBeLessThan(0.7 * hour!.residual);
  });
});

describe("Single bookings, worked by hand", () => {
  const still = { model: "gbm", initial: 2000, volatility: 0 } as const;
  /** A price that does not move, an option book that is worth next to nothing: what is left is the booking. */
  const quiet = (changes: Partial<Parameters<typeof straddle>[0]>) =>
    straddle({
      market: { price: still, impliedVolatility: { model: "constant", volatility: 0.01 } },
      book: { legs: [{ type: "call", quantity: 1, moneyness: 2 }] },
      terminal: "mark",
      ...changes,
    });

  function traded(input: Parameters<typeof environment>[0], change: number, decisions = 1): RebalanceEnv {
    const env = environment(input, { autoresetMode: "disabled" });
    env.reset({ seed: 1 });
    env.step(intents(env, (_, s) => (s === env.ledger.slots - 1 ? change : 0)));
    for (let d = 1; d < decisions; d++) env.step(intents(env, () => 0));
    return env;
  }

  it("a spot purchase pays half the spread, the fee on the price paid, and gas", () => {
    const env = traded(
      quiet({
        slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps", halfSpreadBps: 10 }],
        chain: { fee: { model: "constant", gwei: 30 }, priorityFeeGwei: 2, gasUnits: 150_000 },
      }),
      3,
    );
    expect(explainedPart(env, "spread")).toBeCloseTo(-3 * 2000 * 10e-4, 9);
    expect(explainedPart(env, "fee")).toBeCloseTo(-3 * 2002 * 5e-4, 9);
    expect(explainedPart(env, "gas")).toBeCloseTo(-150_000 * 32e-9 * 2000, 9);
    expect(env.ledger.cashUsd[0]! - env.ledger.premium[0]!).toBeCloseTo(-3 * 2002 - 3.003 - 9.6, 9);
  });

  it("longs pay positive funding, shorts receive it", () => {
    const perpetual = { name: "p", kind: "perpetual", fundingRate8h: 8e-4 } as const;
    for (const [position, paid] of [
      [2, -2 * 2000 * 1e-4],
      [-2, 2 * 2000 * 1e-4],
    ] as const)
      expect(explainedPart(traded(quiet({ slots: [perpetual] }), position), "funding")).toBeCloseTo(paid, 9);
    const inverse = { name: "i", kind: "inverse-perpetual", fundingRate8h: 8e-4 } as const;
    expect(explainedPart(traded(quiet({ slots: [inverse] }), 4000), "funding")).toBeCloseTo(-4000 * 1e-4, 9);
  });

  it("an inverse perpetual earns its notional times the change of 1/price, in coin", () => {
    const input = straddle({
      name: "inverse",
      account: { numeraire: "coin", collateral: "coin", deltaConvention: "bs", collateralCoin: 1 },
      slots: [{ name: "i", kind: "inverse-perpetual", specification: "btc-inverse-perpetual" }],
      terminal: "mark",
    });
    const free = { ...input, slots: [{ ...input.slots[0]!, takerFeeBps: 0 }] };
    const [held, flat] = [traded(free, 500), traded(free, 0)];
    const [p0, p1] = [held.ledger.initialPrice[0]!, held.ledger.price[0]!];
    expect(p1).not.toBe(p0);
    // Entered at the first quote, half a dollar tick around the index.
    const entry = Math.ceil(p0 / 0.5) * 0.5;
    const coins = held.ledger.cashCoin[0]! - flat.ledger.cashCoin[0]!;
    expect(coins).toBeCloseTo(5000 * (1 / entry - 1 / p1), 12);
  });

  it("spot bought by an account with coin collateral is paid for in dollars, so that it hedges", () => {
    const input = straddle({
      name: "coin-spot",
      account: { numeraire: "usd", collateral: "coin", deltaConvention: "bs", collateralCoin: 3 },
      terminal: "mark",
    });
    const [held, flat] = [traded(input, 2), traded(input, 0)];
    const [p0, p1] = [held.ledger.initialPrice[0]!, held.ledger.price[0]!];
    expect(held.ledger.profit[0]! - flat.ledger.profit[0]!).toBeCloseTo(2 * (p1 - p0), 9);
    expect(held.ledger.cashUsd[0]).toBeCloseTo(-2 * p0, 9);
    expect(held.ledger.cashCoin[0]).toBe(flat.ledger.cashCoin[0]);
  });

  it("a listed option is bought at mark plus half a spread in vol points, its fee capped at a share of its price", () => {
    const input = quiet({
      market: { price: still, impliedVolatility: { model: "constant", volatility: 0.5 } },
      slots: [
        { name: "spot", kind: "spot" },
        {
          name: "o",
          kind: "option",
          specification: "listed-option",
          halfSpreadVolPoints: 2,
          option: { type: "call", moneyness: 1, maturityDays: 30 },
        },
      ],
    });
    const env = traded(input, 10);
    // Vega of the at-the-money call is S sqrt(T / 2 pi) to first order: 2000 * 0.2867 * 0.3989 * (1 - sigma^2 T / 8).
    const years = 30 / 365;
    const vega = 2000 * Math.sqrt(years / (2 * Math.PI)) * Math.exp((-0.25 * years) / 8);
    expect(Math.abs(explainedPart(env, "spread") + 10 * vega * 0.02)).toBeLessThan(10 * 0.01 + 1e-9);
    expect(explainedPart(env, "fee")).toBeCloseTo(-10 * 2000 * 3e-4, 9);
    const cheap = traded(
      {
        ...input,
        slots: [input.slots[0]!, { ...input.slots[1]!, option: { type: "call", moneyness: 1.6, maturityDays: 30 } }],
      },
      10,
    );
    const paid = -explainedPart(cheap, "fee");
    expect(paid).toBeGreaterThan(0);
    expect(paid).toBeLessThan(10 * 2000 * 3e-4);
  });

  it("an option that has expired is not traded any more, and costs nothing to ask for", () => {
    const env = environment(EVERYTHING, { autoresetMode: "disabled" });
    env.reset({ seed: 1 });
    const none = intents(env, () => 0);
    while (env.ledger.slotSecondsLeft[3]! > 0) env.step(none);
    const before = { fees: env.ledger.totals.fees[0], cash: env.ledger.cashCoin[0] };
    env.step(intents(env, (_, s) => (s === 3 ? 5 : 0)));
    expect(env.ledger.totals.rebalances[0]).toBe(0);
    expect(env.ledger.fill(0, 3, 5, 100, 0, false)).toBe(0);
    expect(env.ledger.position[3]).toBe(0);
    expect({ fees: env.ledger.totals.fees[0], cash: env.ledger.cashCoin[0] }).toEqual(before);
  });

  it("a contract size counts in wealth, fees and delta alike", () => {
    const slots = (specification: string) => [{ name: "p", kind: "perpetual" as const, specification, takerFeeBps: 5 }];
    const big = traded(straddle({ name: "size", slots: slots("btc-inverse-perpetual"), terminal: "mark" }), 2);
    const small = traded(straddle({ name: "size", slots: slots("ideal"), terminal: "mark" }), 20);
    expect(big.ledger.profit[0]! - small.ledger.profit[0]!).toBeCloseTo(explainedPart(big, "spread") * (1 + 5e-4), 1);
    expect(explainedPart(big, "delta")).toBeCloseTo(explainedPart(small, "delta"), 9);
    const delta = (env: RebalanceEnv) => env.features[1]!;
    expect(delta(big)).toBeCloseTo(delta(small), 12);
  });
});

describe("Terminal rules", () => {
  /** A short call, hedged with one coin from the start; ends in or out of the money by the drift. */
  function end(
    terminal: "unwind" | "mark" | "settle",
    drift: number,
    type: "call" | "put" = "call",
    hedge = 1,
  ): RebalanceEnv {
    const env = environment(
      {
        ...straddle({ name: "terminal" }),
        market: { price: { model: "gbm", initial: 2000, drift, volatility: 0.01 } },
        book: { legs: [{ type, quantity: -1 }] },
        slots: [{ name: "spot", kind: "spot", takerFeeBps: 10 }],
        terminal,
      },
      { autoresetMode: "disabled" },
    );
    env.reset({ seed: 1 });
    env.step(intents(env, () => hedge));
    while (env.finished[0] === 0) env.step(intents(env, () => 0));
    return env;
  }
  const fee = (env: RebalanceEnv) => -explainedPart(env, "fee");

  it("unwind trades the hedge away and pays for it, mark leaves it", () => {
    const [unwound, marked] = [end("unwind", 30), end("mark", 30)];
    expect([unwound.ledger.position[0], marked.ledger.position[0]]).toEqual([0, 1]);
    expect(fee(unwound) - fee(marked)).toBeCloseTo(unwound.ledger.price[0]! * 10e-4, 9);
    expect(unwound.ledger.profit[0]! + fee(unwound)).toBeCloseTo(marked.ledger.profit[0]! + fee(marked), 9);
  });

  it("settle delivers against an option that ends in the money at no cost, and unwinds for one that does not", () => {
    expect(fee(end("settle", 30))).toBeCloseTo(fee(end("mark", 30)), 9);
    expect(fee(end("settle", -30))).toBeCloseTo(fee(end("unwind", -30)), 9);
    // A put that ends in the money takes a coin in: it closes a short hedge.
    expect(fee(end("settle", -30, "put", -1))).toBeCloseTo(fee(end("mark", -30, "put", -1)), 9);
    // Delivery closes what is held, never more: half a coin is left over, and is sold.
    const left = end("settle", 30, "call", 1.5);
    expect(fee(left) - fee(end("mark", 30, "call", 1.5))).toBeCloseTo(0.5 * left.ledger.price[0]! * 10e-4, 9);
  });

  it("settle does not deliver for a leg that expired before the horizon: that one was settled in cash", () => {
    const input = straddle({
      market: { price: { model: "gbm", initial: 2000, drift: 30, volatility: 0.01 } },
      book: { legs: [{ type: "call", quantity: -1, maturityDays: 0.5 }] },
      slots: [{ name: "spot", kind: "spot", takerFeeBps: 10 }],
      terminal: "settle",
    });
    const env = environment(input, { autoresetMode: "disabled" });
    env.reset({ seed: 1 });
    env.step(intents(env, () => 1));
    while (env.finished[0] === 0) env.step(intents(env, () => 0));
    expect(fee(env)).toBeGreaterThan(1.9 * 2000 * 10e-4);
  });
});
