import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { lelandVolatility, whalleyWilmottHalfWidth, zakamoulineHalfWidth } from "../../../env/options/bands.ts";
import { delta, price } from "../../../env/options/black-scholes.ts";
import type { Band } from "../../../src/core/contracts/heads.ts";
import { changeOf, contextOf, rowOf } from "./market.ts";

const context = contextOf();
const years = 30 / 365;

function bandOf(id: string, params: Record<string, number>, changes: Record<string, number> = {}, market = context) {
  const band: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
  createBaseline(id, params, market).rule!.band(rowOf(market, changes), 0, band);
  return { ...band, halfWidth: 0.5 * (band.upper - band.lower) };
}

describe("Band rules", () => {
  it("trade to the edge that was crossed, and nothing inside", () => {
    const band = createBaseline("delta-band", { halfWidth: 0.1 }, context);
    expect(changeOf(band, context, rowOf(context, { delta: -0.5 }))).toBeCloseTo(0.4, 12);
    expect(changeOf(band, context, rowOf(context, { delta: 0.3 }))).toBeCloseTo(-0.2, 12);
    expect(changeOf(band, context, rowOf(context, { delta: 0.1 }))).toBe(0);
    expect(changeOf(band, context, rowOf(context, { delta: -0.1 }))).toBe(0);
  });

  it("go the initial hedge's share of the way from edge to centre at the first decision only", () => {
    for (const [initialHedge, change] of [
      [0, 0.4],
      [0.5, 0.45],
      [1, 0.5],
    ] as const) {
      const band = createBaseline("delta-band", { halfWidth: 0.1, initialHedge }, context);
      expect(changeOf(band, context, rowOf(context, { is_first: 1 }))).toBeCloseTo(change, 12);
      expect(changeOf(band, context, rowOf(context))).toBeCloseTo(0.4, 12);
    }
  });

  it("do not trade the rounding that a full rehedge leaves", () => {
    expect(changeOf(createBaseline("delta", {}, context), context, rowOf(context, { delta: 3e-17 }))).toBe(0);
  });

  it("centre the exposure on the hedge of another volatility", () => {
    const m = 0.05;
    const bs = (v: number) => delta(1, 100, 100 * Math.exp(-m), 0, 0, v, years);
    const { centre } = bandOf("delta-band", { centreVolatility: 1.3 }, { leg0_log_moneyness: m });
    // Exposure = book's delta + hedge, the hedge being that of the other volatility.
    expect(centre).toBeCloseTo(-bs(0.6) + bs(0.78), 12);
    expect(Math.abs(centre)).toBeGreaterThan(1e-3);
  });

  it("centre on the minimum-variance hedge where volatility moves with the price", () => {
    const market = contextOf({ stochasticVolatility: true });
    // dV = delta dS + vega dv with dv = -0.4 dS/S: the hedge that leaves no risk leaves an exposure of -vega * dv/dS.
    const { centre } = bandOf("delta-band", { centreVega: -0.4 }, { vega_percent: -0.001 }, market);
    const vegaDollars = -0.001 * 100 * 100;
    expect(centre).toBeCloseTo(-vegaDollars * (-0.4 / 100), 12);
  });

  it("centre on the premium-adjusted hedge in coin-settled markets", () => {
    const market = contextOf({ coinSettled: true });
    const { centre } = bandOf("delta-band", { centrePremium: 1 }, {}, market);
    expect(centre).toBeCloseTo(-price(1, 100, 100, 0, 0, 0.6, years) / 100, 12);
  });

  it("have Whalley and Wilmott's width in the money's own units", () => {
    const { halfWidth, centre } = bandOf("whalley-wilmott", { riskAversion: 2 });
    expect(halfWidth).toBeCloseTo(whalleyWilmottHalfWidth(100, -0.02, 5e-4, 2, 0, years), 12);
    expect(centre).toBe(0);
    // The same book on a coin at 50 times the price has a 50th of the gamma; the width is the same at a 50th of the risk aversion.
    const dear = bandOf("whalley-wilmott", { riskAversion: 2 / 50 }, { spot: 5000 });
    expect(dear.halfWidth).toBeCloseTo(halfWidth, 12);
  });

  it("have Zakamouline's width, and a centre that is less volatile when the adjustment is taken backwards", () => {
    const at = (centreAdjustment: number) =>
      bandOf("zakamouline", { riskAversion: 2, centreAdjustment }, { leg0_log_moneyness: 0.1 });
    expect(at(1).halfWidth).toBeCloseTo(zakamoulineHalfWidth(100, -0.02, 0.6, 5e-4, 2, 0, years), 12);
    expect(at(0).centre).toBe(0);
    // A short in-the-money call: a higher volatility lowers its delta, so the hedge is smaller and the exposure more negative.
    expect(at(1).centre).toBeLessThan(0);
    expect(at(-1).centre).toBeGreaterThan(0);
  });

  it("rehedge to Leland's delta at the longer of decision interval and own interval", () => {
    const m = 0.1;
    const row = { leg0_log_moneyness: m, hours_since_trade: 30 };
    const leland = createBaseline("leland", { interval: 24 }, context);
    const v = lelandVolatility(-1, 0.6, 5e-4, 1 / 365);
    const bs = (volatility: number) => delta(1, 100, 100 * Math.exp(-m), 0, 0, volatility, years);
    expect(changeOf(leland, context, rowOf(context, row))).toBeCloseTo(0.5 - bs(0.6) + bs(v), 12);
    expect(changeOf(leland, context, rowOf(context, { ...row, hours_since_trade: 23 }))).toBe(0);
    const hourly = lelandVolatility(-1, 0.6, 5e-4, 1 / 365 / 24);
    const often = createBaseline("leland", { interval: 0 }, context);
    expect(changeOf(often, context, rowOf(context, row))).toBeCloseTo(0.5 - bs(0.6) + bs(hourly), 12);
  });
});

