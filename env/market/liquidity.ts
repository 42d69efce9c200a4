/** How spread and depth of a venue answer to toxicity and volatility. Assumptions: docs/assumptions/liquidity.md. */
export interface LiquidityParameters {
  /** Half-spread added, in multiples of the usual one, for each unit of VPIN above `neutralVpin`. */
  readonly toxicitySpread: number;
  readonly neutralVpin: number;
  /** The same for each unit by which the ratio of 1-hour realised to usual volatility passes 1. */
  readonly volatilitySpread: number;
  /** Share of depth that an hour's usual volume, all one way, takes. */
  readonly consumption: number;
  /** Half-life at which depth comes back, minutes. */
  readonly refillMinutes: number;
}

/** Half-life of the realised volatility that market makers look at, seconds. */
const VOLATILITY_HALF_LIFE = 3600;
/** Quotes are never wider than this multiple, nor thinner than its inverse: somebody always makes a market. */
const WORST = 20;

/**
 * Spread and depth multipliers of B venues, 1 = usual. Stress s = toxicitySpread (VPIN - neutral)+ + volatilitySpread (realised / usual - 1)+; the spread is
 * 1 + s, depth is drawn down by one-sided volume and refills towards 1 / (1 + s) at a finite rate (Obizhaeva and Wang 2013).
 */
export class Liquidity {
  readonly spread: Float64Array;
  readonly depth: Float64Array;
  /** Moving average of squared returns over their usual size. [B] */
  readonly #variance: Float64Array;
  readonly #parameters: LiquidityParameters;
  readonly #keepVariance: number;
  readonly #keepDepth: number;
  readonly #usualVariance: number;
  readonly #hourlyVolume: number;

  /**
   * @param usualVariance mean squared log return of a step
   * @param hourlyVolume usual volume of an hour, units
   */
  constructor(
    batch: number,
    parameters: LiquidityParameters,
    stepSeconds: number,
    usualVariance: number,
    hourlyVolume: number,
  ) {
    this.spread = new Float64Array(batch).fill(1);
    this.depth = new Float64Array(batch).fill(1);
    this.#variance = new Float64Array(batch).fill(1);
    this.#parameters = parameters;
    this.#keepVariance = 0.5 ** (stepSeconds / VOLATILITY_HALF_LIFE);
    this.#keepDepth = 0.5 ** (stepSeconds / (60 * parameters.refillMinutes));
    // Where nothing moves, volatility says nothing.
    this.#usualVariance = usualVariance > 0 ? usualVariance : Number.POSITIVE_INFINITY;
    this.#hourlyVolume = hourlyVolume;
  }

  start(b: number, vpin: number): void {
    this.#variance[b] = 1;
    this.spread[b] = 1 + this.#stress(b, vpin);
    this.depth[b] = 1 / this.spread[b]!;
  }

  /** @param netVolume bought less sold in the step, units */
  step(b: number, logReturn: number, netVolume: number, vpin: number): void {
    const keep = this.#keepVariance;
    this.#variance[b] = keep * this.#variance[b]! + ((1 - keep) * logReturn * logReturn) / this.#usualVariance;
    const spread = Math.min(WORST, 1 + this.#stress(b, vpin));
    this.spread[b] = spread;
    const target = 1 / spread;
    const refilled = target + (this.depth[b]! - target) * this.#keepDepth;
    const taken = Math.exp((-this.#parameters.consumption * Math.abs(netVolume)) / this.#hourlyVolume);
    this.depth[b] = Math.max(1 / WORST, refilled * taken);
  }

  arrays(): Record<string, Float64Array> {
    return { spread: this.spread, depth: this.depth, variance: this.#variance };
  }

  #stress(b: number, vpin: number): number {
    const { toxicitySpread, neutralVpin, volatilitySpread } = this.#parameters;
    return (
      toxicitySpread * Math.max(0, vpin - neutralVpin) +
      volatilitySpread * Math.max(0, Math.sqrt(this.#variance[b]!) - 1)
    );
  }
}
