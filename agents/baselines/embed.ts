import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import type { Params } from "./baseline.ts";
import { defaultParams } from "./registry.ts";
import { DEAF } from "./rules/flow.ts";

/** A composite band of constant width. */
const CONSTANT = { costExponent: 0, gammaExponent: 0, timeExponent: 0, volatilityExponent: 0, spreadExponent: 0 };
/** What a rule must be set to, beyond the shared names, to behave as the rule that it nests. */
const NESTED: Readonly<Record<string, Readonly<Record<string, Params>>>> = {
  "greeks-band": { "delta-band": { gammaExponent: 0 } },
  "gas-aware": { "delta-band": { costExponent: 0, waitMultiple: 1 } },
  "oracle-triggered": { "delta-band": { oracleDeviation: 0 } },
  "toxicity-aware": { "delta-band": DEAF },
  composite: {
    "delta-band": { ...DEAF, ...CONSTANT, waitMultiple: 1 },
    "greeks-band": {
      ...DEAF,
      costExponent: 0,
      timeExponent: 0,
      volatilityExponent: 0,
      spreadExponent: 0,
      waitMultiple: 1,
    },
    "gas-aware": {
      ...DEAF,
      gasSize: 1,
      gammaExponent: 0,
      timeExponent: 0,
      volatilityExponent: 0,
      spreadExponent: 0,
    },
    "toxicity-aware": { ...CONSTANT, gasSize: 1, waitMultiple: 1 },
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
