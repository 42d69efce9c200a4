import type { z } from "zod";
import { ConfigError } from "../../../src/core/errors.ts";
import { CHAIN_PRESETS, type ChainParameters, checkChainParameters } from "../../chain/base-fee.ts";
import type { FeatureGroup } from "../../features/schema.ts";
import { checkFlowParameters } from "../../market/flow-parameters.ts";
import { markovChain } from "../../market/price-models/markov-chain.ts";
import { type VenueSpecification, venueSpecification } from "../../market/venue-specification.ts";
import { scenarioError } from "./scenario-error.ts";
import { scenarioShape } from "./scenario-schema.ts";

/** The schema of `scenario:` in an experiment file. */
export const scenarioSchema = scenarioShape.superRefine((s, ctx) => {
  const interval = s.rebalanceDays === undefined ? s.decisionInterval : s.rebalanceDays * 86400;
  const wrong = (path: (string | number)[], message: string) => ctx.addIssue({ code: "custom", path, message });
  // What a part refuses is refused under its own name where it has one below `path`.
  const refused = (path: (string | number)[], check: () => unknown) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const inside = error.which?.startsWith(`scenario.${path.join(".")}.`) === true;
      wrong(
        inside ? error.which!.split(".").slice(1) : path,
        [error.short, error.fix, ...error.hints].filter((line) => line !== undefined).join(" "),
      );
    }
  };
  if (Math.abs(interval / s.stepSeconds - Math.round(interval / s.stepSeconds)) > 1e-9 || interval < s.stepSeconds)
    wrong(
      [s.rebalanceDays === undefined ? "decisionInterval" : "rebalanceDays"],
      `expected a whole multiple of stepSeconds (${s.stepSeconds}), got ${interval} s`,
    );
  const horizon = (s.maturityDays * 86400) / s.stepSeconds;
  if (Math.abs(horizon - Math.round(horizon)) > 1e-6)
    wrong(["maturityDays"], `expected a whole number of steps of ${s.stepSeconds} s, got ${horizon}`);
  if (s.account.collateral === "usd" && s.account.collateralCoin > 0)
    wrong(["account", "collateralCoin"], "expected 0 for an account with USD collateral");
  if (interval >= s.stepSeconds) refused(["chain", "inclusionBlocks"], () => inclusionSeconds(s));
  s.slots.forEach((slot, i) => {
    refused(["slots", i, "specification"], () => slotSpecification(slot, i));
    if (slot.kind === "option" && slot.option === undefined)
      wrong(["slots", i, "option"], "expected an option (type, moneyness, maturityDays) for a slot of kind option");
    if (slot.kind !== "option" && slot.option !== undefined)
      wrong(["slots", i, "option"], "only slots of kind option name an option");
  });
  if (s.slots[0]!.kind === "option") wrong(["slots", 0, "kind"], "the first slot hedges delta: spot or a perpetual");
  s.slots.forEach((slot, i) => {
    if (s.slots.findIndex((o) => o.name === slot.name) !== i) wrong(["slots", i, "name"], "a name used twice");
  });
  const { price, impliedVolatility, flow } = s.market;
  if (price.model === "gbm" && price.volatility === 0 && (impliedVolatility?.model ?? "expected") === "expected")
    wrong(["market", "impliedVolatility"], "expected an implied volatility where the price has none");
  const recorded = price.model === "file" || price.model === "listed";
  if (recorded && flow !== undefined) wrong(["market", "flow"], "recorded prices come without simulated order flow");
  if (recorded && impliedVolatility?.model === "expected")
    wrong(["market", "impliedVolatility", "model"], "recorded prices expect nothing: use constant or mean-reverting");
  if (price.model === "listed") checkListed(s, wrong);
  if (price.model === "regime-switching")
    price.regimes.forEach((r, i) => {
      if (r.next !== undefined && r.next.length !== price.regimes.length)
        wrong(["market", "price", "regimes", i, "next"], `expected ${price.regimes.length} probabilities`);
      else if (r.next !== undefined && !(r.next[i] === 0 && Math.abs(r.next.reduce((a, p) => a + p, 0) - 1) < 1e-9))
        wrong(
          ["market", "price", "regimes", i, "next"],
          "expected probabilities that sum to 1, 0 for the regime itself",
        );
    });
  if (flow !== undefined) refused(["market", "flow"], () => checkFlowParameters(flow, s.stepSeconds));
  if (s.market.liquidity !== undefined && flow === undefined)
    wrong(["market", "liquidity"], "expected market.flow: spread and depth answer to it");
  const { fee } = s.chain;
  if (fee.model === "eip1559" && (fee.flowCoupling ?? 0) > 0 && flow === undefined)
    wrong(["chain", "fee", "flowCoupling"], "expected market.flow, or a coupling of 0");
  if (s.chain.inclusion !== undefined && fee.model !== "eip1559")
    wrong(["chain", "inclusion"], "an auction for block space needs chain.fee.model eip1559");
  const { execution } = s;
  if (execution?.generation === "keeper") {
    if (execution.deltaThreshold === undefined && execution.interval === undefined && !execution.onOracleUpdate)
      wrong(["execution"], "expected a trigger: deltaThreshold, interval or onOracleUpdate");
    if (execution.onOracleUpdate && s.chain.oracle === undefined)
      wrong(["execution", "onOracleUpdate"], "expected chain.oracle, whose updates trigger");
  }
});

