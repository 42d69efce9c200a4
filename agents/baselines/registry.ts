import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { ConfigError, didYouMean } from "../../src/core/errors.ts";
import { type Baseline, type BaselineDefinition, buildBaseline, type Params } from "./baseline.ts";
import { applicable, completeParams } from "./parameters.ts";
import { COMPOSITE, GAS_AWARE } from "./rules/adaptive.ts";
import { LELAND, WHALLEY_WILMOTT, ZAKAMOULINE } from "./rules/analytic.ts";
import { GREEKS_BAND } from "./rules/greeks.ts";
import { FIXED_INTERVAL } from "./rules/interval.ts";
import { KEEPERS } from "./rules/keepers.ts";
import { ORACLE_TRIGGERED } from "./rules/oracle.ts";
import { DELTA, DELTA_BAND, NEVER } from "./rules/simple.ts";
import { TOXICITY_AWARE } from "./rules/toxicity.ts";

/** Every rule, by contender id, in the order of reports. */
export const BASELINES: readonly BaselineDefinition[] = [
  NEVER,
  FIXED_INTERVAL,
  DELTA,
  DELTA_BAND,
  GREEKS_BAND,
  WHALLEY_WILMOTT,
  ZAKAMOULINE,
  LELAND,
  ORACLE_TRIGGERED,
  GAS_AWARE,
  TOXICITY_AWARE,
  COMPOSITE,
  ...KEEPERS,
];

/** What the tuner needs: the box, and points to try first. */
export interface Tunable {
  readonly dimensions: readonly {
    readonly name: string;
    readonly low: number;
    readonly high: number;
    readonly scale: "log" | "linear";
    readonly start: number;
  }[];
  /** Parameters in the order of `dimensions`; they may lie outside the box. */
  readonly anchors: readonly Float64Array[];
}

/** True for the id of a rule in the table. */
export function isBaseline(id: string): boolean {
  return BASELINES.some((b) => b.id === id);
}

/** Looks a rule up. Throws a ConfigError with the nearest known id. */
export function baselineDefinition(id: string): BaselineDefinition {
  const found = BASELINES.find((b) => b.id === id);
  if (found !== undefined) return found;
  const known = BASELINES.map((b) => b.id);
  throw new ConfigError(`No baseline is called "${id}".`, {
    which: "contender",
    value: id,
    fix: "Use the id of a known baseline.",
    hints: didYouMean(id, known),
  });
}

/** The ids of the rules that this market can express. */
export function baselineIds(context: PolicyContext): string[] {
  return BASELINES.filter((b) => b.appliesTo?.(context) ?? true).map((b) => b.id);
}

/** Every parameter of a rule in this market, at its default. Throws a ConfigError for an unknown id. */
export function defaultParams(id: string, context: PolicyContext): Params {
  return completeParams(id, baselineDefinition(id).parameters, {}, context);
}

/** The tuner's box and anchors for a rule in this market; no dimensions for a rule that is compared as it is. Throws a ConfigError for an unknown id. */
export function tunable(id: string, context: PolicyContext): Tunable {
  return tunableOf(baselineDefinition(id), context);
}

/** The same for a definition that is not in the table. */
export function tunableOf(definition: BaselineDefinition, context: PolicyContext): Tunable {
  if (definition.tuned === false) return { dimensions: [], anchors: [] };
  const own = applicable(definition.parameters, context);
  return {
    dimensions: own.map(({ name, low, high, scale, start }) => ({ name, low, high, scale, start })),
    anchors: definition.anchors.map((anchor) => Float64Array.from(own, (p) => anchor[p.name] ?? p.start)),
  };
}

/**
 * Builds a rule for a market; parameters that are not given are at their defaults.
 * Throws a ConfigError for an unknown id, an unknown parameter, a value out of range, or a market that cannot express the rule.
 */
export function createBaseline(id: string, params: Params, context: PolicyContext): Baseline {
  const definition = baselineDefinition(id);
  if (!(definition.appliesTo?.(context) ?? true))
    throw new ConfigError(
      `This market cannot express "${id}"${definition.needs ? `: it has no ${definition.needs}` : ""}.`,
      {
        which: "contender",
        value: id,
        fix: `Use one of ${baselineIds(context).join(", ")}.`,
      },
    );
  return buildBaseline(definition, completeParams(id, definition.parameters, params, context), context);
}
