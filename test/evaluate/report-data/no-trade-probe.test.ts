import { describe, expect, it } from "vitest";
import { createBaseline } from "../../../agents/baselines/registry.ts";
import { RebalanceEnv } from "../../../env/tasks/rebalance/rebalance-env.ts";
import { featureIndex } from "../../../src/core/contracts/features.ts";
import { INTENT_WIDTH, writeTrade } from "../../../src/core/contracts/intent.ts";
import type { Policy } from "../../../src/core/contracts/policy.ts";
import { NoTradeProbe } from "../../../src/evaluate/report-data/no-trade-probe.ts";
import { smallExperiment } from "./small.ts";

function envAt(decisions: number, numEnvs = 3): RebalanceEnv {
  const { scenario, unit } = smallExperiment();
  const env = new RebalanceEnv({ scenario, unit, numEnvs, split: "select", seed: 5, autoresetMode: "disabled" });
  env.reset({ seed: 5, options: { firstEpisode: 0 } });
  const intents = new Float64Array(numEnvs * INTENT_WIDTH);
  for (let d = 0; d < decisions; d++) env.step(intents);
  return env;
}

/** Rests between the exposures that `inside` names, else trades to 0. */
function policyThatRests(env: RebalanceEnv, inside: (exposure: number, memory: number) => boolean): Policy {
  const { context } = env;
  const at = featureIndex(context.schema);
  const width = context.schema.features.length;
  return {
    id: "test",
    memoryWidth: 1,
    maskWidth: 0,
    requires: ["delta"],
    decide(batch, features, _available, memory, _mask, out) {
      for (let b = 0; b < batch; b++) {
        const exposure = features[b * width + at.delta!]!;
        const rests = inside(exposure, memory[b]!);
        memory[b]! += 1;
        writeTrade(out, b * INTENT_WIDTH, 0, rests ? 0 : -exposure * context.bookSize);
      }
    },
  };
}

describe("the probe of a no-trade region", () => {
  it("finds the edges that a band rule computes, in every environment", () => {
    const env = envAt(7);
    for (const [id, params] of [
      ["delta-band", { halfWidth: 0.09 }],
      ["delta-band", { halfWidth: 0.004, initialHedge: 0 }],
      ["whalley-wilmott", { riskAversion: 0.01 }],
      ["zakamouline", { riskAversion: 0.05 }],
    ] as const) {
      const policy = createBaseline(id, params, env.context);
      const probe = new NoTradeProbe(env, policy);
      for (let b = 0; b < env.numEnvs; b++) {
        const band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };
        policy.rule!.band(env.features, b * env.extractor.width, band);
        const region = probe.at(b);
        expect(region.lower).toBeCloseTo(band.lower, 4);
        expect(region.upper).toBeCloseTo(band.upper, 4);
      }
    }
  });

  it("is infinite for a rule that never trades and a point for one that always does", () => {
    const env = envAt(3);
    const never = new NoTradeProbe(env, createBaseline("never", {}, env.context)).at(1);
    expect(never).toEqual({ lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY });
    const always = new NoTradeProbe(env, createBaseline("delta", {}, env.context)).at(1);
    expect(always.upper - always.lower).toBeLessThan(2e-3);
    expect(always.upper).toBeCloseTo(0, 3);
  });

  it("finds where trading starts when the band moves with the exposure itself", () => {
    const env = envAt(3);
    // Upper edge 0.1 + e / 2: the exposure meets it at 0.2. Lower edge -0.3 + e / 4: at -0.4.
    const policy = policyThatRests(env, (e) => e <= 0.1 + e / 2 && e >= -0.3 + e / 4);
    const region = new NoTradeProbe(env, policy).at(0);
    expect(region.upper).toBeCloseTo(0.2, 3);
    expect(region.lower).toBeCloseTo(-0.4, 3);
  });

  it("hands each question the memory of the state, and leaves that as it was", () => {
    const env = envAt(3);
    const policy = policyThatRests(env, (e, memory) => Math.abs(e) <= 0.1 * memory);
    const memory = Float64Array.of(3);
    const probe = new NoTradeProbe(env, policy);
    expect(probe.at(0, memory).upper).toBeCloseTo(0.3, 3);
    expect(probe.at(0, Float64Array.of(1)).upper).toBeCloseTo(0.1, 3);
    expect(memory[0]).toBe(3);
  });

  it("speaks of exposure, not of contracts: an inverse perpetual in a coin account has the same edges", () => {
    const { scenario } = smallExperiment({
      account: { numeraire: "coin", collateral: "coin", deltaConvention: "usdEquity", collateralCoin: 3 },
      slots: [{ name: "perp", kind: "inverse-perpetual", takerFeeBps: 5 }],
    });
    const env = new RebalanceEnv({ scenario, numEnvs: 1, split: "select", seed: 5, autoresetMode: "disabled" });
    env.reset({ seed: 5, options: { firstEpisode: 0 } });
    env.step(new Float64Array(INTENT_WIDTH));
    const region = new NoTradeProbe(env, createBaseline("delta-band", { halfWidth: 0.09 }, env.context)).at(0);
    expect(region.lower).toBeCloseTo(-0.09, 4);
    expect(region.upper).toBeCloseTo(0.09, 4);
  });

  it("changes nothing in the environment", () => {
    const probed = envAt(4);
    const twin = envAt(4);
    const policy = createBaseline("whalley-wilmott", { riskAversion: 0.01 }, probed.context);
    new NoTradeProbe(probed, policy).at(2);
    expect(probed.features).toEqual(twin.features);
    expect(probed.observation).toEqual(twin.observation);
    const intents = new Float64Array(3 * INTENT_WIDTH);
    probed.step(intents);
    twin.step(intents);
    expect(probed.features).toEqual(twin.features);
    expect(probed.saveState()).toEqual(twin.saveState());
  });
});
