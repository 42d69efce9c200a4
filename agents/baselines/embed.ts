import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import type { Params } from "./baseline.ts";
import { defaultParams } from "./registry.ts";

/** What a rule must be set to, beyond the shared names, to behave as the rule that it nests. */
const NESTED: Readonly<Record<string, Readonly<Record<string, Params>>>> = {
  "greeks-band": { "delta-band": { gammaExponent: 0 } },
  "gas-aware": { "delta-band": { costExponent: 0, waitMultiple: 1 } },
  composite: {
    "delta-band": {
      costExponent: 0,
      gammaExponent: 0,
      timeExponent: 0,
      volatilityExponent: 0,
      waitMultiple: 1,
    },
    "greeks-band": { costExponent: 0, timeExponent: 0, volatilityExponent: 0, waitMultiple: 1 },
    "gas-aware": { gasSize: 1, gammaExponent: 0, timeExponent: 0, volatilityExponent: 0 },
  },
};

/**
 * The parameters at which rule `id` trades as rule `nested` does at `params`; undefined where it cannot. As an anchor it makes a tuned richer
 * rule never worse, on the episodes it was tuned on, than the tuned simpler one.
 */
export function embedParams(id: string, nested: string, params: Params, context: PolicyContext): Params | undefined {
  const settings = NESTED[id]?.[nested];
  if (settings === undefined) return undefined;
  const own = defaultParams(id, context);
  // A Greeks band with an option trades two slots, which no other rule does.
  if ("gammaHalfWidth" in params || "gammaHalfWidth" in own) return undefined;
  const given = { ...defaultParams(nested, context), ...params };
  return Object.fromEntries(Object.keys(own).map((name) => [name, settings[name] ?? given[name] ?? own[name]!]));
}
