import type { Ledger } from "./ledger.ts";
import { type Scenario, timing } from "./scenario.ts";

/** Gas of one on-chain trade, USD. */
export function transactionGasUsd(chain: Scenario["chain"], baseFeeGwei: number, indexPrice: number): number {
  const native = chain.nativePriceUsd === "underlying" ? indexPrice : chain.nativePriceUsd;
  return chain.gasUnits * (baseFeeGwei + chain.priorityFeeGwei) * 1e-9 * native;
}

/**
 * Applies the scenario's terminal rule to environment b at its horizon, the same for all contenders (docs/assumptions/terminal-rules.md):
 * `mark` leaves positions at the mark; `unwind` trades them away; `settle` first delivers options that end in the money.
 */
export function closeBook(scenario: Scenario, ledger: Ledger, b: number, baseFeeGwei: number): void {
  const { terminal, chain } = scenario;
  if (terminal === "mark") return;
  const price = ledger.price[b]!;
  if (terminal === "settle") ledger.deliver(b, deliverable(scenario, ledger, b, price));
  const gasUsd = transactionGasUsd(chain, baseFeeGwei, price);
  for (let s = 0; s < ledger.slots; s++)
    ledger.fill(b, s, -ledger.position[b * ledger.slots + s]!, price, gasUsd, false, true);
  ledger.refreshProfit(b);
}

/** Units of the underlying that exercise brings in (negative: takes away), for legs that expire at the horizon; earlier ones were settled in cash. */
export function deliverable(scenario: Scenario, ledger: Ledger, b: number, price: number): number {
  let units = 0;
  for (let l = 0; l < ledger.legs; l++) {
    const i = b * ledger.legs + l;
    const leg = scenario.book.legs[l]!;
    const left = ((leg.maturityDays ?? scenario.maturityDays) - scenario.maturityDays) * 86400;
    const expires = left <= 0 && left > -timing(scenario).stepSeconds;
    if (expires && ledger.legSign[i]! * (price - ledger.legStrike[i]!) > 0) units += leg.quantity * ledger.legSign[i]!;
  }
  return units;
}
