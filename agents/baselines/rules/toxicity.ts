import { symmetricBand } from "../band-rule.ts";
import type { BaselineDefinition } from "../baseline.ts";
import { makeCentre } from "../centre.ts";
import { CENTRE, HALF_WIDTH, INITIAL_HEDGE, REBALANCE_TO } from "../parameters.ts";
import {
  DEAF,
  FLOW_LEANS,
  FLOW_WAITING,
  hasFlow,
  logToxicity,
  TOXICITY_EXPONENT,
  withFlowCentre,
  withFlowWaiting,
} from "./flow.ts";

/** Log displacement at full imbalance from which the tuner starts: half a percent. */
const LEAN = 0.005;

/** A fixed band that reads the flow: how toxic it is, and what part of the price it holds up for now. */
export const TOXICITY_AWARE: BaselineDefinition = {
  id: "toxicity-aware",
  summary:
    "A fixed band whose width follows toxicity and whose centre leans against the move that uninformed flow makes.",
  source:
    "VPIN: D. Easley, M. Lopez de Prado & M. O'Hara, Review of Financial Studies 25 (2012) 1457; transient impact: A. Obizhaeva & J. Wang (2013); the rule is ours.",
  reference: true,
  appliesTo: hasFlow,
  needs: "order flow (market.flow)",
  parameters: [
    HALF_WIDTH,
    TOXICITY_EXPONENT,
    ...FLOW_LEANS.map((p) => (p.name === "flowLean" ? { ...p, start: LEAN } : p)),
    ...FLOW_WAITING,
    REBALANCE_TO,
    INITIAL_HEDGE,
    ...CENTRE,
  ],
  anchors: [
    { ...DEAF, halfWidth: 1e6, initialHedge: 0 },
    { ...DEAF, halfWidth: 0, initialHedge: 1 },
    { ...DEAF, initialHedge: 0 },
    { ...DEAF, halfWidth: 0.2, rebalanceTo: 1 },
    { flowLean: 4 * LEAN },
  ],
  band: (params, context, read) => {
    const halfWidth = params.halfWidth!;
    const power = params.toxicityExponent!;
    const vpinAt = power === 0 ? 0 : read.need("vpin");
    const centre = withFlowCentre(makeCentre(params, context, read), params, read);
    const band = symmetricBand(params, read, centre, (features, o) =>
      power === 0 ? halfWidth : halfWidth * Math.exp(power * logToxicity(features, o + vpinAt)),
    );
    return withFlowWaiting(band, params, read);
  },
};
