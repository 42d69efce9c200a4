import { INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import type { Split } from "../../../src/core/random.ts";
import type { StateTree } from "../../../src/core/state.ts";
import { AT } from "../../features/schema.ts";
import type { Listing, MarketFrame, MarketSource } from "../../market/source.ts";
import { Executor } from "./executor.ts";
import { makeMarket } from "./make-market.ts";
import type { CostUnit } from "./options.ts";
import type { QuoteParameters } from "./quote-venue.ts";
import { RebalanceEnv } from "./rebalance-env.ts";
import type { Scenario, ScenarioTiming } from "./scenario.ts";
import type { ScenarioData } from "./scenario-data.ts";
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

/** Bits of `fails`: a purchase or a sale would revert (gas is paid); nothing can be sent at all. */
export const FAILS = { buy: 1, sell: 2, send: 4 } as const;

const SECONDS_8H = 8 * 3600;

/** A market that also writes down what fills and marks need of each step that it plays. */
class RecordingMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly fields: MarketSource["fields"];
  readonly listing?: (b: number) => Listing;
  /** [(steps + 1)*B] */
  readonly prices: Float64Array;
  readonly seconds: Float64Array;
  /** Multipliers of half-spread and depth when a decision is taken; price and base fee where it is included. [decisions*B] */
  readonly spread: Float64Array;
  readonly depth: Float64Array;
  readonly fillPrice: Float64Array;
  readonly fillBaseFeeGwei: Float64Array;
  readonly #inner: MarketSource;
  readonly #stepsPerDecision: number;

  constructor(inner: MarketSource, { steps, decisions, stepsPerDecision }: ScenarioTiming) {
    this.#inner = inner;
    this.#stepsPerDecision = stepsPerDecision;
    this.batch = inner.batch;
    this.steps = inner.steps;
    this.frame = inner.frame;
    this.fields = inner.fields;
    if (inner.listing !== undefined) this.listing = (b) => inner.listing!(b);
    const every = () => new Float64Array((steps + 1) * inner.batch);
    const decided = () => new Float64Array(decisions * inner.batch);
    this.prices = every();
    this.seconds = every();
    this.spread = decided();
    this.depth = decided();
    this.fillPrice = decided();
    this.fillBaseFeeGwei = decided();
  }

  start(b: number, episode: number): void {
    this.#inner.start(b, episode);
    this.prices[b] = this.frame.price[b]!;
    this.seconds[b] = this.frame.seconds[b]!;
  }

  advance(b: number, step: number): void {
    const { batch, frame } = this;
    const decides = step % this.#stepsPerDecision === 0;
    const i = Math.floor(step / this.#stepsPerDecision) * batch + b;
    // A trade meets the spread and depth that were published when it was decided.
    if (decides) {
      this.spread[i] = frame.spread[b]!;
      this.depth[i] = frame.depth[b]!;
    }
    this.#inner.advance(b, step);
    this.prices[(step + 1) * batch + b] = frame.price[b]!;
    this.seconds[(step + 1) * batch + b] = frame.seconds[b]!;
    if (!decides) return;
    this.fillPrice[i] = frame.fillPrice[b]!;
    this.fillBaseFeeGwei[i] = frame.fillBaseFeeGwei[b]!;
  }

  saveState(): StateTree {
    return this.#inner.saveState();
  }

  loadState(state: StateTree): void {
    this.#inner.loadState(state);
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
  /** Event time and index at the decision, and the index where its trade is included. [decisions*paths] */
  readonly seconds: Float64Array;
  readonly mark: Float64Array;
  readonly fillPrice: Float64Array;
  /** Gas of a transaction, USD. [decisions*paths] */
  readonly gasUsd: Float64Array;
  /** Half-spread as a fraction of the mid, and k of impact = k sqrt(coins). [decisions*paths] */
  readonly halfSpread: Float64Array;
  readonly impact: Float64Array;
  /** What would fail, as bits. [decisions*paths] */
  readonly fails: Uint8Array;
  /** Cash that one coin of position brings until the next decision: marks and funding of perpetuals, yield of spot. [decisions*paths] */
  readonly holdUsd: Float64Array;
  readonly holdCoin: Float64Array;
  /** Growth of USD cash, and what is left of a displacement, over each decision. [decisions*paths] */
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
  readonly #executor: Executor;

  constructor(options: PathwiseOptions) {
    const { scenario, paths, split, seed, data, unit } = options;
    this.#options = options;
    const shared = { scenario, split, seed, ...(data === undefined ? {} : { data }) };
    const timing = new RebalanceEnv({ ...shared, numEnvs: 1 }).timing;
    this.#market = new RecordingMarket(makeMarket({ ...shared, batch: paths }), timing);
    this.env = new RebalanceEnv({
      ...shared,
      numEnvs: paths,
      autoresetMode: "disabled",
      source: this.#market,
      ...(unit === undefined ? {} : { unit }),
    });
    this.#executor = new Executor(scenario, this.env.extractor.schema, split, seed);
    this.paths = paths;
    this.decisions = timing.decisions;
    const n = timing.decisions * paths;
    const all = () => new Float64Array(n);
    const one = () => new Float64Array(paths);
    this.features = new Float64Array(n * this.env.extractor.width);
    this.profitBps = all();
    this.seconds = all();
    this.mark = all();
    this.fillPrice = this.#market.fillPrice;
    this.gasUsd = all();
    this.halfSpread = all();
    this.impact = all();
    this.fails = new Uint8Array(n);
    this.holdUsd = all();
    this.holdCoin = all();
    this.growth = all();
    this.decay = all();
    this.endPrice = one();
    this.endGasUsd = one();
    this.endHalfSpread = one();
    this.endImpact = one();
    this.baseCost = one();
    this.costOfUsd = one();
    this.delivered = one();
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

  /** Prices and costs of trading at decision t. */
  #decision(t: number, p: number, episode: number): void {
    const { paths, env } = this;
    const executor = this.#executor;
    const i = t * paths + p;
    const { stepsPerDecision } = env.timing;
    const [quote, specification] = [env.ledger.quotes[0]!, env.ledger.specifications[0]!];
    const mark = this.#market.prices[t * stepsPerDecision * paths + p]!;
    const fillPrice = this.fillPrice[i]!;
    this.mark[i] = mark;
    this.seconds[i] = this.#market.seconds[t * stepsPerDecision * paths + p]!;
    const { onChain } = specification;
    this.gasUsd[i] = onChain ? executor.gasUsd(this.#market.fillBaseFeeGwei[i]!, fillPrice) : 0;
    this.halfSpread[i] = quote.halfSpread * this.#market.spread[i]!;
    this.impact[i] = impactOf(quote, this.#market.depth[i]!);
    // The path form is refused where a keeper, whose trigger looks at the last trade, decides.
    this.fails[i] = executor.sends(this.features, i * env.extractor.width, 0) ? 0 : FAILS.send;
    if (!onChain) return;
    const step = t * stepsPerDecision;
    if (executor.reverts(episode, step, 0, 1, mark, fillPrice)) this.fails[i]! |= FAILS.buy;
    if (executor.reverts(episode, step, 0, -1, mark, fillPrice)) this.fails[i]! |= FAILS.sell;
  }

  /** Cash that one coin of position brings from decision t to the next, as `Ledger.mark` books it. */
  #hold(t: number, p: number): void {
    const { paths } = this;
    const { scenario } = this.#options;
    const { prices, seconds } = this.#market;
    const { steps, stepsPerDecision, secondsPerYear } = this.env.timing;
    const slot = scenario.slots[0]!;
    const spot = slot.kind === "spot";
    const carry = spot ? 1 : 1 + slot.basisBps * 1e-4;
    const { rate, dividendYield } = scenario.market;
    const coin = scenario.account.collateral === "coin";
    let growth = 1;
    let usd = 0;
    let coins = 0;
    const from = t * stepsPerDecision;
    const to = Math.min(steps, from + stepsPerDecision);
    for (let step = from; step < to; step++) {
      const at = step * paths + p;
      const dtSeconds = seconds[at + paths]! - seconds[at]!;
      const [before, after] = [prices[at]!, prices[at + paths]!];
      // Gains are paid at the new mark, yield and funding at the old one.
      const gain = spot ? 0 : carry * (after - before);
      const income = spot
        ? dividendYield === 0
          ? 0
          : Math.expm1((dividendYield * dtSeconds) / secondsPerYear)
        : -carry * slot.fundingRate8h * (dtSeconds / SECONDS_8H);
      if (rate !== 0) {
        const interest = 1 + Math.expm1((rate * dtSeconds) / secondsPerYear);
        growth *= interest;
        usd *= interest;
      }
      if (coin) coins += gain / after + income;
      else usd += gain + before * income;
    }
    const i = t * paths + p;
    this.growth[i] = growth;
    this.holdUsd[i] = usd;
    this.holdCoin[i] = coins;
    const passed = seconds[to * paths + p]! - seconds[from * paths + p]!;
    this.decay[i] = slot.transientFraction > 0 ? 0.5 ** (passed / slot.transientHalfLife) : 1;
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
    this.endHalfSpread[p] = quote.halfSpread * ledger.spread[p]!;
    this.endImpact[p] = impactOf(quote, ledger.depth[p]!);
    this.baseCost[p] = outcome.cost[p]!;
    const inNumeraire = scenario.account.numeraire === "usd" ? 1 : ledger.initialPrice[p]! / price;
    this.costOfUsd[p] = inNumeraire / env.unitUsd(p);
    this.delivered[p] = scenario.terminal === "settle" ? deliverable(scenario, ledger, p, price) : 0;
  }
}

/** k of the square-root law at a multiple of the usual depth. */
function impactOf(quote: QuoteParameters, depth: number): number {
  return (quote.impactCoefficient * quote.dailyVolatility) / Math.sqrt(quote.dailyVolume * depth);
}