/** What a recorded chain can carry: options of the book on one expiry, hedged with that expiry's forward. */
function checkListed(s: z.output<typeof scenarioShape>, wrong: (path: (string | number)[], message: string) => void) {
  if (s.market.impliedVolatility !== undefined)
    wrong(["market", "impliedVolatility"], "a recorded chain brings its own mark volatilities: leave it out");
  if (s.chain.fee.model !== "none")
    wrong(["chain", "fee", "model"], "expected none: the chain is recorded without gas");
  if (s.market.rate !== 0 || s.market.dividendYield !== 0)
    wrong(["market", "rate"], "expected 0: listed options are valued on their forward");
  const days = s.book.legs.map((l) => l.maturityDays ?? s.maturityDays);
  if (days.some((d) => d !== days[0]))
    wrong(["book", "legs"], "expected one maturity: the forward of one expiry is the hedge");
  s.slots.forEach((slot, i) => {
    if (slot.option !== undefined && slot.option.maturityDays !== days[0])
      wrong(
        ["slots", i, "option", "maturityDays"],
        `expected the legs' ${days[0]}: their expiry's forward is the hedge`,
      );
  });
  if (s.slots.some((slot) => slot.kind === "spot"))
    wrong(["slots"], "expected perpetual or inverse-perpetual slots: the hedge is the chain's own forward");
  if (s.terminal === "settle") wrong(["terminal"], "expected unwind or mark: windows end before expiry");
}

export type ScenarioInput = z.input<typeof scenarioSchema>;
export type Scenario = z.output<typeof scenarioSchema>;
export type SlotConfig = Scenario["slots"][number];

/** The numbers that the environment and the policies derive from a scenario, computed once. */
export interface ScenarioTiming {
  readonly stepSeconds: number;
  /** Simulation steps of an episode. */
  readonly steps: number;
  readonly stepsPerDecision: number;
  /** Decisions of an episode; where the interval does not divide the horizon the last one is shorter. */
  readonly decisions: number;
  readonly decisionSeconds: number;
  readonly secondsPerYear: number;
  readonly dtYears: number;
}

export function timing(s: Scenario): ScenarioTiming {
  const decisionSeconds = s.rebalanceDays === undefined ? s.decisionInterval : s.rebalanceDays * 86400;
  const steps = Math.round((s.maturityDays * 86400) / s.stepSeconds);
  const stepsPerDecision = Math.round(decisionSeconds / s.stepSeconds);
  const secondsPerYear = s.daysPerYear * 86400;
  return {
    stepSeconds: s.stepSeconds,
    steps,
    stepsPerDecision,
    decisions: Math.ceil(steps / stepsPerDecision),
    decisionSeconds,
    secondsPerYear,
    dtYears: s.stepSeconds / secondsPerYear,
  };
}

/** The venue specification of a slot, with the scenario's overrides. */
export function slotSpecification(slot: SlotConfig, index: number): VenueSpecification {
  const base = venueSpecification(slot.specification, `scenario.slots[${index}].specification`);
  return slot.takerFeeBps === undefined ? base : { ...base, takerFeeBps: slot.takerFeeBps };
}

