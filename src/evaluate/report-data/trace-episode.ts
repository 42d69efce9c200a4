import { RebalanceEnv } from "../../../env/tasks/rebalance/rebalance-env.ts";
import type { ScenarioData } from "../../../env/tasks/rebalance/scenario-data.ts";
import { featureIndex } from "../../core/contracts/features.ts";
import { INTENT_WIDTH } from "../../core/contracts/intent.ts";
import type { Policy } from "../../core/contracts/policy.ts";
import { ContractError } from "../../core/errors.ts";
import type { Split } from "../../core/random.ts";
import type { Experiment } from "../experiment.ts";
import { NoTradeProbe } from "./no-trade-probe.ts";

/** What a policy did in one decision that traded. */
export interface TracedTrade {
  /** Hours from the start of the episode. */
  readonly time: number;
  /** Delta bought (positive) or sold, units of the underlying, over all slots. */
  readonly size: number;
  /** Spread, fee and impact, in the objective's unit. */
  readonly cost: number;
  /** In the objective's unit. */
  readonly gas: number;
}

/** One episode under two policies: a row for every decision, as the policy saw it before it traded, and one for the horizon. */
export interface EpisodeTrace {
  readonly times: readonly number[];
  readonly price: readonly number[];
  readonly priceUnit: string;
  readonly exposure: {
    readonly policy: { readonly id: string; readonly values: readonly number[] };
    readonly baseline: { readonly id: string; readonly values: readonly number[] };
  };
  readonly band: { readonly lower: readonly number[]; readonly upper: readonly number[] };
  readonly trades: readonly TracedTrade[];
  readonly baseFeeGwei: readonly number[];
}

export interface TraceInput {
  readonly experiment: Experiment;
  readonly data: ScenarioData;
  readonly split: Split;
  readonly seed: number;
  readonly episode: number;
  readonly policy: Policy;
  readonly baseline: Policy;
}

interface Played {
  readonly times: number[];
  readonly price: number[];
  readonly baseFeeGwei: number[];
  readonly exposure: number[];
  readonly lower: number[];
  readonly upper: number[];
  readonly trades: TracedTrade[];
}

/**
 * Plays one episode with the policy and with the baseline, on the same shocks as `Arena.play` of this split, seed and episode number.
 * The band is the policy's no-trade region in each state that it met, measured by {@link NoTradeProbe}; its edges are infinite where the
 * policy would not trade at all. At the horizon the last exposure and band are held: the closing trade is the scenario's, not the policy's, and is not among the trades,
 * and neither is the gas of transactions that reverted.
 */
export function traceEpisode(input: TraceInput): EpisodeTrace {
  const policy = play(input, input.policy, true);
  const baseline = play(input, input.baseline, false);
  return {
    times: policy.times,
    price: policy.price,
    priceUnit: "USD",
    exposure: {
      policy: { id: input.policy.id, values: policy.exposure },
      baseline: { id: input.baseline.id, values: baseline.exposure },
    },
    band: { lower: policy.lower, upper: policy.upper },
    trades: policy.trades,
    baseFeeGwei: policy.baseFeeGwei,
  };
}

function play({ experiment, data, split, seed, episode }: TraceInput, policy: Policy, probes: boolean): Played {
  const env = new RebalanceEnv({
    // Left open at the horizon, which changes nothing before it: closing costs would hide in the last decision's.
    scenario: { ...experiment.scenario, terminal: "mark" },
    numEnvs: 1,
    split,
    seed,
    data,
    unit: experiment.unit,
    autoresetMode: "disabled",
  });
  env.reset({ seed, options: { firstEpisode: episode } });
  const { ledger, observation, extractor, context } = env;
  const { totals } = ledger;
  const index = featureIndex(context.schema);
  const delta = index.delta!;
  const unitDelta = context.slots.map((_, s) => index[`slot${s}_unit_delta`]!);
  const { bookSize } = context;
  const unit = env.unitUsd(0);
  const available = new Uint8Array(extractor.width).fill(1);
  const memory = new Float64Array(policy.memoryWidth);
  const mask = new Uint8Array(policy.maskWidth).fill(1);
  const intents = new Float64Array(context.slots.length * INTENT_WIDTH);
  const probe = probes ? new NoTradeProbe(env, policy) : undefined;
  const out: Played = { times: [], price: [], baseFeeGwei: [], exposure: [], lower: [], upper: [], trades: [] };
  const seeMarket = () => {
    out.times.push(observation.timeSeconds[0]! / 3600);
    out.price.push(observation.indexPrice[0]!);
    out.baseFeeGwei.push(observation.baseFeeGwei[0]!);
  };
  const paid = () => totals.fees[0]! + totals.slippage[0]!;

  for (let running = true; running; ) {
    seeMarket();
    out.exposure.push(env.features[delta]! * bookSize);
    const region = probe?.at(0, memory);
    if (region !== undefined) {
      out.lower.push(region.lower * bookSize);
      out.upper.push(region.upper * bookSize);
    }
    const before = ledger.position.slice();
    const units = unitDelta.map((at) => env.features[at]!);
    const trades = totals.rebalances[0]!;
    const cost = paid();
    const gas = totals.gas[0]!;
    policy.decide(1, env.features, available, memory, mask, intents);
    env.step(intents);
    running = env.finished[0] === 0;
    if (totals.rebalances[0] === trades) continue;
    let size = 0;
    for (let s = 0; s < units.length; s++) {
      // An option slot that expired in this step was settled, not traded.
      if (ledger.slotSign[s] !== 0 && ledger.slotSecondsLeft[s]! <= 0) continue;
      size += (ledger.position[s]! - before[s]!) * units[s]!;
    }
    out.trades.push({
      time: out.times.at(-1)!,
      size,
      cost: (paid() - cost) / unit,
      gas: (totals.gas[0]! - gas) / unit,
    });
  }
  seeMarket();
  for (const series of [out.exposure, out.lower, out.upper]) if (series.length > 0) series.push(series.at(-1)!);
  return out;
}

/**
 * The number of an instructive episode: the one with the median cost (of an even number, the cheaper of the two in the middle), the first
 * of equals. Neither luck nor disaster, and not chosen by eye.
 */
export function pickEpisode(costs: Float64Array): number {
  if (costs.length === 0)
    throw new ContractError("No episode to choose from.", { which: "costs", value: costs.length });
  const median = costs.slice().sort()[(costs.length - 1) >> 1]!;
  return costs.indexOf(median);
}
