import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PART, PART_COUNT } from "../../../../env/tasks/rebalance/ledger.ts";
import { executionPrices } from "../../../../env/tasks/rebalance/quote-venue.ts";
import type { RebalanceEnv } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type ScenarioInput, slotSpecification } from "../../../../env/tasks/rebalance/scenario.ts";
import { Random } from "../../../../src/core/random.ts";
import { scenarios } from "./arbitrary.ts";
import { EVERYTHING, environment, intents, straddle } from "./scenarios.ts";

type Slot = ScenarioInput["slots"][number];

function started(slot: Partial<Slot>, changes: Partial<ScenarioInput> = {}, numEnvs = 1): RebalanceEnv {
  const env = environment(
    straddle({ slots: [{ name: "hedge", kind: "spot", ...slot }], terminal: "mark", ...changes }),
    { numEnvs, autoresetMode: "disabled" },
  );
  env.reset({ seed: 1 });
  return env;
}

const part = (env: RebalanceEnv, name: keyof typeof PART, b = 0) =>
  env.ledger.attribution[b * PART_COUNT + PART[name]]!;

describe("Impact", () => {
  /** Impact as a fraction of the price of a purchase of `size`. */
  function impact(size: number): number {
    const env = started({ impactCoefficient: 1, dailyVolume: 1e5 });
    env.step(intents(env, () => size));
    return -part(env, "impact") / (size * 2000);
  }

  it("is Y sigma_D sqrt(Q / V_D): a regression on log size has the exponent 0.5", () => {
    expect(impact(100)).toBeCloseTo((0.6 / Math.sqrt(365)) * Math.sqrt(100 / 1e5), 12);
    const points = [1, 3, 10, 30, 100, 300].map((q) => [Math.log(q), Math.log(impact(q))] as const);
    const mx = points.reduce((a, [x]) => a + x / 6, 0);
    const my = points.reduce((a, [, y]) => a + y / 6, 0);
    const slope =
      points.reduce((a, [x, y]) => a + (x - mx) * (y - my), 0) / points.reduce((a, [x]) => a + (x - mx) ** 2, 0);
    expect(slope).toBeCloseTo(0.5, 9);
  });

  it("costs on both sides, and buys at least as dear as it sells", () => {
    const env = started({ impactCoefficient: 1, halfSpreadBps: 5 }, {}, 2);
    env.step(intents(env, (b) => (b === 0 ? 5 : -5)));
    for (const b of [0, 1]) {
      expect(part(env, "impact", b)).toBeLessThan(0);
      expect(part(env, "spread", b)).toBeCloseTo(-5 * 2000 * 5e-4, 9);
    }
  });

  it("moves the mid by its transient share, which decays with its half-life", () => {
    const env = started({ impactCoefficient: 1, dailyVolume: 1e4, transientFraction: 0.4, transientHalfLife: "1h" });
    const whole = (0.6 / Math.sqrt(365)) * Math.sqrt(50 / 1e4);
    env.step(intents(env, () => 50));
    expect(env.ledger.displacement[0]).toBeCloseTo(0.4 * whole * 0.5, 12);
    for (let i = 0; i < 3; i++) env.step(intents(env, () => 0));
    expect(env.ledger.displacement[0]).toBeCloseTo(0.4 * whole * 0.5 ** 4, 12);
    // The displaced mid is what is quoted, and what the next buyer pays more.
    const mid = 0.5 * (env.observation.slotBid[0]! + env.observation.slotAsk[0]!);
    expect(mid / env.observation.indexPrice[0]! - 1).toBeCloseTo(0.4 * whole * 0.5 ** 4, 9);
  });

  it("lets a second trade in the same direction pay for the displacement, and one against it earn it", () => {
    const slippage = (second: number) => {
      const env = started({ impactCoefficient: 1, dailyVolume: 1e4, transientFraction: 0.5, transientHalfLife: "12h" });
      env.step(intents(env, () => 50));
      const before = part(env, "impact");
      env.step(intents(env, () => second));
      return before - part(env, "impact");
    };
    expect(slippage(50)).toBeGreaterThan(slippage(-50));
  });
});

describe("Quotes", () => {
  it("are never crossed, never negative, and on the venue's tick, in any scenario after any trades", () => {
    fc.assert(
      fc.property(scenarios, fc.integer({ min: 0, max: 99 }), (input, seed) => {
        const env = environment(input, { seed, autoresetMode: "disabled" });
        const random = new Random(seed, "trades");
        env.reset({ seed });
        const specifications = parseScenario(input).slots.map(slotSpecification);
        for (let d = 0; d < 6; d++) {
          const { slotBid, slotAsk } = env.observation;
          for (const [s, { tick }] of specifications.entries()) {
            expect(slotBid[s]).toBeLessThanOrEqual(slotAsk[s]!);
            expect(slotBid[s]).toBeGreaterThanOrEqual(0);
            if (tick === 0) continue;
            for (const quote of [slotBid[s]!, slotAsk[s]!])
              expect(Math.abs(quote / tick - Math.round(quote / tick))).toBeLessThan(1e-6);
          }
          env.step(intents(env, () => random.normal() * env.context.bookSize));
        }
      }),
      { seed: 20260405, numRuns: 150 },
    );
  });

  it("keep the mid between bid and ask", () => {
    const out = new Float64Array(4);
    executionPrices(out, 100.2, 100.3, 0.07, 0.25);
    expect([...out]).toEqual([100.2, 100.3, 100, 100.5]);
  });
});

