import type { BandFormula } from "../../../src/core/contracts/formulas.ts";
import type { PolicyContext } from "../../../src/core/contracts/policy.ts";
import type { Params } from "../baseline.ts";
import { createBaseline } from "../registry.ts";
import { composite, deltaBand, gasAware, greeksBand, toxicityAware } from "./adaptive.ts";
import { whalleyWilmott, zakamouline } from "./analytic.ts";

/** The rules whose band can leave the program as a formula: all that the band head can start from. */
const FORMULAS: Readonly<Record<string, (params: Params, context: PolicyContext) => BandFormula>> = {
  "delta-band": deltaBand,
  "greeks-band": greeksBand,
  "whalley-wilmott": whalleyWilmott,
  zakamouline,
  "gas-aware": gasAware,
  "toxicity-aware": toxicityAware,
  composite,
};

/**
 * The formula of a rule's band at these parameters, others at their defaults; undefined where the rule has none: an option slot beside it, or a
 * rule that nobody has written one for. Throws a ConfigError as `createBaseline` does.
 */
export function bandFormula(id: string, params: Params, context: PolicyContext): BandFormula | undefined {
  const baseline = createBaseline(id, params, context);
  return baseline.rule === undefined ? undefined : FORMULAS[id]?.(baseline.params, context);
}