describe("Rules by the clock", () => {
  it("rehedge when the hours have passed, and at the first decision by the initial hedge", () => {
    const interval = createBaseline("interval", { interval: 8, initialHedge: 0.25 }, context);
    expect(changeOf(interval, context, rowOf(context, { hours_since_trade: 7.9 }))).toBe(0);
    expect(changeOf(interval, context, rowOf(context, { hours_since_trade: 8 }))).toBeCloseTo(0.5, 12);
    expect(changeOf(interval, context, rowOf(context, { is_first: 1 }))).toBeCloseTo(0.125, 12);
  });

  it("cap Lyra's hedge on the position, not on the trade", () => {
    const capped = createBaseline("delay-cap", { cap: 0.6, delay: 3 }, context);
    const later = { hours_since_trade: 3 };
    expect(changeOf(capped, context, rowOf(context, { is_first: 1, delta: -0.9 }))).toBeCloseTo(0.6, 12);
    const held = { ...later, delta: -0.4, slot0_position: 0.5 };
    expect(changeOf(capped, context, rowOf(context, held))).toBeCloseTo(0.1, 12);
    expect(changeOf(capped, context, rowOf(context, { ...held, slot0_pending: 0.1, delta: -0.3 }))).toBe(0);
    expect(changeOf(capped, context, rowOf(context, { ...held, hours_since_trade: 2 }))).toBe(0);
  });

  it("act on the keepers' thresholds in full", () => {
    const threshold = createBaseline("threshold-5pct", {}, context);
    expect(changeOf(threshold, context, rowOf(context, { delta: 0.05 }))).toBe(0);
    expect(changeOf(threshold, context, rowOf(context, { delta: 0.051 }))).toBeCloseTo(-0.051, 12);
    const scaled = createBaseline("gamma-scaled-5pct", {}, context);
    expect(changeOf(scaled, context, rowOf(context, { delta: 0.099, gamma_percent: -0.02 }))).toBe(0);
    expect(changeOf(scaled, context, rowOf(context, { delta: 0.101, gamma_percent: -0.02 }))).toBeCloseTo(-0.101, 12);
  });
});

