import { IndexedRandom } from "../../src/core/random.ts";
import { type ChainParameters, nextBaseFeeWei } from "./base-fee.ts";

/** The demand for block space in a simulated fee market. Assumptions: docs/assumptions/fee-market.md. */
export interface DemandParameters {
  /** Median of the base fee at which demand equals the block's gas target, gwei. */
  readonly medianGwei: number;
  /** Stationary standard deviation of the log of that fee. */
  readonly logSd: number;
  /** Half-life of a demand shock, hours. */
  readonly halfLifeHours: number;
  /**
   * Log demand added for each standard deviation by which an hour's absolute return exceeds its mean: fees rise with volatility.
   * A step of h hours adds sqrt(h) times as much, so that the law of fees does not depend on the step.
   */
  readonly volatilityCoupling: number;
  /** Log demand added where an hour's volume is twice its mean; comes on top of logSd. Left out = 0. */
  readonly flowCoupling?: number | undefined;
  /** Relative standard deviation of one block's gas. */
  readonly blockNoise: number;
}

/** Streams of the indexed draws (their `index`); the bin is the simulation step. Price streams are in env/market/streams.ts. */
const DEMAND_STREAM = 16;
const BLOCK_STREAM = 32;
/** The first blocks of a long step, which are not the ones that end it. */
const FIRST_STREAM = 48;

/** Mean of |z| for a standard normal. */
const MEAN_ABS_NORMAL = 0.7978845608028654;
const SD_ABS_NORMAL = 0.6028102749890869;

/** Blocks simulated one by one where a step holds more than {@link EXACT_BLOCKS}. */
const TAIL_BLOCKS = 4;
const EXACT_BLOCKS = 8;

/**
 * Base fees of B chains, each driven by log demand d: an Ornstein-Uhlenbeck process whose shocks are partly those of absolute returns.
 * A block uses target * (clearing / baseFee) * (1 + noise) gas, clamped to [0, 2 target], and EIP-1559 sets the next fee.
 * A step of more than 8 blocks starts its last 4 at the clearing fee: on L1 the fee converges within about 20 blocks. (With a
 * denominator of 250 it would take some 500; there a step of more than 8 blocks has the fee arrive at once.)
 */
export class FeeMarket {
  readonly baseFeeWei: Float64Array;
  /** Base fee of the block that included a transaction sent at the start of the last step. [B] */
  readonly includedFeeWei: Float64Array;
  readonly #logDemand: Float64Array;
  /** The newest clearing fee that was computed, wei, and the log demand that it belongs to. [B] each; no state, but what spares exponentials. */
  readonly #clearing: Float64Array;
  readonly #clearingAt: Float64Array;
  readonly #chain: ChainParameters;
  readonly #demand: DemandParameters;
  readonly #medianWei: number;
  readonly #stepSeconds: number;
  readonly #decay: number;
  readonly #shock: number;
  readonly #kick: number;
  readonly #startSd: number;

  readonly #inclusionBlocks: number;
  /** Noises of the blocks in hand; scratch. */
  readonly #noise = new Float64Array(EXACT_BLOCKS);

  /** `inclusionBlocks`: blocks between sending a transaction and its inclusion, inside one step. */
  constructor(
    batch: number,
    chain: ChainParameters,
    demand: DemandParameters,
    stepSeconds: number,
    inclusionBlocks = 0,
  ) {
    this.baseFeeWei = new Float64Array(batch);
    this.includedFeeWei = new Float64Array(batch);
    this.#inclusionBlocks = Math.round(inclusionBlocks);
    this.#logDemand = new Float64Array(batch);
    this.#clearing = new Float64Array(batch);
    this.#clearingAt = new Float64Array(batch).fill(Number.NaN);
    this.#chain = chain;
    this.#demand = demand;
    this.#medianWei = demand.medianGwei * 1e9;
    this.#stepSeconds = stepSeconds;
    this.#decay = 0.5 ** (stepSeconds / 3600 / demand.halfLifeHours);
    const room = 1 - this.#decay * this.#decay;
    this.#kick = demand.volatilityCoupling * Math.sqrt(stepSeconds / 3600);
    // What comes from returns is taken off the demand's own shocks: the stationary deviation stays logSd (unless returns alone exceed it).
    this.#shock = Math.sqrt(Math.max(0, demand.logSd * demand.logSd * room - this.#kick * this.#kick));
    this.#startSd = Math.sqrt((this.#shock * this.#shock + this.#kick * this.#kick) / room);
  }

  /** Starts environment b in the stationary law of its demand. */
  start(b: number, key: number): void {
    const d = this.#startSd * IndexedRandom.normal(key, -1, DEMAND_STREAM);
    this.#logDemand[b] = d;
    this.baseFeeWei[b] = this.#atLeastMinimum(Math.round(this.#medianWei * Math.exp(d)));
    this.includedFeeWei[b] = this.baseFeeWei[b]!;
  }

