import { usualVolumePerHour } from "../../env/market/flow-state.ts";
import { PART, PART_COUNT } from "../../env/tasks/rebalance/ledger.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import { timing, usualVolatility } from "../../env/tasks/rebalance/scenario.ts";
import { SimulatedMarket } from "../../env/tasks/rebalance/simulated-market.ts";
import { INTENT_WIDTH, writeTrade } from "../core/contracts/intent.ts";
import { ConfigError } from "../core/errors.ts";
import { Random } from "../core/random.ts";
import type { Experiment } from "./experiment.ts";
import type { FactRow, Metaorder } from "./stylised-facts/facts-sample.ts";
import { stylisedFacts } from "./stylised-facts/stylised-facts.ts";
import { scoreEstimators, type ToxicityScore, type ToxicityTruth } from "./toxicity-score.ts";

/** What a simulated market looks like beside the facts known of real ones. */
export interface MarketFacts {
  readonly scenario: string;
  readonly episodes: number;
  readonly seed: number;
  readonly facts: readonly FactRow[];
  /** How well each estimator of toxicity finds what is informed; empty where the market has no order flow. */
  readonly toxicity: readonly ToxicityScore[];
}

const TRUTHS: readonly ToxicityTruth[] = ["event-on", "informed-volume"];
/** Environments that send the orders whose impact is measured, and the span of their sizes, in factors of e. */
const TRADERS = 32;
const SIZE_SPAN = 4;

/**
 * Stylised facts (Cont 2001) of an experiment's simulated prices and flow on `episodes` training episodes, and the score of its toxicity estimators
 * against the truth. Throws a ConfigError for a scenario that plays recorded prices back.
 */
export function marketFacts(experiment: Experiment, episodes: number, seed: number): MarketFacts {
  const { scenario } = experiment;
  const { price, flow } = scenario.market;
  if (price.model === "file" || price.model === "listed")
    throw new ConfigError("The facts of a simulated market need a simulated price.", {
      which: "scenario.market.price.model",
      value: price.model,
      fix: "Name an experiment with a price model, e.g. experiments/toxic-flow.yaml.",
    });
  const { steps, stepSeconds, dtYears } = timing(scenario);
  const market = new SimulatedMarket({ scenario, batch: 1, seed, split: "train" });
  const column = () => Array.from({ length: episodes }, () => new Float64Array(steps));
  const [returns, volume, signedVolume, trades] = [column(), column(), column(), column()];
  for (let e = 0; e < episodes; e++) {
    market.start(0, e);
    let last = market.frame.price[0]!;
    for (let s = 0; s < steps; s++) {
      market.advance(0, s);
      returns[e]![s] = Math.log(market.frame.price[0]! / last);
      last = market.frame.price[0]!;
      const { buyVolume, sellVolume } = market.frame;
      volume[e]![s] = buyVolume[0]! + sellVolume[0]!;
      signedVolume[e]![s] = buyVolume[0]! - sellVolume[0]!;
      trades[e]![s] = market.trades?.[0] ?? 0;
    }
  }
  const metaorders = ownOrders(experiment, seed);
  const sample = { stepSeconds, returns, volume, signedVolume, trades, metaorders };
  const facts = stylisedFacts(sample, { seed });
  const { toxicity: estimators, ...parameters } = flow ?? { toxicity: undefined };
  if (flow === undefined || estimators === undefined)
    return { scenario: scenario.name, episodes, seed, facts, toxicity: [] };
  const { bucketsPerDay, ...windows } = estimators;
  const toxicity = TRUTHS.map((truth) =>
    scoreEstimators({
      flow: parameters as typeof flow,
      toxicity: { ...windows, bucketVolume: (24 * usualVolumePerHour(flow)) / bucketsPerDay },
      stepSeconds,
      episodes,
      steps,
      warmUpSteps: Math.round(43_200 / stepSeconds),
      noiseBps: 1e4 * usualVolatility(price) * Math.sqrt(dtYears),
      seed,
      truth,
    }),
  );
  return { scenario: scenario.name, episodes, seed, facts, toxicity };
}

/**
 * Orders of many sizes through the first slot's venue, and what the accounts say that impact cost each, as a fraction of its value. None where the venue
 * has no impact.
 */
function ownOrders(experiment: Experiment, seed: number): Metaorder[] {
  const { scenario } = experiment;
  if (scenario.slots[0]!.impactCoefficient === 0) return [];
  const env = new RebalanceEnv({ scenario, numEnvs: TRADERS, split: "train", seed, autoresetMode: "disabled" });
  const random = new Random(seed, "evaluate/own-orders");
  const S = scenario.slots.length;
  const intents = new Float64Array(TRADERS * S * INTENT_WIDTH);
  const before = new Float64Array(TRADERS);
  const orders: Metaorder[] = [];
  const paid = (b: number) => env.ledger.attribution[b * PART_COUNT + PART.impact]!;
  env.reset({ seed, options: { firstEpisode: 0 } });
  for (let decision = 0; decision < env.timing.decisions; decision++) {
    const sizes = Float64Array.from({ length: TRADERS }, () => Math.exp(SIZE_SPAN * (random.uniform() - 0.5)));
    intents.fill(0);
    for (let b = 0; b < TRADERS; b++) {
      // Sides by turns, so that positions stay small.
      writeTrade(intents, b * S * INTENT_WIDTH, 0, decision % 2 === 0 ? sizes[b]! : -sizes[b]!);
      before[b] = paid(b);
    }
    env.step(intents);
    if (env.finished[0] === 1) break;
    for (let b = 0; b < TRADERS; b++)
      orders.push({ size: sizes[b]!, move: (before[b]! - paid(b)) / (sizes[b]! * env.ledger.price[b]!) });
  }
  return orders;
}
