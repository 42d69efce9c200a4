import { normalCdf } from "../../src/core/normal.ts";
import { IndexedRandom } from "../../src/core/random.ts";

/** How long a transaction waits for a block that takes it. Assumptions: docs/assumptions/inclusion.md. */
export interface InclusionParameters {
  /** The priority fee that the transaction offers, gwei. */
  readonly tipGwei: number;
  /** Median of the marginal tip of a block that has just become full, gwei. */
  readonly medianTipGwei: number;
  /** Standard deviation of the log of the marginal tip between blocks. */
  readonly tipLogSd: number;
  /** Power of demand over what a block holds, in that median: 1 = twice the demand, twice the tip. */
  readonly congestionPower: number;
  /** Relative standard deviation of one block's demand around the step's, as in the fee market; 0 = blocks are full where the step's demand is. */
  readonly blockNoise: number;
  /** No answer is larger. */
  readonly maxBlocks: number;
}

/** A block holds at most twice its gas target (EIP-1559). */
const FULL = 2;
/** Index of the uniform draw of a step (208..223 are reserved for inclusion). */
const WAIT_STREAM = 208;

/**
 * The chance that one block takes the transaction: 1 - P(full) · P(marginal tip > tip). `congestion`: demand for gas at the current base fee over
 * the block's target (1 = at target, above 2 = more than a block holds).
 */
export function inclusionProbability(p: InclusionParameters, congestion: number): number {
  const excess = congestion - FULL;
  const spread = p.blockNoise * congestion;
  const full = spread > 0 ? normalCdf(excess / spread) : excess > 0 ? 1 : 0;
  if (full === 0) return 1;
  const above = Math.log(p.medianTipGwei / p.tipGwei) + p.congestionPower * Math.log(Math.max(1, congestion / FULL));
  const outbid = p.tipLogSd > 0 ? normalCdf(above / p.tipLogSd) : above > 0 ? 1 : 0;
  return 1 - full * outbid;
}

/**
 * Blocks until a transaction that is sent at the start of `step` is included: 1 = the next block. Blocks are independent given the step's
 * congestion, so the wait is geometric; it comes from one indexed draw by inversion. For one (key, step) a higher tip never waits longer, and more
 * congestion never less. At most `maxBlocks`; a caller whose step is shorter than that caps it at the end of the step.
 */
export function blocksToInclusion(p: InclusionParameters, congestion: number, key: number, step: number): number {
  const missed = 1 - inclusionProbability(p, congestion);
  if (missed <= 0) return 1;
  if (missed >= 1) return p.maxBlocks;
  const u = IndexedRandom.uniform(key, step, WAIT_STREAM);
  // P(wait > n) = missed^n.
  return Math.min(p.maxBlocks, 1 + Math.floor(Math.log(u) / Math.log(missed)));
}
