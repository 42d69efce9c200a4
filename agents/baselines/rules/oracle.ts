import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import { holdStill, symmetricBand } from "../band-rule.ts";
import type { BaselineDefinition } from "../baseline.ts";
import { makeCentre } from "../centre.ts";
import { hasFeature } from "../feature-reader.ts";
import { CENTRE, HALF_WIDTH, INITIAL_HEDGE, REBALANCE_TO } from "../parameters.ts";

/** True where an on-chain oracle is among the features. */
export function hasOracle(context: PolicyContext): boolean {
  return hasFeature(context.schema, "oracle_updated");
}

/** A band that is looked at when the on-chain oracle speaks, or has been silent or wrong for too long. */
export const ORACLE_TRIGGERED: BaselineDefinition = {
  id: "oracle-triggered",
  summary: "A band of constant width that acts only when the on-chain oracle has updated, is old, or is far off.",
  source: "What keepers do that are called by an oracle's update (deviation threshold and heartbeat of price feeds).",
  reference: false,
  appliesTo: hasOracle,
  needs: "oracle (chain.oracle)",
  parameters: [
    HALF_WIDTH,
    {
      name: "oracleAge",
      unit: "hours",
      description: "The rule acts without an update once the newest is older than this.",
      low: 0.25,
      high: 72,
      scale: "log",
      start: 24,
      minimum: 0,
      maximum: Number.POSITIVE_INFINITY,
    },
    {
      name: "oracleDeviation",
      unit: "bps",
      description: "The rule acts without an update while the index price is at least this far from the oracle's.",
      low: 1,
      high: 1000,
      scale: "log",
      start: 100,
      minimum: 0,
      maximum: Number.POSITIVE_INFINITY,
    },
    REBALANCE_TO,
    INITIAL_HEDGE,
    ...CENTRE,
  ],
  anchors: [
    { halfWidth: 1e6, initialHedge: 0 },
    { halfWidth: 0, initialHedge: 1, oracleDeviation: 0 },
    { oracleDeviation: 0 },
    { halfWidth: 0.2, rebalanceTo: 1, oracleDeviation: 1e6, oracleAge: 1e6 },
  ],
  band: (params, context, read) => {
    const updatedAt = read.need("oracle_updated");
    const ageAt = read.need("oracle_age_hours");
    const deviationAt = read.need("oracle_deviation_bps");
    const isFirst = read.need("is_first");
    const { halfWidth, oracleAge, oracleDeviation } = params as {
      halfWidth: number;
      oracleAge: number;
      oracleDeviation: number;
    };
    const rule = symmetricBand(params, read, makeCentre(params, context, read), () => halfWidth);
    return {
      band(features, o, out) {
        rule.band(features, o, out);
        // A session is set up whatever the oracle says.
        const acts =
          features[o + isFirst]! > 0.5 ||
          features[o + updatedAt]! > 0.5 ||
          features[o + ageAt]! > oracleAge ||
          Math.abs(features[o + deviationAt]!) >= oracleDeviation;
        if (!acts) holdStill(out, out.centre);
      },
    };
  },
};