describe("Rules that look at costs and gas", () => {
  it("widen as a power of the total cost", () => {
    const params = { halfWidth: 0.1, costExponent: 0.5, waitMultiple: 1 };
    const at = (gas: number) => bandOf("gas-aware", params, { cost_rate_bps: 10, gas_cost_bps: gas }).halfWidth;
    expect(at(0)).toBeCloseTo(0.1, 12);
    expect(at(30)).toBeCloseTo(0.2, 12);
  });

  it("wait while the base fee is high, but not for ever, and then trade to where they would have", () => {
    const params = { halfWidth: 0.1, costExponent: 0, waitAbove: 0.5, waitMultiple: 3, initialHedge: 0.5 };
    const rule = createBaseline("gas-aware", params, context);
    const change = (exposure: number, fee: number, first = 0) =>
      changeOf(rule, context, rowOf(context, { delta: exposure, base_fee_fast: fee, is_first: first }));
    expect(change(-0.2, 0.4)).toBeCloseTo(0.1, 12);
    expect(change(-0.2, 0.6)).toBe(0);
    expect(change(-0.29, 0.6)).toBe(0);
    expect(change(-0.5, 0.6)).toBeCloseTo(0.4, 12);
    expect(change(-0.5, 0.6, 1)).toBeCloseTo(0.45, 12);
    expect(change(0.5, 0.6)).toBeCloseTo(-0.4, 12);
  });

  it("are log-linear in every regressor of the composite band", () => {
    const flat = { halfWidth: 0.1, costExponent: 0, gammaExponent: 0, timeExponent: 0, volatilityExponent: 0 };
    const width = (params: Record<string, number>, changes: Record<string, number>) =>
      bandOf("composite", { ...flat, waitMultiple: 1, ...params }, changes).halfWidth;
    const conditions = {
      cost_rate_bps: 10,
      gas_cost_bps: 6,
      gamma_percent: 0.08,
      time_left: 0.125,
      realised_volatility_slow: 1.2,
    };
    expect(width({}, conditions)).toBeCloseTo(0.1, 12);
    expect(width({ costExponent: 0.5, gasSize: 0.2 }, conditions)).toBeCloseTo(0.2, 12);
    expect(width({ gammaExponent: 0.5 }, conditions)).toBeCloseTo(0.2, 12);
    expect(width({ timeExponent: -0.5 }, conditions)).toBeCloseTo(0.2, 12);
    expect(width({ volatilityExponent: 1 }, conditions)).toBeCloseTo(0.2, 12);
    const all = { costExponent: 0.5, gasSize: 0.2, gammaExponent: 0.5, timeExponent: -0.5, volatilityExponent: 1 };
    expect(width(all, conditions)).toBeCloseTo(1.6, 11);
  });

  it("go part of the way to the centre where the composite band says so", () => {
    const params = { halfWidth: 0.1, costExponent: 0, gammaExponent: 0, rebalanceTo: 0.5, waitMultiple: 1 };
    expect(changeOf(createBaseline("composite", params, context), context, rowOf(context))).toBeCloseTo(0.45, 12);
  });
});

describe("The Greeks band", () => {
  const market = contextOf({
    stochasticVolatility: true,
    slots: [
      { name: "spot", kind: "spot" },
      { name: "option", kind: "option" },
    ],
  });
  const params = { halfWidth: 0.1, gammaHalfWidth: 0.01, vegaHalfWidth: 1 };
  const option = { slot1_unit_delta: 0.5, slot1_unit_gamma_percent: 0.02, slot1_unit_vega_percent: 0.001 };

  it("buys gamma back to its edge, then hedges the delta that this leaves", () => {
    const rule = createBaseline("greeks-band", params, market);
    const row = rowOf(market, { ...option, gamma_percent: -0.02 });
    expect(changeOf(rule, market, row, 1)).toBeCloseTo(0.5, 12);
    expect(changeOf(rule, market, row, 0)).toBeCloseTo(0.5 - 0.25 - 0.1, 12);
    expect(rule.rule).toBeUndefined();
  });

  it("trades the larger of what gamma and vega ask for, and lets gamma decide where they differ", () => {
    const tight = createBaseline("greeks-band", { ...params, vegaHalfWidth: 0 }, market);
    const agree = rowOf(market, { ...option, gamma_percent: -0.02, vega_percent: -0.002 });
    expect(changeOf(tight, market, agree, 1)).toBeCloseTo(2, 12);
    const differ = rowOf(market, { ...option, gamma_percent: -0.02, vega_percent: 0.002 });
    expect(changeOf(tight, market, differ, 1)).toBeCloseTo(0.5, 12);
    const vegaOnly = rowOf(market, { ...option, gamma_percent: 0, vega_percent: 0.001 });
    expect(changeOf(tight, market, vegaOnly, 1)).toBeCloseTo(-1, 12);
  });

  it("does not chase gamma with an option that has none left", () => {
    const rule = createBaseline("greeks-band", params, market);
    expect(changeOf(rule, market, rowOf(market, { ...option, slot1_unit_gamma_percent: 0 }), 1)).toBe(0);
    expect(changeOf(rule, market, rowOf(market, { ...option, slot1_unit_gamma_percent: 1e-6 }), 1)).toBe(3);
  });

  it("is a delta band that follows gamma where there is no option", () => {
    const at = (gamma: number) =>
      bandOf("greeks-band", { halfWidth: 0.1, gammaExponent: 0.5 }, { gamma_percent: gamma }).halfWidth;
    expect(at(-0.02)).toBeCloseTo(0.1, 12);
    expect(at(-0.08)).toBeCloseTo(0.2, 12);
  });
});
