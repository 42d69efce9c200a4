import { makeMarket } from "../../../env/tasks/rebalance/make-market.ts";
import { initialVolatility, type Scenario, timing } from "../../../env/tasks/rebalance/scenario.ts";
import type { ScenarioData } from "../../../env/tasks/rebalance/scenario-data.ts";
import type { Policy } from "../../core/contracts/policy.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Split } from "../../core/random.ts";
import type { Experiment } from "../experiment.ts";
import type { EpisodeTable } from "../rollout.ts";
import { middleDecision, midSession } from "./mid-session.ts";
import { LARGEST_EXPOSURE, NoTradeProbe } from "./no-trade-probe.ts";

/** Edges over `BandCurve.x`, delta per unit of book. */
export interface Band {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

export interface BandCurve {
  readonly xName: string;
  readonly xUnit: string;
  readonly x: readonly number[];
  readonly baselineId: string;
  readonly levels: readonly {
    readonly baseFeeGwei: number;
    readonly learned: Band;
    readonly baseline: Band;
    readonly whalleyWilmott: Band;
  }[];
}

export interface MidBandsInput {
  readonly experiment: Experiment;
  readonly data: ScenarioData;
  readonly split: Split;
  readonly seed: number;
  /** Base fees, gwei; the middle one is the fee at the start of the session. */
  readonly levels: readonly number[];
  /** Episodes of the policy in question, for what its account usually looks like. */
  readonly usual?: EpisodeTable;
  readonly points?: number;
}

export interface BandCurveInput extends MidBandsInput {
  readonly learned: Policy;
  readonly baseline: Policy;
  readonly whalleyWilmott: Policy;
}

/** No-trade regions at the middle of the session: `bands[p][l]` is policy p's over `x` at the l-th base fee. */
export interface MidBands {
  readonly xName: string;
  readonly xUnit: string;
  readonly x: readonly number[];
  /** Ascending, gwei. */
  readonly levels: readonly number[];
  readonly bands: readonly (readonly Band[])[];
}

/** The x axis reaches this many standard deviations of the price at the middle of the session to either side. */
const REACH_SDS = 2.5;

/** The strike that all legs share as a multiple of the price at the start, or undefined. */
function commonStrike(scenario: Scenario): number | undefined {
  const [first, ...others] = scenario.book.legs.map((leg) => leg.moneyness);
  return others.every((m) => m === first) ? first : undefined;
}

function priceAtStart({ experiment, data, split, seed }: MidBandsInput): number {
  const market = makeMarket({ scenario: experiment.scenario, batch: 1, seed, split, data });
  market.start(0, 0);
  return market.frame.price[0]!;
}

/**
 * The no-trade regions of policies at the middle of the session, over the price, at several base fees. Each state is reached along a told
 * path (see mid-session.ts) and each region is measured by asking the policy (see no-trade-probe.ts); edges that are nowhere are
 * drawn at ±2. Returns undefined for sessions of one decision, which have no middle.
 * Throws a ConfigError without levels.
 */
export function midBands(input: MidBandsInput, policies: readonly Policy[]): MidBands | undefined {
  const { experiment, split, levels, usual, points = 41 } = input;
  const { scenario } = experiment;
  if (levels.length === 0)
    throw new ConfigError("A band curve needs a base fee.", {
      which: "levels",
      value: [],
      fix: "Give 1 to 3 base fees.",
    });
  if (middleDecision(scenario) === 0) return undefined;
  const t = timing(scenario);
  const volatility = initialVolatility(scenario);
  const sd = volatility * Math.sqrt((middleDecision(scenario) * t.decisionSeconds) / t.secondsPerYear);
  const strike = commonStrike(scenario);
  const x = Array.from({ length: points }, (_, i) => Math.exp(REACH_SDS * sd * ((2 * i) / (points - 1) - 1)));
  const ascending = [...levels].sort((a, b) => a - b);
  const env = midSession({
    experiment,
    split,
    initialPrice: priceAtStart(input),
    usualFeeGwei: ascending[ascending.length >> 1]!,
    states: ascending.flatMap((baseFeeGwei) => x.map((m) => ({ ratio: m * (strike ?? 1), baseFeeGwei }))),
    ...(usual === undefined ? {} : { usual }),
  });
  const measure = (policy: Policy): Band[] => {
    const probe = new NoTradeProbe(env, policy);
    const edge = (value: number) => Math.min(LARGEST_EXPOSURE, Math.max(-LARGEST_EXPOSURE, value));
    return ascending.map((_, level) => {
      const regions = x.map((_, i) => probe.at(level * points + i));
      return { lower: regions.map((r) => edge(r.lower)), upper: regions.map((r) => edge(r.upper)) };
    });
  };
  return {
    xName: strike === undefined ? "Spot / spot at the start" : "Spot / strike",
    xUnit: "",
    x,
    levels: ascending,
    bands: policies.map(measure),
  };
}

/** The learned band beside the tuned baseline's and Whalley-Wilmott's, see {@link midBands}. */
export function bandCurve(input: BandCurveInput): BandCurve | undefined {
  const found = midBands(input, [input.learned, input.baseline, input.whalleyWilmott]);
  if (found === undefined) return undefined;
  const { xName, xUnit, x, levels, bands } = found;
  const [learned, baseline, whalleyWilmott] = bands;
  return {
    xName,
    xUnit,
    x,
    baselineId: input.baseline.id,
    levels: levels.map((baseFeeGwei, i) => ({
      baseFeeGwei,
      learned: learned![i]!,
      baseline: baseline![i]!,
      whalleyWilmott: whalleyWilmott![i]!,
    })),
  };
}
