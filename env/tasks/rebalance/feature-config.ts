import type { FeatureSchema } from "../../../src/core/contracts/features.ts";
import type { PolicyContext, SlotInfo } from "../../../src/core/contracts/policy.ts";
import { type FeatureConfig, schemaOf } from "../../features/schema.ts";
import {
  bookSize,
  costRate,
  featureGroups,
  type Scenario,
  slotSpecification,
  stochasticVolatility,
  timing,
} from "./scenario.ts";

/** Builds the configuration of the feature module from a scenario. */
export function featureConfig(scenario: Scenario): FeatureConfig {
  const specifications = scenario.slots.map(slotSpecification);
  return {
    slots: slotInfos(scenario),
    contractSizes: specifications.map((s) => s.contractSize),
    takerFees: specifications.map((s) => s.takerFeeBps * 1e-4),
    onChain: specifications.map((s) => s.onChain),
    legs: scenario.book.legs.length,
    bookSize: bookSize(scenario),
    deltaConvention: scenario.account.deltaConvention,
    numeraire: scenario.account.numeraire,
    collateral: scenario.account.collateral,
    rate: scenario.market.rate,
    dividendYield: scenario.market.dividendYield,
    secondsPerYear: timing(scenario).secondsPerYear,
    gasUnits: scenario.chain.gasUnits,
    priorityFeeGwei: scenario.chain.priorityFeeGwei,
    groups: featureGroups(scenario),
  };
}

/** The slots as policies see them. */
export function slotInfos(scenario: Scenario): SlotInfo[] {
  return scenario.slots.map(({ name, kind }) => ({ name, kind }));
}

/** What policies know of a scenario when they are built. */
export function policyContext(
  scenario: Scenario,
  schema: FeatureSchema = schemaOf(featureConfig(scenario)),
): PolicyContext {
  return {
    schema,
    slots: slotInfos(scenario),
    decisionSeconds: timing(scenario).decisionSeconds,
    daysPerYear: scenario.daysPerYear,
    costRate: costRate(scenario),
    rate: scenario.market.rate,
    bookSize: bookSize(scenario),
    legs: scenario.book.legs.length,
    stochasticVolatility: stochasticVolatility(scenario),
    coinSettled: scenario.account.collateral === "coin",
  };
}
