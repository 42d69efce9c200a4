import type { Band, BandRule } from "../../src/core/contracts/heads.ts";
import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import type { Actions } from "./action-head.ts";
import { bandTrade } from "./band-clamp.ts";
import { applyResidual, BAND_ACTION } from "./band-head.ts";
import { bounds, columnOf, expectPositive } from "./head-features.ts";

/** A head whose change of exposure has a gradient with respect to its outputs and to the exposure. Rows are those of a batch. */
export interface DifferentiableHead {
  /** Outputs a row, each in [low, high]. */
  readonly size: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Column of the feature that it reads as the exposure. */
  readonly exposure: number;
  /**
   * Writes the change of exposure that the head's intents ask for, [batch], and on which side a trade would be where there is none but one
   * is near: -1 or 1, else 0. [batch]
   */
  changes(batch: number, actions: Actions, features: Float64Array, changes: Float64Array, sides: Float64Array): void;
  /**
   * Pulls dL/dchange and dL/d(trading at all) of row b back: writes dL/dactions to out[a … a + size - 1] and returns dL/dexposure, as far as
   * the head itself reads the exposure. `a` is the row's offset in `actions`, `row` in `features`.
   */
  pull(
    actions: Actions,
    a: number,
    features: Float64Array,
    row: number,
    dChange: number,
    dTrade: number,
    out: Float64Array,
  ): number;
}

export interface BandGradientOptions {
  /** As the band head's. */
  readonly scale: number;
  /** Distance from an edge, in half-widths, within which rows tell what a trade more or less is worth; 0 = none do. */
  readonly edgeWidth: number;
}

/**
 * The band head with its derivatives. Where a trade is made they are exact:
 *   change = edge + r (centre - edge) - exposure.
 * An edge also decides whether one is made. Where a trade begins at once (r > 0, or gas) that is a jump, which no derivative along a path
 * sees: moving the edge by de trades on the paths that stand within de of it. The expectation's derivative is the density there times the
 * jump; it is estimated from the rows within edgeWidth half-widths of the edge, on both sides, by a triangular kernel. The jump in L is, to
 * first order, dL/dchange * r (centre - edge) + dL/d(trading): taken after the trade on one side and before it on the other, it is the
 * trapezoid rule. What the reference rule itself reads of the position is not differentiated.
 */
export class BandHeadGradient implements DifferentiableHead {
  readonly size = Object.keys(BAND_ACTION).length;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly exposure: number;
  readonly #rule: BandRule;
  readonly #scale: number;
  readonly #edgeWidth: number;
  readonly #width: number;
  readonly #band: Band = { lower: 0, upper: 0, centre: 0, rebalanceTo: 0 };

  constructor(options: BandGradientOptions, context: PolicyContext, rule: BandRule) {
    expectPositive(options.scale, "scale");
    const { low, high } = bounds(this.size);
    this.low = low;
    this.high = high;
    this.#rule = rule;
    this.#scale = options.scale;
    this.#edgeWidth = options.edgeWidth;
    this.exposure = columnOf(context, "delta");
    this.#width = context.schema.features.length;
  }

  changes(batch: number, actions: Actions, features: Float64Array, changes: Float64Array, sides: Float64Array): void {
    const band = this.#band;
    for (let b = 0; b < batch; b++) {
      const row = b * this.#width;
      this.#rule.band(features, row, band);
      applyResidual(band, actions, b * this.size, this.#scale);
      const exposure = features[row + this.exposure]!;
      changes[b] = bandTrade(exposure, band);
      sides[b] = 0;
      if (changes[b] !== 0) continue;
      if (this.#nearness(exposure - band.upper) > 0) sides[b] = -1;
      else if (this.#nearness(band.lower - exposure) > 0) sides[b] = 1;
    }
  }

  pull(
    actions: Actions,
    a: number,
    features: Float64Array,
    row: number,
    dChange: number,
    dTrade: number,
    out: Float64Array,
  ): number {
    const band = this.#band;
    const scale = this.#scale;
    this.#rule.band(features, row, band);
    const centre0 = band.centre;
    const raw = band.rebalanceTo + actions[a + BAND_ACTION.rebalanceTo]!;
    applyResidual(band, actions, a, scale);
    const { lower, upper, centre, rebalanceTo: r } = band;
    const exposure = features[row + this.exposure]!;
    let dLower = 0;
    let dUpper = 0;
    let dCentre = 0;
    let dR = 0;
    let dExposure = 0;
    if (bandTrade(exposure, band) !== 0) {
      const edge = exposure > upper ? upper : lower;
      if (exposure > upper) dUpper = dChange * (1 - r);
      else dLower = dChange * (1 - r);
      dCentre = dChange * r;
      dR = dChange * (centre - edge);
      dExposure = -dChange;
    }
    const above = this.#nearness(exposure - upper);
    if (above > 0) {
      const jump = above * (dChange * r * (centre - upper) + dTrade);
      dUpper -= jump;
      dExposure += jump;
    }
    const below = this.#nearness(lower - exposure);
    if (below > 0) {
      const jump = below * (dChange * r * (centre - lower) + dTrade);
      dLower += jump;
      dExposure -= jump;
    }
    // Outputs move the edges before the shift; the shift is a share of the half-width that they leave.
    const halfWidth = 0.5 * (upper - lower);
    const bounded = Number.isFinite(halfWidth);
    const share = bounded ? actions[a + BAND_ACTION.centre]! : 0;
    const shift = bounded ? share * halfWidth : 0;
    const dShift = dLower + dUpper + dCentre;
    if (Number.isFinite(upper)) dUpper = (dUpper + 0.5 * share * dShift) * scale * (upper - shift - centre0);
    if (Number.isFinite(lower)) dLower = (dLower - 0.5 * share * dShift) * scale * (lower - shift - centre0);
    out[a + BAND_ACTION.lower] = dLower;
    out[a + BAND_ACTION.upper] = dUpper;
    out[a + BAND_ACTION.centre] = bounded ? dShift * halfWidth : 0;
    // Past 0 and 1 only a step back towards them counts, so that a rule that starts on a bound can leave it and nobody is lost beyond.
    out[a + BAND_ACTION.rebalanceTo] = (raw <= 0 && dR > 0) || (raw >= 1 && dR < 0) ? 0 : dR;
    return dExposure;
  }

  /** Kernel density of an exposure this far outside an edge (negative: inside), 1/exposure; 0 beyond its reach. */
  #nearness(outside: number): number {
    const { lower, upper } = this.#band;
    const reach = this.#edgeWidth * 0.5 * (upper - lower);
    if (!(reach > 0 && Math.abs(outside) < reach && reach < Number.POSITIVE_INFINITY)) return 0;
    return (1 - Math.abs(outside) / reach) / reach;
  }
}
