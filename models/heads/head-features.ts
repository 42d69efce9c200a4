import type { PolicyContext } from "../../src/core/contracts/policy.ts";
import { ConfigError, ContractError, didYouMean } from "../../src/core/errors.ts";

/** Column of a feature. Throws a ConfigError where the schema has none of this name. */
export function columnOf(context: PolicyContext, name: string): number {
  const names = context.schema.features.map((f) => f.name);
  const at = names.indexOf(name);
  if (at < 0)
    throw new ConfigError("An action head reads a feature that this schema does not have.", {
      which: "head",
      value: name,
      fix: "Use the schema of the environment, or another head.",
      hints: didYouMean(name, names).slice(0, 1),
    });
  return at;
}

/** Throws a ConfigError unless a field of the head's spec is a positive number. */
export function expectPositive(value: number, which: string): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new ConfigError("A field of the action head is out of range.", {
      which: `head.${which}`,
      value,
      fix: "Give a finite number above 0.",
    });
}

/** Returns the action clipped to ±1. Throws a ContractError where it is not a number, so that no NaN ends as "do nothing". */
export function unitAction(value: number, index: number): number {
  if (Number.isNaN(value))
    throw new ContractError("An action is not a number.", {
      which: `actions[${index}]`,
      value,
      fix: "Check the network's parameters for NaN: the learning rate may be too large.",
    });
  return Math.min(Math.max(value, -1), 1);
}

export function bounds(size: number): { low: Float64Array; high: Float64Array } {
  return { low: new Float64Array(size).fill(-1), high: new Float64Array(size).fill(1) };
}
