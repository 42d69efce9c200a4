import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import type { Params } from "./baseline.ts";
import { applicable } from "./parameters.ts";
import { baselineDefinition, createBaseline, defaultParams } from "./registry.ts";

/**
 * The parameters nearest to `params` at which a rule reads none of the features that `supplied` refuses: those whose parameters can be set to
 * their silent value are, and nothing else changes. Undefined where the rule cannot do without one of them.
 */
export function silence(
  id: string,
  params: Params,
  context: PolicyContext,
  supplied: (feature: string) => boolean,
): Params | undefined {
  const able = (p: Params) => createBaseline(id, p, context).reads.every(supplied);
  const complete = createBaseline(id, params, context).params;
  if (able(complete)) return complete;
  const own = applicable(baselineDefinition(id).parameters, context).filter((p) => p.silent !== undefined);
  const quiet: Record<string, number> = { ...complete };
  for (const { name, silent } of own) quiet[name] = silent!;
  if (!able(quiet)) return undefined;
  // Silent parameters one by one to what they were, where that reads nothing that is missing.
  for (const { name, silent } of own) {
    quiet[name] = complete[name]!;
    if (!able(quiet)) quiet[name] = silent!;
  }
  return quiet;
}

/** Every feature that a rule may come to read once its parameters are tuned. */
export function mayRead(id: string, context: PolicyContext): readonly string[] {
  const loud: Record<string, number> = { ...defaultParams(id, context) };
  for (const { name, silent, low, high } of applicable(baselineDefinition(id).parameters, context))
    if (silent !== undefined && loud[name] === silent) loud[name] = low === silent ? high : low;
  return createBaseline(id, loud, context).reads;
}
