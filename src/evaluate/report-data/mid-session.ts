import { flowVarianceOfStep } from "../../../env/market/flow-parameters.ts";
import { usualVolumePerHour } from "../../../env/market/flow-state.ts";
import { type MarketFrame, type MarketSource, makeFrame, PUBLISHED_FIELDS } from "../../../env/market/source.ts";
import { RebalanceEnv } from "../../../env/tasks/rebalance/rebalance-env.ts";
import { initialVolatility, type Scenario, timing, usualVolatility } from "../../../env/tasks/rebalance/scenario.ts";
import { INTENT_WIDTH } from "../../core/contracts/intent.ts";
import { ContractError } from "../../core/errors.ts";
import type { Split } from "../../core/random.ts";
import type { Experiment } from "../experiment.ts";
import type { EpisodeTable } from "../rollout.ts";
import { meanOf } from "../statistics/quantile.ts";

/** Where a state at the middle of the session came to: price as a multiple of the price at the start, and base fee. */
export interface MidState {
  readonly ratio: number;
  readonly baseFeeGwei: number;
}

export interface MidSessionInput {
  readonly experiment: Experiment;
  readonly split: Split;
  /** Price at the start of the session, USD. */
  readonly initialPrice: number;
  /** Base fee at the start, gwei. */
  readonly usualFeeGwei: number;
  readonly states: readonly MidState[];
  /** Episodes of the policy in question: its usual trades, costs and profit are the account's. Without, the account has not traded. */
  readonly usual?: EpisodeTable;
}

/** Number of the decision in the middle of the session; 0 where there is only one. */
export function middleDecision(scenario: Scenario): number {
  return Math.floor(timing(scenario).decisions / 2);
}

/**
 * Paths that are told instead of drawn: from one start, price and base fee go evenly in their logarithm to each state's by the middle of the
 * session. The price swings around that line by one standard deviation of a decision's return, so that realised volatility is the scenario's.
 */
class ToldMarket implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly fields = PUBLISHED_FIELDS;
  readonly #input: MidSessionInput;
  readonly #stepsPerDecision: number;
  readonly #middle: number;
  readonly #swing: number;
  readonly #stepSeconds: number;

  constructor(input: MidSessionInput) {
    const { scenario } = input.experiment;
    const t = timing(scenario);
    this.batch = input.states.length;
    this.steps = t.steps;
    this.frame = makeFrame(this.batch);
    // A tape without news: neutral estimates, the mean volume, an oracle that agrees.
    const { flow, liquidity } = scenario.market;
    if (flow !== undefined) {
      const half = (usualVolumePerHour(flow) * t.stepSeconds) / 7200;
      this.frame.buyVolume.fill(half);
      this.frame.sellVolume.fill(half);
      this.frame.vpin.fill(liquidity?.neutralVpin ?? 0.3);
      // By bulk classification, what flow without information shows at this many bars a bucket (env/market/toxicity.ts).
      const bars = 86_400 / flow.toxicity.bucketsPerDay / t.stepSeconds;
      this.frame.vpinBulk.fill(bars > 1 ? Math.min(0.5, Math.sqrt(2 / (3 * Math.PI * bars))) : 0.5);
    }
    this.#input = input;
    this.#stepSeconds = t.stepSeconds;
    this.#stepsPerDecision = t.stepsPerDecision;
    this.#middle = middleDecision(scenario);
    const news = usualVolatility(scenario.market.price) ** 2 * (t.decisionSeconds / t.secondsPerYear);
    this.#swing = Math.sqrt(news + (flow === undefined ? 0 : flowVarianceOfStep(flow, t.decisionSeconds)));
  }

  start(b: number): void {
    this.#show(b, 0);
    this.frame.fillPrice[b] = this.frame.price[b]!;
    this.frame.fillBaseFeeGwei[b] = this.frame.baseFeeGwei[b]!;
  }

  advance(b: number, step: number): void {
    this.frame.fillPrice[b] = this.frame.price[b]!;
    this.frame.fillBaseFeeGwei[b] = this.frame.baseFeeGwei[b]!;
    this.#show(b, step + 1);
  }

  saveState(): never {
    throw new ContractError("A told market is for evaluation and is not saved.", { which: "ToldMarket" });
  }

  loadState(): never {
    throw new ContractError("A told market is for evaluation and is not loaded.", { which: "ToldMarket" });
  }

  #show(b: number, step: number): void {
    const { states, initialPrice, usualFeeGwei, experiment } = this.#input;
    const { ratio, baseFeeGwei } = states[b]!;
    const decision = Math.floor(step / this.#stepsPerDecision);
    const share = decision / this.#middle;
    // 0, +1, 0, -1 counted back from the middle: every move is one swing, and the path ends on the line.
    const swing = decision === 0 ? 0 : [0, 1, 0, -1][(((this.#middle - decision) % 4) + 4) % 4]!;
    this.frame.price[b] = initialPrice * ratio ** share * Math.exp(swing * this.#swing);
    this.frame.oraclePrice[b] = this.frame.price[b]!;
    this.frame.seconds[b] = step * this.#stepSeconds;
    this.frame.volatility[b] = initialVolatility(experiment.scenario);
    this.frame.baseFeeGwei[b] =
      usualFeeGwei > 0 && baseFeeGwei > 0 ? usualFeeGwei * (baseFeeGwei / usualFeeGwei) ** share : baseFeeGwei;
  }
}

/**
 * An environment whose sub-environment i stands at the middle of the session in `states[i]`: same scenario, same feature module, same venues as
 * in training, on told paths. Half of the usual costs and profit are on the account, and the last trade is half a usual gap ago.
 */
export function midSession(input: MidSessionInput): RebalanceEnv {
  const { experiment, split, states, usual } = input;
  const { scenario, unit } = experiment;
  const env = new RebalanceEnv({
    scenario,
    numEnvs: states.length,
    split,
    unit,
    autoresetMode: "disabled",
    source: new ToldMarket(input),
  });
  env.reset({ options: { firstEpisode: 0 } });
  const wait = new Float64Array(states.length * scenario.slots.length * INTENT_WIDTH);
  const middle = middleDecision(scenario);
  for (let decision = 0; decision < middle; decision++) env.step(wait);
  const o = env.observation;
  const horizon = env.timing.steps * env.timing.stepSeconds;
  const paid = usual === undefined ? 0 : meanOf(usual.fees) + meanOf(usual.gas) + meanOf(usual.slippage);
  const cost = usual === undefined ? 0 : meanOf(usual.costs);
  const trades = usual === undefined ? 0 : meanOf(usual.rebalances);
  for (let b = 0; b < states.length; b++) {
    o.secondsSinceTrade[b] = Math.min(o.timeSeconds[b]!, (0.5 * horizon) / (trades + 1));
    o.costsPaid[b] = 0.5 * paid * env.unitUsd(b);
    o.profit[b] = -0.5 * cost * env.unitUsd(b);
  }
  return env;
}
