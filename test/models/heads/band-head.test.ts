import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario } from "../../../env/tasks/rebalance/scenario.ts";
import { bandTrade } from "../../../models/heads/band-clamp.ts";
import { makeHead } from "../../../models/heads/head.ts";
import type { HeadSpec } from "../../../src/core/contracts/heads.ts";
import { INTENT, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import { ConfigError, ContractError } from "../../../src/core/errors.ts";
import { contextOf, intentsOf, randomRows, rowOf } from "../../agents/baselines/market.ts";

const context = contextOf();

/** Rules that the band head may start from, at parameters that use everything they have. */
const REFERENCES: Readonly<Record<string, Record<string, number>>> = {
  "delta-band": { halfWidth: 0.09, initialHedge: 0.7, centreVolatility: 1.1 },
  "greeks-band": { halfWidth: 0.09, gammaExponent: 0.6 },
  "whalley-wilmott": { riskAversion: 3, initialHedge: 0.3, centreVolatility: 0.9 },
  zakamouline: { riskAversion: 3 },
  "gas-aware": { halfWidth: 0.07, waitAbove: 0.2, waitMultiple: 2, initialHedge: 0.4 },
  composite: {
    halfWidth: 0.07,
    gammaExponent: 0.7,
    timeExponent: 0.3,
    volatilityExponent: -0.4,
    rebalanceTo: 0.37,
    waitAbove: 0.2,
    waitMultiple: 2,
    initialHedge: 0.4,
    centreVolatility: 1.2,
  },
};

function headOf(baseline: string, params: Record<string, number>, market: PolicyContext = context, scale = 1) {
  const spec: HeadSpec = { head: "band", reference: { baseline, params }, scale };
  return makeHead(spec, market, createBaseline(baseline, params, market).rule);
}

describe("The band head", () => {
  it("reproduces its reference rule bit for bit at outputs of 0, whatever the features", () => {
    for (const [id, params] of Object.entries(REFERENCES)) {
      const rows = randomRows(context, 2000, 5);
      const expected = intentsOf(createBaseline(id, params, context), context, rows);
      const out = new Float64Array(expected.length).fill(Number.NaN);
      headOf(id, params).toIntents(2000, new Float32Array(2000 * 4), rows, out);
      expect(out, id).toEqual(expected);
      const trades = expected.filter((_, i) => i % INTENT_WIDTH === INTENT.change && expected[i] !== 0).length;
      expect(trades, id).toBeGreaterThan(100);
    }
  });

  it("reproduces whole episodes of its reference, costs and all, on a chain whose base fee moves", () => {
    const scenario = parseScenario({
      name: "chain",
      market: { price: { model: "gbm", initial: 2000, volatility: 0.7 } },
      chain: { fee: { model: "eip1559" } },
      book: {
        legs: [
          { type: "call", quantity: -2 },
          { type: "put", quantity: 1, moneyness: 0.9 },
        ],
      },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps" }],
      maturityDays: 2,
      stepSeconds: 600,
      decisionInterval: "10m",
    });
    const play = (learned: boolean) => {
      const env = new RebalanceEnv({ scenario, numEnvs: 8, split: "test", seed: 3 });
      const params = { ...REFERENCES.composite! };
      const rule = createBaseline("composite", params, env.context);
      const head = headOf("composite", params, env.context);
      const out = new Float64Array(8 * INTENT_WIDTH);
      env.reset({ options: { firstEpisode: 0 } });
      do {
        if (learned) head.toIntents(8, new Float32Array(32), env.features, out);
        else out.set(intentsOf(rule, env.context, env.features));
        env.step(out);
      } while (env.finished[0] === 0);
      return env.outcome;
    };
    const outcome = play(true);
    expect(outcome).toEqual(play(false));
    expect(Math.min(...outcome.rebalances)).toBeGreaterThan(1);
  });

  it("scales each edge, shifts the band in half-widths, and moves the fraction, all clipped", () => {
    const head = headOf("delta-band", { halfWidth: 0.1 }, context, Math.log(2));
    const change = (exposure: number, ...actions: number[]) => {
      const out = new Float64Array(INTENT_WIDTH);
      head.toIntents(1, Float32Array.from(actions), rowOf(context, { delta: exposure }), out);
      return out[INTENT.change]!;
    };
    expect(change(-0.5, 1, 0, 0, 0)).toBeCloseTo(0.3, 7);
    expect(change(-0.5, 0, 1, 0, 0)).toBeCloseTo(0.4, 7);
    expect(change(0.5, 0, 1, 0, 0)).toBeCloseTo(-0.3, 7);
    expect(change(0.5, 0, -1, 0, 0)).toBeCloseTo(-0.45, 7);
    expect(change(0.5, 0, 0, 0.5, 0)).toBeCloseTo(-0.35, 7);
    expect(change(0.5, 1, 1, 0.5, 0)).toBeCloseTo(-0.2, 7);
    expect(change(0.5, 0, 0, 0, 0.5)).toBeCloseTo(-0.45, 7);
    expect(change(0.5, 0, 7, 0, -7)).toBeCloseTo(-0.3, 7);
    expect(change(0.05, 0, 0, 0, 1)).toBe(0);
  });

  it("refuses a reference without a band, a scale that is not positive, and actions that are not numbers", () => {
    expect(() => headOf("delta", {})).toThrow(ConfigError);
    expect(() => headOf("delta-band", {}, context, 0)).toThrow(/head.scale/);
    const out = new Float64Array(INTENT_WIDTH);
    expect(() =>
      headOf("delta-band", {}).toIntents(1, Float32Array.of(0, Number.NaN, 0, 0), rowOf(context), out),
    ).toThrow(ContractError);
  });
});

describe("The band clamp", () => {
  it("leaves an exposure inside the band or on its edges alone, and is odd in the exposure", () => {
    const band = { lower: -0.1, upper: 0.1, centre: 0, rebalanceTo: 0.25 };
    for (const e of [-0.1, 0, 0.1]) expect(bandTrade(e, band)).toBe(0);
    expect(bandTrade(0.5, band)).toBeCloseTo(-0.425, 15);
    expect(bandTrade(-0.5, band)).toBe(-bandTrade(0.5, band));
  });

  it("never trades with infinite edges", () => {
    const band = { lower: -Infinity, upper: Infinity, centre: 0, rebalanceTo: 1 };
    expect(bandTrade(1e9, band)).toBe(0);
  });
});
