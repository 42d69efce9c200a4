import type { BandRule } from "../../../src/core/contracts/heads.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import type { ParameterSpec, Params } from "../baseline.ts";
import type { RowFunction } from "../centre.ts";
import { type FeatureReader, hasFeature } from "../feature-reader.ts";

/** True where the order flow of others is among the features. */
export function hasFlow(context: PolicyContext): boolean {
  return hasFeature(context.schema, "imbalance_fast");
}

/** Where toxicity is neither high nor low, and the floor that keeps its logarithm finite. */
export const TOXICITY = { neutral: 0.3, smallest: 0.02 } as const;

/** Values of the parameters below at which flow is not looked at. */
export const DEAF: Params = {
  toxicityExponent: 0,
  flowLean: 0,
  flowLeanSlow: 0,
  flowRate: 0,
  flowToxicity: 0,
  flowPosition: 0,
  flowWaitMultiple: 1,
};

const flow = (
  name: string,
  unit: string,
  description: string,
  low: number,
  high: number,
  start: number,
  scale: "linear" | "log" = "linear",
): ParameterSpec => ({
  name,
  unit,
  description,
  low,
  high,
  scale,
  start,
  minimum: scale === "log" ? low : -100,
  maximum: scale === "log" ? 1e6 : 100,
  ...(Object.hasOwn(DEAF, name) ? { silent: DEAF[name]! } : {}),
  appliesTo: hasFlow,
});

/** Power of toxicity in the half-width. */
export const TOXICITY_EXPONENT = flow("toxicityExponent", "power", "Power of vpin in the half-width.", -3, 3, 0);

/** How the centre reads the flow: see {@link withFlowCentre}. At their defaults they say nothing. */
export const FLOW_LEANS: readonly ParameterSpec[] = [
  flow("flowLean", "log price", "Displacement of the price at an imbalance_fast of 1.", -0.05, 0.05, 0),
  flow("flowLeanSlow", "log price", "Displacement of the price at an imbalance_slow of 1.", -0.05, 0.05, 0),
  flow(
    "flowRate",
    "power",
    "Power of the volume rate over its usual in both: a busy tape moves the price more.",
    -0.5,
    1.5,
    0,
  ),
  flow("flowToxicity", "power", "Power of vpin in both.", -3, 3, 0),
  flow("flowPosition", "delta per unit of book", "Exposure held on purpose at an imbalance_fast of 1.", -0.5, 0.5, 0),
];

/** Parameters of {@link withFlowWaiting}. */
export const FLOW_WAITING: readonly ParameterSpec[] = [
  flow("flowWaitAbove", "fraction", "Wait before trading with an imbalance_fast larger than this.", 0, 1, 0.3),
  flow("flowWaitMultiple", "half-widths", "The side of the band that waits is this much wider.", 1, 10, 1, "log"),
];

/** ln(vpin / neutral), floored. */
export function logToxicity(features: Float64Array, at: number): number {
  return Math.log(Math.max(features[at]!, TOXICITY.smallest) / TOXICITY.neutral);
}

/**
 * Leans a centre against the part of the price that flow has pushed up and that will come back. The observed delta is that of the displaced
 * price: too high by gamma times the displacement, and hedging that part would be undone at a loss. So the centre moves by
 *   w (100 gamma_percent (flowLean imbalance_fast + flowLeanSlow imbalance_slow) + flowPosition imbalance_fast)
 *   w = exp(flowRate trade_rate) (vpin / neutral)^flowToxicity
 * The last term is a bet on the price's way back that no gamma asks for; a rule that may not make it would be a weak opponent for one that may.
 * Returns `centre` itself where nothing leans.
 */
export function withFlowCentre(centre: RowFunction, params: Params, read: FeatureReader): RowFunction {
  const fast = params.flowLean ?? 0;
  const slow = params.flowLeanSlow ?? 0;
  const rate = params.flowRate ?? 0;
  const toxicity = params.flowToxicity ?? 0;
  const position = params.flowPosition ?? 0;
  if (fast === 0 && slow === 0 && position === 0) return centre;
  const fastAt = read.need("imbalance_fast");
  const slowAt = read.need("imbalance_slow");
  const gammaAt = read.need("gamma_percent");
  const rateAt = rate === 0 ? 0 : read.need("trade_rate");
  const vpinAt = toxicity === 0 ? 0 : read.need("vpin");
  return (features, o) => {
    const imbalance = features[o + fastAt]!;
    const displacement = fast * imbalance + slow * features[o + slowAt]!;
    let log = 0;
    if (rate !== 0) log += rate * features[o + rateAt]!;
    if (toxicity !== 0) log += toxicity * logToxicity(features, o + vpinAt);
    return centre(features, o) + Math.exp(log) * (100 * features[o + gammaAt]! * displacement + position * imbalance);
  };
}

/**
 * Does not buy into a price that others are pushing up, nor sell into one that they push down: the side of the band on which a trade would go
 * with an imbalance beyond `flowWaitAbove` is `flowWaitMultiple` times as wide. An exposure that leaves even that is brought to where the rule
 * itself would bring it.
 */
export function withFlowWaiting(rule: BandRule, params: Params, read: FeatureReader): BandRule {
  const multiple = params.flowWaitMultiple ?? 1;
  if (multiple === 1) return rule;
  const above = params.flowWaitAbove!;
  const imbalanceAt = read.need("imbalance_fast");
  const exposureAt = read.need("delta");
  return {
    band(features, o, out) {
      rule.band(features, o, out);
      const imbalance = features[o + imbalanceAt]!;
      // The exposure tells which way a trade would go.
      const buys = features[o + exposureAt]! < out.centre;
      if (!((buys ? imbalance : -imbalance) > above)) return;
      if (buys) out.lower = out.centre + multiple * (out.lower - out.centre);
      else out.upper = out.centre + multiple * (out.upper - out.centre);
      out.rebalanceTo = 1 - (1 - out.rebalanceTo) / multiple;
    },
  };
}
