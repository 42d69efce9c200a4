import { ContractError } from "../../core/errors.ts";

/**
 * Holm's step-down correction (Holm, 1979): adjusted p-values in the given order. Rejecting those at most α keeps the chance of any false
 * alarm in the table at α, whatever the dependence.
 */
export function holm(pValues: readonly number[]): number[] {
  for (const [i, p] of pValues.entries())
    if (!(p >= 0 && p <= 1))
      throw new ContractError("A p-value must lie between 0 and 1.", { which: `pValues[${i}]`, value: p });
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i]! - pValues[j]!);
  const adjusted = new Array<number>(pValues.length);
  let running = 0;
  for (const [rank, i] of order.entries()) {
    running = Math.max(running, Math.min(1, (pValues.length - rank) * pValues[i]!));
    adjusted[i] = running;
  }
  return adjusted;
}
