import { holdStill, moveTo, symmetricBand } from "../band-rule.ts";
import type { BaselineDefinition } from "../baseline.ts";
import { makeCentre } from "../centre.ts";
import { CENTRE, HALF_WIDTH, INITIAL_HEDGE, REBALANCE_TO } from "../parameters.ts";

/** Trades nothing: what the book's risk costs by itself. */
export const NEVER: BaselineDefinition = {
  id: "never",
  summary: "Trades nothing.",
  source: "Definition.",
  reference: false,
  parameters: [],
  anchors: [],
  band: () => ({ band: (_features, _offset, out) => holdStill(out, 0) }),
};

/** Rehedges to delta 0 at every decision. */
export const DELTA: BaselineDefinition = {
  id: "delta",
  summary: "Rehedges to delta 0 at every decision.",
  source: "F. Black & M. Scholes (1973).",
  reference: false,
  parameters: [],
  anchors: [],
  band: () => ({ band: (_features, _offset, out) => moveTo(out, 0) }),
};

/** A band of constant width; under a fixed cost of each trade it pays to come back further than the edge. */
export const DELTA_BAND: BaselineDefinition = {
  id: "delta-band",
  summary: "A band of constant width around the centre; trades to its edge, or some of the way to the centre.",
  source: "The tuned one-parameter opponent of Cao, Chen, Hull & Poulos, Journal of Financial Data Science 3 (2021).",
  reference: true,
  parameters: [HALF_WIDTH, REBALANCE_TO, INITIAL_HEDGE, ...CENTRE],
  anchors: [
    { halfWidth: 1e6, initialHedge: 0 },
    { halfWidth: 0, initialHedge: 1 },
    { halfWidth: 0.1, initialHedge: 0 },
    { halfWidth: 0.2, rebalanceTo: 1 },
  ],
  band: (params, context, read) => {
    const { halfWidth } = params as { halfWidth: number };
    return symmetricBand(params, read, makeCentre(params, context, read), () => halfWidth);
  },
};
