import { INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import { deriveSeed, episodeKey, IndexedRandom, type Split } from "../../../src/core/random.ts";
import { AT } from "../../features/schema.ts";
import { STREAM } from "../../market/streams.ts";
import type { CostUnit } from "./options.ts";
import { RebalanceEnv } from "./rebalance-env.ts";
import type { Scenario, ScenarioTiming } from "./scenario.ts";
import { type ScenarioData, SimulatedMarket, type SimulatedMarketOptions } from "./simulated-market.ts";
import { deliverable, transactionGasUsd } from "./terminal.ts";

export interface PathwiseOptions {
  readonly scenario: Scenario;
  /** Paths of one load. */
  readonly paths: number;
  readonly split: Split;
  readonly seed: number;
  readonly data?: ScenarioData;
  readonly unit?: CostUnit;
}

/** Bits of `reverts`. */
export const REVERTS = { buy: 1, sell: 2 } as const;

const SECONDS_8H = 8 * 3600;

/** The simulated market, which also writes down what fills and marks need of each step that it plays. */
class RecordingMarket extends SimulatedMarket {
  /** [(steps + 1)*B] */
  readonly prices: Float64Array;
  /** Of the step that carries a decision out. [decisions*B] */
  readonly fillPrice: Float64Array;
  readonly fillBaseFeeGwei: Float64Array;
  readonly #stepsPerDecision: number;

  constructor(options: SimulatedMarketOptions, timing: ScenarioTiming) {
    super(options);
    this.#stepsPerDecision = timing.stepsPerDecision;
    this.prices = new Float64Array((timing.steps + 1) * options.batch);
    this.fillPrice = new Float64Array(timing.decisions * options.batch);
    this.fillBaseFeeGwei = new Float64Array(timing.decisions * options.batch);
  }

  override start(b: number, episode: number): void {
    super.start(b, episode);
    this.prices[b] = this.frame.price[b]!;
  }

  override advance(b: number, step: number): void {
    super.advance(b, step);
    const { batch, frame } = this;
    this.prices[(step + 1) * batch + b] = frame.price[b]!;
    if (step % this.#stepsPerDecision !== 0) return;
    const i = (step / this.#stepsPerDecision) * batch + b;
    this.fillPrice[i] = frame.fillPrice[b]!;
    this.fillBaseFeeGwei[i] = frame.fillBaseFeeGwei[b]!;
  }
}

/**
 * Everything about episodes of the rebalance task that no trade moves, from the environment itself: it plays them without a trade, and its
 * features, its costs of the unhedged book and its market's prices are written down. Entry (t, p) stands at t*paths + p.
 */
export class ExogenousPaths {
  readonly env: RebalanceEnv;
  readonly paths: number;
  readonly decisions: number;
  /** Raw features of an account that holds no hedge. [decisions*paths*F] */
  readonly features: Float64Array;
  /** profit_bps and costs_bps of that account. [decisions*paths] */
  readonly profitBps: Float64Array;
  /** Index at the decision, and where its trade is included. [decisions*paths] */
  readonly mark: Float64Array;
  readonly fillPrice: Float64Array;
  /** Gas of a transaction, USD. [decisions*paths] */
  readonly gasUsd: Float64Array;
  /** Half-spread as a fraction of the mid when the decision is taken and when it is filled; k of impact = k sqrt(coins). [decisions*paths] */
  readonly quotedHalfSpread: Float64Array;
  readonly halfSpread: Float64Array;
  readonly impact: Float64Array;
  /** Which sides would revert, as bits. [decisions*paths] */
  readonly reverts: Uint8Array;
  /** Cash that one coin of position brings until the next decision: marks and funding of perpetuals, yield of spot. [decisions*paths] */
  readonly holdUsd: Float64Array;
  readonly holdCoin: Float64Array;
  /** Growth of USD cash, and what is left of a displacement, over each decision. [decisions] */
  readonly growth: Float64Array;
  readonly decay: Float64Array;
  /** At the horizon: index, gas, cost of the unhedged book, and the cost of losing one USD, both in the objective's unit. [paths] */
  readonly endPrice: Float64Array;
  readonly endGasUsd: Float64Array;
  readonly endHalfSpread: Float64Array;
  readonly endImpact: Float64Array;
  readonly baseCost: Float64Array;
  readonly costOfUsd: Float64Array;
  /** Units of the underlying that physical delivery brings in at the horizon. [paths] */
  readonly delivered: Float64Array;
  readonly #market: RecordingMarket;
  readonly #options: PathwiseOptions;
  readonly #revertWord: number;

  constructor(options: PathwiseOptions) {
    const { scenario, paths, split, seed, data, unit } = options;
    this.#options = options;
    const shared = { scenario, split, seed, ...(data === undefined ? {} : { data }) };
    const timing = new RebalanceEnv({ ...shared, numEnvs: 1 }).timing;
    this.#market = new RecordingMarket({ ...shared, batch: paths }, timing);
    this.env = new RebalanceEnv({
      ...shared,
      numEnvs: paths,
      autoresetMode: "disabled",
      source: this.#market,
      ...(unit === undefined ? {} : { unit }),
    });
    this.#revertWord = deriveSeed(seed, `revert/${scenario.name}`);
    this.paths = paths;
    this.decisions = timing.decisions;
    const n = timing.decisions * paths;
    const all = () => new Float64Array(n);
    const one = () => new Float64Array(paths);
    this.features = new Float64Array(n * this.env.extractor.width);
    this.profitBps = all();
    this.mark = all();
    this.fillPrice = this.#market.fillPrice;
    this.gasUsd = all();
    this.quotedHalfSpread = all();
    this.halfSpread = all();
    this.impact = all();
    this.reverts = new Uint8Array(n);
    this.holdUsd = all();
    this.holdCoin = all();
    this.growth = new Float64Array(timing.decisions);
    this.decay = new Float64Array(timing.decisions);
    this.endPrice = one();
    this.endGasUsd = one();
    this.endHalfSpread = one();
    this.endImpact = one();
    this.baseCost = one();
    this.costOfUsd = one();
    this.delivered = one();
    const slot = scenario.slots[0]!;
    for (let t = 0; t < timing.decisions; t++) {
      const steps = this.#stepsOf(t);
      this.growth[t] = (1 + Math.expm1(scenario.market.rate * timing.dtYears)) ** steps;
      this.decay[t] = slot.transientFraction > 0 ? 0.5 ** ((steps * timing.stepSeconds) / slot.transientHalfLife) : 1;
    }
  }

  /** Plays episodes firstEpisode … firstEpisode + paths - 1 without a trade. */
  load(firstEpisode: number): void {
    const { env, paths } = this;
    const { width } = env.extractor;
    const idle = new Float64Array(paths * INTENT_WIDTH);
    env.reset({ seed: this.#options.seed, options: { firstEpisode } });
    for (let t = 0; t < this.decisions; t++) {
      this.features.set(env.features, t * paths * width);
      for (let p = 0; p < paths; p++) this.profitBps[t * paths + p] = env.features[p * width + AT.profit_bps]!;
      env.step(idle);
    }
    for (let t = 0; t < this.decisions; t++)
      for (let p = 0; p < paths; p++) {
        this.#decision(t, p, firstEpisode + p);
        this.#hold(t, p);
      }
    for (let p = 0; p < paths; p++) this.#end(p);
  }

  #stepsOf(t: number): number {
    const { steps, stepsPerDecision } = this.env.timing;
    return Math.min(stepsPerDecision, steps - t * stepsPerDecision);
  }

  /** Prices and costs of trading at decision t. */
  #decision(t: number, p: number, episode: number): void {
    const { paths, env } = this;
    const { scenario, split } = this.#options;
    const { chain } = scenario;
    const i = t * paths + p;
    const { stepsPerDecision } = env.timing;
    const [quote, specification] = [env.ledger.quotes[0]!, env.ledger.specifications[0]!];
    const mark = this.#market.prices[t * stepsPerDecision * paths + p]!;
    const fillPrice = this.fillPrice[i]!;
    this.mark[i] = mark;
    const { onChain } = specification;
    this.gasUsd[i] = onChain ? transactionGasUsd(chain, this.#market.fillBaseFeeGwei[i]!, fillPrice) : 0;
    this.quotedHalfSpread[i] = quote.halfSpread;
    this.halfSpread[i] = quote.halfSpread;
    this.impact[i] = (quote.impactCoefficient * quote.dailyVolatility) / Math.sqrt(quote.dailyVolume);
    this.reverts[i] = 0;
    if (!onChain) return;
    const rise = ((fillPrice - mark) / mark) * 1e4;
    const most = chain.maxSlippageBps ?? Number.POSITIVE_INFINITY;
    const unlucky =
      chain.revertProbability > 0 &&
      IndexedRandom.uniform(episodeKey(this.#revertWord, split, episode), t * stepsPerDecision, STREAM.revert) <
        chain.revertProbability;
    this.reverts[i] = (rise > most || unlucky ? REVERTS.buy : 0) | (-rise > most || unlucky ? REVERTS.sell : 0);
  }

  /** Cash that one coin of position brings from decision t to the next, as `Ledger.mark` books it. */
  #hold(t: number, p: number): void {
    const { paths } = this;
    const { scenario } = this.#options;
    const { prices } = this.#market;
    const { stepsPerDecision, dtYears, stepSeconds } = this.env.timing;
    const slot = scenario.slots[0]!;
    const spot = slot.kind === "spot";
    const carry = spot ? 1 : 1 + slot.basisBps * 1e-4;
    const interest = 1 + Math.expm1(scenario.market.rate * dtYears);
    const dividend = Math.expm1(scenario.market.dividendYield * dtYears);
    const funding = slot.fundingRate8h * (stepSeconds / SECONDS_8H);
    const coin = scenario.account.collateral === "coin";
    let usd = 0;
    let coins = 0;
    for (let k = 0; k < this.#stepsOf(t); k++) {
      const step = t * stepsPerDecision + k;
      const before = prices[step * paths + p]!;
      const after = prices[(step + 1) * paths + p]!;
      // Gains are paid at the new mark, yield and funding at the old one.
      const gain = spot ? 0 : carry * (after - before);
      const paid = spot ? before * dividend : -before * carry * funding;
      usd *= interest;
      if (coin) coins += gain / after + paid / before;
      else usd += gain + paid;
    }
    this.holdUsd[t * paths + p] = usd;
    this.holdCoin[t * paths + p] = coins;
  }

  #end(p: number): void {
    const { env } = this;
    const { scenario } = this.#options;
    const { ledger, outcome } = env;
    const price = ledger.price[p]!;
    const quote = ledger.quotes[0]!;
    this.endPrice[p] = price;
    this.endGasUsd[p] = ledger.specifications[0]!.onChain
      ? transactionGasUsd(scenario.chain, this.#market.frame.baseFeeGwei[p]!, price)
      : 0;
    this.endHalfSpread[p] = quote.halfSpread;
    this.endImpact[p] = (quote.impactCoefficient * quote.dailyVolatility) / Math.sqrt(quote.dailyVolume);
    this.baseCost[p] = outcome.cost[p]!;
    const inNumeraire = scenario.account.numeraire === "usd" ? 1 : ledger.initialPrice[p]! / price;
    this.costOfUsd[p] = inNumeraire / env.unitUsd(p);
    this.delivered[p] = scenario.terminal === "settle" ? deliverable(scenario, ledger, p, price) : 0;
  }
}
