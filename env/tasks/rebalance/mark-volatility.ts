import { IndexedRandom } from "../../../src/core/random.ts";
import type { PriceModel } from "../../market/price-models/price-model.ts";
import { STREAM } from "../../market/streams.ts";
import { initialVolatility, type Scenario, timing } from "./scenario.ts";

/**
 * The volatility at which the options of B episodes are marked: constant, mean-reverting in its logarithm, or what the price model expects to the
 * last expiry of the book. Assumptions: docs/assumptions/implied-volatility.md.
 */
export class MarkVolatility {
  /** Log of the mark over its mean, where it reverts to that. [B] */
  readonly log: Float64Array;
  readonly #implied: Scenario["market"]["impliedVolatility"];
  readonly #usual: number;
  /** Asked for what it expects; undefined where the mark is constant or has a law of its own. */
  readonly #model: PriceModel | undefined;
  readonly #stepSeconds: number;
  readonly #secondsPerYear: number;
  /** Seconds from the start to the last expiry of the book: what an expected volatility looks ahead to. */
  readonly #expirySeconds: number;
  #decay = 0;
  #shock = 0;
  #startSd = 0;

  constructor(scenario: Scenario, batch: number, model: PriceModel | undefined) {
    const { stepSeconds, secondsPerYear, dtYears } = timing(scenario);
    const { impliedVolatility, price } = scenario.market;
    this.log = new Float64Array(batch);
    this.#implied = impliedVolatility;
    this.#usual = initialVolatility(scenario);
    const expected = impliedVolatility === undefined || impliedVolatility.model === "expected";
    this.#model = expected && price.model !== "gbm" ? model : undefined;
    this.#stepSeconds = stepSeconds;
    this.#secondsPerYear = secondsPerYear;
    this.#expirySeconds =
      86400 * Math.max(...scenario.book.legs.map((leg) => leg.maturityDays ?? scenario.maturityDays));
    if (impliedVolatility?.model === "mean-reverting") {
      // The exact step of an Ornstein-Uhlenbeck process, so that its law does not depend on the step.
      const { reversionPerYear: k, volOfVol } = impliedVolatility;
      this.#decay = Math.exp(-k * dtYears);
      this.#shock = volOfVol * Math.sqrt(k > 0 ? -Math.expm1(-2 * k * dtYears) / (2 * k) : dtYears);
      this.#startSd = k > 0 ? volOfVol / Math.sqrt(2 * k) : 0;
    }
  }

  start(b: number, key: number): void {
    const reverts = this.#implied?.model === "mean-reverting";
    this.log[b] = reverts ? this.#startSd * IndexedRandom.normal(key, -1, STREAM.impliedVolatility) : 0;
  }

  /** Moves environment b over the step that ends at `step` + 1. `shock`: the price's return in that step, in standard deviations. */
  advance(b: number, key: number, step: number, shock: number): void {
    if (this.#implied?.model !== "mean-reverting") return;
    const { correlation } = this.#implied;
    const own = IndexedRandom.normal(key, step, STREAM.impliedVolatility);
    const mixed = correlation * shock + Math.sqrt(1 - correlation * correlation) * own;
    this.log[b] = this.log[b]! * this.#decay + this.#shock * mixed;
  }

  /** The mark after `step` steps, fraction a year. */
  at(b: number, step: number): number {
    if (this.#implied?.model === "mean-reverting") return this.#implied.volatility * Math.exp(this.log[b]!);
    if (this.#model === undefined) return this.#usual;
    // At expiry nothing is left to expect; the last step's value stands for the volatility of now.
    const left = Math.max(this.#expirySeconds - step * this.#stepSeconds, this.#stepSeconds);
    const premium = this.#implied?.model === "expected" ? this.#implied.premium : 1;
    return premium * this.#model.expectedVolatility(b, left / this.#secondsPerYear);
  }
}