describe("Lots", () => {
  it("round what an intent asks for, and a change below the minimum is no trade and pays nothing", () => {
    const env = started({ kind: "perpetual", specification: "btc-perpetual" });
    env.step(intents(env, () => 0.12347));
    expect(env.ledger.position[0]).toBeCloseTo(0.1235, 12);
    const fees = env.ledger.totals.fees[0]!;
    env.step(intents(env, () => 0.0009));
    expect(env.ledger.position[0]).toBeCloseTo(0.1235, 12);
    expect(env.ledger.totals.fees[0]).toBe(fees);
    expect(env.ledger.totals.rebalances[0]).toBe(1);
  });

  it("do not hold up the final unwind", () => {
    const env = started({ kind: "perpetual", specification: "btc-perpetual" }, { terminal: "unwind" });
    env.step(intents(env, () => 0.5));
    while (env.finished[0] === 0) env.step(intents(env, () => 0));
    expect(env.ledger.position[0]).toBe(0);
  });
});

describe("Transactions", () => {
  const chain = (more: object): ScenarioInput["chain"] => ({
    fee: { model: "constant", gwei: 50 },
    gasUnits: 100_000,
    nativePriceUsd: 3000,
    ...more,
  });
  const GAS = 100_000 * 50e-9 * 3000;

  it("whose price moved too far against them revert: they pay gas and trade nothing", () => {
    const env = started(
      { specification: "dex-spot-5bps" },
      { chain: chain({ inclusionBlocks: 100, maxSlippageBps: 20 }) },
      400,
    );
    env.step(intents(env, (b) => (b % 2 === 0 ? 1 : -1)));
    let reverted = 0;
    for (let b = 0; b < 400; b++) {
      expect(env.ledger.totals.gas[b]).toBeCloseTo(GAS, 9);
      if (env.ledger.totals.reverts[b] === 0) {
        expect(Math.abs(env.ledger.position[b]!)).toBe(1);
        continue;
      }
      reverted++;
      expect(env.ledger.position[b]).toBe(0);
      expect(env.ledger.totals.fees[b]).toBe(0);
      expect(env.ledger.totals.rebalances[b]).toBe(0);
      expect(part(env, "gas", b)).toBeCloseTo(-GAS, 9);
    }
    // One side of a move with sd 0.6 sqrt(1200 s / year) = 37 bps beyond 20 bps: 29%, standard error 2.3%.
    expect(Math.abs(reverted / 400 - 0.295)).toBeLessThan(0.095);
  });

  it("revert at random with the probability given, the same ones for every contender", () => {
    const run = (size: number) => {
      const env = started({ specification: "dex-spot-5bps" }, { chain: chain({ revertProbability: 0.3 }) }, 500);
      env.step(intents(env, () => size));
      return [...env.ledger.totals.reverts];
    };
    const reverts = run(1);
    expect(run(-0.25)).toEqual(reverts);
    // Standard error sqrt(.3 * .7 / 500) = 2%.
    expect(Math.abs(reverts.reduce((a, r) => a + r, 0) / 500 - 0.3)).toBeLessThan(0.082);
  });

  it("cost no gas where a venue is not on chain, and neither revert nor slip there", () => {
    const env = started(
      { kind: "perpetual", specification: "btc-perpetual" },
      { chain: chain({ inclusionBlocks: 100, maxSlippageBps: 0.01, revertProbability: 1 }) },
      20,
    );
    env.step(intents(env, () => 1));
    expect([...env.ledger.position]).toEqual(Array(20).fill(1));
    expect([...env.ledger.totals.gas]).toEqual(Array(20).fill(0));
  });

  it("fill at the price of their inclusion, not of their decision", () => {
    const env = started({}, { chain: chain({ inclusionBlocks: 100 }) }, 50);
    const twin = started({}, { chain: chain({ inclusionBlocks: 0 }) }, 50);
    for (const e of [env, twin]) e.step(intents(e, () => 1));
    for (let b = 0; b < 50; b++) {
      expect(twin.ledger.price[b]).toBe(env.ledger.price[b]);
      // At once: one coin earns the whole step. Later: only what came after inclusion.
      expect(part(twin, "delta", b)).not.toBe(part(env, "delta", b));
      expect(-twin.ledger.cashUsd[b]! + twin.ledger.premium[b]!).toBeCloseTo(2000, 9);
      expect(Math.abs(-env.ledger.cashUsd[b]! + env.ledger.premium[b]! - 2000)).toBeGreaterThan(0);
    }
  });
});

describe("EVERYTHING", () => {
  it("uses every part of the attribution, so that the tests above leave none out", () => {
    const env = environment(EVERYTHING, { autoresetMode: "disabled" });
    env.reset({ seed: 1 });
    for (let d = 0; env.finished[0] === 0; d++)
      env.step(intents(env, (_, s) => (d % 2 === 0 ? 1 : -0.5) * (s === 2 ? 100 : 1)));
    for (const name of Object.keys(PART) as (keyof typeof PART)[])
      expect([name, part(env, name)]).not.toEqual([name, 0]);
  });
});