/** Proportional one-way cost of the first slot, as a fraction of notional: fee and half-spread. */
export function costRate(s: Scenario): number {
  return (slotSpecification(s.slots[0]!, 0).takerFeeBps + s.slots[0]!.halfSpreadBps) * 1e-4;
}

/** Sum of absolute leg quantities: the book's size in units of the underlying. */
export function bookSize(s: Scenario): number {
  return s.book.legs.reduce((sum, l) => sum + Math.abs(l.quantity), 0);
}

/** Shares of time do not depend on the year's length: this one only keeps rates in a usual range. */
const HOURS_PER_YEAR = 8766;

/** The volatility that a scenario's price usually has: sizes of impact and of figures. */
export function usualVolatility(price: Scenario["market"]["price"]): number {
  if (price.model === "heston") return price.longRunVolatility;
  if (price.model === "bates")
    return Math.sqrt(price.longRunVolatility ** 2 + price.jumpsPerYear * (price.jumpMean ** 2 + price.jumpSd ** 2));
  if (price.model !== "regime-switching") return price.volatility;
  const { stationary } = markovChain(price.regimes, HOURS_PER_YEAR);
  return Math.sqrt(price.regimes.reduce((sum, r, i) => sum + stationary[i]! * r.volatility ** 2, 0));
}

/** The mark volatility at which options are quoted at the start, or its usual level where it is drawn. */
export function initialVolatility(s: Scenario): number {
  const implied = s.market.impliedVolatility;
  if (implied?.model === "constant" || implied?.model === "mean-reverting") return implied.volatility;
  return usualVolatility(s.market.price) * (implied?.premium ?? 1);
}

/** Optional groups of features that the scenario has. */
export function featureGroups(s: Scenario): FeatureGroup[] {
  const groups: FeatureGroup[] = [];
  if (s.market.flow !== undefined) groups.push("flow");
  if (s.chain.oracle !== undefined) groups.push("oracle");
  if (s.execution?.generation === "script") groups.push("api");
  return groups;
}

/** True where mark volatility moves, so that a centre may lean on vega. */
export function stochasticVolatility(s: Scenario): boolean {
  const implied = s.market.impliedVolatility?.model;
  if (implied === "constant") return false;
  return implied === "mean-reverting" || (s.market.price.model !== "gbm" && s.market.price.model !== "file");
}

/** The parameters of a simulated chain; undefined where fees are not simulated block by block. */
export function chainParameters(s: Scenario): ChainParameters | undefined {
  const f = s.chain.fee;
  if (f.model !== "eip1559") return undefined;
  const preset = CHAIN_PRESETS[f.preset];
  const parameters = {
    blockSeconds: f.blockSeconds ?? preset.blockSeconds,
    gasTarget: f.gasTarget ?? preset.gasTarget,
    denominator: f.denominator ?? preset.denominator,
    minimumBaseFeeWei: f.minimumBaseFeeWei ?? preset.minimumBaseFeeWei,
  };
  checkChainParameters(parameters);
  return parameters;
}

/** Seconds between decision and inclusion. */
export function inclusionSeconds(s: Scenario): number {
  const f = s.chain.fee;
  const blockSeconds =
    f.model === "eip1559" ? chainParameters(s)!.blockSeconds : f.model === "file" ? f.blockSeconds : 12;
  const seconds = s.chain.inclusionBlocks * blockSeconds;
  if (seconds >= s.stepSeconds)
    throw new ConfigError("Inclusion takes longer than one simulation step.", {
      which: "scenario.chain.inclusionBlocks",
      value: s.chain.inclusionBlocks,
      fix: `Use fewer than ${Math.ceil(s.stepSeconds / blockSeconds)} blocks of ${blockSeconds} s, or a longer stepSeconds.`,
    });
  return seconds;
}

/**
 * Parses and checks a scenario given as data (files go through src/core/yaml-config.ts, which adds line and column).
 * Throws a ConfigError that names the first wrong field, its value and what is allowed; the others follow as hints.
 */
export function parseScenario(input: ScenarioInput): Scenario {
  const result = scenarioSchema.safeParse(input);
  if (!result.success) throw scenarioError(scenarioSchema, result.error.issues, input);
  return result.data;
}