  /**
   * Moves environment b over the step that ends at `step` + 1. `absoluteReturn` is |z|, the return's size in standard deviations.
   * `inclusionBlocks`: the wait of this step's transaction where it varies (env/chain/inclusion.ts), capped at the step's last block.
   * `flowExcess`: the step's volume over its mean, less 1, in the scale of an hour.
   */
  advance(
    b: number,
    key: number,
    step: number,
    absoluteReturn: number,
    inclusionBlocks = this.#inclusionBlocks,
    flowExcess = 0,
  ): void {
    const fromFlow = flowExcess === 0 ? 0 : (this.#demand.flowCoupling ?? 0) * Math.min(flowExcess, 10);
    const kick = (this.#kick * (absoluteReturn - MEAN_ABS_NORMAL)) / SD_ABS_NORMAL + fromFlow;
    const before = this.#logDemand[b]!;
    const d = before * this.#decay + this.#shock * IndexedRandom.normal(key, step, DEMAND_STREAM) + kick;
    const clearingBefore = this.#clearingFee(b);
    this.#logDemand[b] = d;
    const clearing = this.#clearingFee(b);
    const { blockSeconds } = this.#chain;
    const first = Math.floor((step * this.#stepSeconds) / blockSeconds);
    const blocks = Math.floor(((step + 1) * this.#stepSeconds) / blockSeconds) - first;
    let fee = this.baseFeeWei[b]!;
    if (blocks <= EXACT_BLOCKS) {
      this.includedFeeWei[b] = fee;
      const wait = Math.min(inclusionBlocks, blocks);
      IndexedRandom.normals(this.#noise, blocks, key, step, BLOCK_STREAM);
      if (wait >= 1) {
        fee = this.#follow(fee, clearing, 0, wait);
        this.includedFeeWei[b] = fee;
      }
      this.baseFeeWei[b] = this.#follow(fee, clearing, Math.max(wait, 0), blocks);
      return;
    }
    this.includedFeeWei[b] = this.#included(fee, before, d, clearingBefore, blocks, inclusionBlocks, key, step);
    fee = this.#atLeastMinimum(Math.round(clearing));
    IndexedRandom.normals(this.#noise, TAIL_BLOCKS, key, step, BLOCK_STREAM);
    this.baseFeeWei[b] = this.#follow(fee, clearing, 0, TAIL_BLOCKS);
  }

  /** In a long step: the first blocks go on from the fee that was published, at the demand of then; later ones are at the clearing fee of their time. */
  #included(
    fee: number,
    before: number,
    after: number,
    clearing: number,
    blocks: number,
    n: number,
    key: number,
    step: number,
  ): number {
    if (n > EXACT_BLOCKS) {
      const demand = before + (Math.min(n, blocks) / blocks) * (after - before);
      return this.#atLeastMinimum(Math.round(this.#medianWei * Math.exp(demand)));
    }
    IndexedRandom.normals(this.#noise, n, key, step, FIRST_STREAM);
    return this.#follow(fee, clearing, 0, n);
  }

  /**
   * The base fee after blocks `from` to `to` - 1, whose noises are drawn: the gas of each answers to the gap between the fee and the
   * market-clearing one.
   */
  #follow(fee: number, clearing: number, from: number, to: number): number {
    const { gasTarget, denominator, minimumBaseFeeWei } = this.#chain;
    const { blockNoise } = this.#demand;
    const noise = this.#noise;
    let next = fee;
    for (let i = from; i < to; i++) {
      const used = Math.floor(gasTarget * Math.min(2, Math.max(0, (clearing / next) * (1 + blockNoise * noise[i]!))));
      next = Math.max(minimumBaseFeeWei, nextBaseFeeWei(next, used, gasTarget, denominator));
    }
    return next;
  }

  /** Demand for gas at the current base fee over the block's target: 1 where the fee clears the market, above 2 where blocks are full. */
  congestion(b: number): number {
    return this.#clearingFee(b) / this.baseFeeWei[b]!;
  }

  /** The fee at which demand now equals the block's target, wei. */
  #clearingFee(b: number): number {
    const demand = this.#logDemand[b]!;
    if (this.#clearingAt[b] !== demand) {
      this.#clearingAt[b] = demand;
      this.#clearing[b] = this.#medianWei * Math.exp(demand);
    }
    return this.#clearing[b]!;
  }

  /** Log demand of each environment, for saving. */
  get logDemand(): Float64Array {
    return this.#logDemand;
  }

  #atLeastMinimum(fee: number): number {
    return Math.max(this.#chain.minimumBaseFeeWei, fee);
  }
}
