import { IndexedRandom } from "../../src/core/random.ts";
import { type FlowParameters, flowVarianceOfStep, shareOn } from "./flow-parameters.ts";
import { Liquidity, type LiquidityParameters } from "./liquidity.ts";
import { OrderFlow } from "./order-flow.ts";
import type { MarketFrame } from "./source.ts";
import { STREAM } from "./streams.ts";
import { ToxicityEstimators } from "./toxicity.ts";

/** Order flow with its estimators. */
export interface FlowConfig extends FlowParameters {
  readonly toxicity: {
    readonly bucketsPerDay: number;
    readonly buckets: number;
    readonly fastHalfLifeMinutes: number;
    readonly slowHalfLifeMinutes: number;
  };
}

/** The order flow of B markets, what can be estimated from its public tape, and how the venue answers to that. */
export class FlowState {
  readonly #flow: OrderFlow;
  readonly #estimators: ToxicityEstimators;
  readonly #liquidity: Liquidity | undefined;
  /** Steps before the start: see {@link warmUpSteps}. */
  readonly #warmUp: number;
  /** Variance of the log moves that trades make in a step, in the mean. */
  readonly stepVariance: number;
  readonly #newsSd: number;
  readonly #volumePerStep: number;
  readonly #rootHours: number;

  /** `stepVariance`: variance of the efficient log return of a step. */
  constructor(
    batch: number,
    flow: FlowConfig,
    liquidity: LiquidityParameters | undefined,
    stepSeconds: number,
    stepVariance: number,
  ) {
    const hourly = usualVolumePerHour(flow);
    this.stepVariance = flowVarianceOfStep(flow, stepSeconds);
    this.#flow = new OrderFlow(batch, flow, stepSeconds);
    const { bucketsPerDay, ...rest } = flow.toxicity;
    this.#estimators = new ToxicityEstimators(
      batch,
      { ...rest, bucketVolume: (24 * hourly) / bucketsPerDay },
      stepSeconds,
    );
    if (liquidity !== undefined)
      this.#liquidity = new Liquidity(batch, liquidity, stepSeconds, stepVariance + this.stepVariance, hourly);
    this.#warmUp = warmUpSteps(flow, stepSeconds);
    this.#newsSd = Math.sqrt(stepVariance);
    this.#volumePerStep = (hourly * stepSeconds) / 3600;
    this.#rootHours = Math.sqrt(stepSeconds / 3600);
  }

  /** x, log displacement of the mid. [B] */
  get transient(): Float64Array {
    return this.#flow.transient;
  }

  /** Number of trades in the last step. [B] */
  get trades(): Float64Array {
    return this.#flow.trades;
  }

  /** Log move of the efficient price by the last step's informed trades. [B] */
  get permanent(): Float64Array {
    return this.#flow.permanent;
  }

  /** Starts in the stationary law; the estimators have then watched the tape for some hours, as anyone who opens a session has. */
  start(b: number, key: number): void {
    const flow = this.#flow;
    flow.start(b, key);
    this.#estimators.start(b);
    this.#liquidity?.start(b, this.#estimators.vpin[b]!);
    for (let step = -this.#warmUp; step < 0; step++) {
      const before = flow.transient[b]!;
      flow.advance(b, key, step);
      const news = this.#newsSd * IndexedRandom.normal(key, step, STREAM.price);
      this.estimate(b, news + flow.permanent[b]! + flow.transient[b]! - before);
    }
  }

  advance(b: number, key: number, step: number): void {
    this.#flow.advance(b, key, step);
  }

  /** Takes the step's tape and observed return into the estimates, and lets the venue answer. */
  estimate(b: number, logReturn: number): void {
    const { buyVolume, sellVolume } = this.#flow;
    this.#estimators.step(b, buyVolume[b]!, sellVolume[b]!, logReturn);
    this.#liquidity?.step(b, logReturn, buyVolume[b]! - sellVolume[b]!, this.#estimators.vpin[b]!);
  }

  /** Volume of the last step over its mean, less 1, in the scale of an hour: what drives demand for block space. */
  excess(b: number): number {
    const volume = this.#flow.buyVolume[b]! + this.#flow.sellVolume[b]!;
    return (volume / this.#volumePerStep - 1) * this.#rootHours;
  }

  show(b: number, frame: MarketFrame): void {
    const flow = this.#flow;
    const estimators = this.#estimators;
    const volume = flow.buyVolume[b]! + flow.sellVolume[b]!;
    frame.transient[b] = flow.transient[b]!;
    frame.informed[b] = volume > 0 ? flow.informedVolume[b]! / volume : 0;
    frame.buyVolume[b] = flow.buyVolume[b]!;
    frame.sellVolume[b] = flow.sellVolume[b]!;
    frame.vpin[b] = estimators.vpin[b]!;
    frame.vpinBulk[b] = estimators.vpinBulk[b]!;
    frame.imbalanceFast[b] = estimators.imbalanceFast[b]!;
    frame.imbalanceSlow[b] = estimators.imbalanceSlow[b]!;
    frame.kyleLambda[b] = estimators.kyleLambda[b]!;
    if (this.#liquidity === undefined) return;
    frame.spread[b] = this.#liquidity.spread[b]!;
    frame.depth[b] = this.#liquidity.depth[b]!;
  }

  arrays(): Record<string, Float64Array | Int32Array> {
    const arrays: Record<string, Float64Array | Int32Array> = {};
    const parts = { tape: this.#flow, toxicity: this.#estimators, liquidity: this.#liquidity };
    for (const [part, owner] of Object.entries(parts))
      for (const [name, array] of Object.entries(owner?.arrays() ?? {})) arrays[`${part}_${name}`] = array;
    return arrays;
  }
}

/** Steps of flow that the estimators watch before an episode starts, at most a day's: VPIN's window, or two half-lives of the slow imbalance. */
function warmUpSteps({ toxicity }: FlowConfig, stepSeconds: number): number {
  const { buckets, bucketsPerDay, slowHalfLifeMinutes } = toxicity;
  const window = Math.max((86_400 * buckets) / bucketsPerDay, 120 * slowHalfLifeMinutes);
  return Math.ceil(Math.min(window, 86_400) / stepSeconds);
}

/** Mean volume of an hour, units: uninformed trades, information events and bursts. */
export function usualVolumePerHour(flow: FlowParameters): number {
  const informed = shareOn(flow.informationEventsPerDay, flow.informationMinutes);
  const bursts = shareOn(flow.burstsPerDay, flow.burstMinutes);
  return (
    flow.meanSize *
    (flow.tradesPerHour +
      informed * flow.informedTradesPerHour * flow.informedSize +
      bursts * flow.burstTradesPerHour * flow.burstSize)
  );
}
