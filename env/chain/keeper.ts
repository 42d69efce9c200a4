import { ConfigError } from "../../src/core/errors.ts";

/** What makes a keeper network execute an upkeep: any of the conditions that are set. */
export interface KeeperTrigger {
  /** Executes where the absolute exposure is at least this (units of the exposure that is passed). */
  readonly deltaThreshold?: number | undefined;
  /** Executes where this many seconds have passed since the last execution. */
  readonly intervalSeconds?: number | undefined;
  /** Executes after each oracle update. */
  readonly onOracleUpdate?: boolean | undefined;
}

/** An upkeep on a keeper network. Assumptions: docs/assumptions/keepers.md. */
export interface KeeperParameters {
  readonly trigger: KeeperTrigger;
  /** The upkeep's cap on the base fee, gwei: above it nothing is executed. Undefined = no cap. */
  readonly maxGwei?: number | undefined;
  /** Gas that the network charges on top of the upkeep's own. */
  readonly overheadGas: number;
  /** Share of the gas cost that the network adds as its payment. */
  readonly premium: number;
}

/** Overhead and premium of Chainlink Automation as its documentation stated them for Ethereum in 2022-24 (the premium differs by chain). */
export const KEEPER_COST = { overheadGas: 80_000, premium: 0.2 } as const;

/** What a keeper knows when it decides. Callers inside simulation steps reuse one object. */
export interface KeeperState {
  readonly exposure: number;
  readonly secondsSinceExecution: number;
  readonly oracleUpdated: boolean;
  readonly baseFeeGwei: number;
}

/** Throws a ConfigError unless something triggers the keeper and its numbers are in range. */
export function checkKeeperParameters(p: KeeperParameters, which = "execution.keeper"): void {
  const { deltaThreshold, intervalSeconds, onOracleUpdate } = p.trigger;
  if (deltaThreshold === undefined && intervalSeconds === undefined && onOracleUpdate !== true)
    throw new ConfigError("Nothing triggers the keeper.", {
      which: `${which}.trigger`,
      value: p.trigger,
      fix: "Give deltaThreshold, intervalSeconds or onOracleUpdate: true.",
    });
  const atLeastZero: [string, number | undefined][] = [
    ["trigger.deltaThreshold", deltaThreshold],
    ["trigger.intervalSeconds", intervalSeconds],
    ["maxGwei", p.maxGwei],
    ["overheadGas", p.overheadGas],
    ["premium", p.premium],
  ];
  for (const [field, value] of atLeastZero)
    if (value !== undefined && !(value >= 0 && Number.isFinite(value)))
      throw new ConfigError("A keeper's parameter is out of range.", {
        which: `${which}.${field}`,
        value,
        fix: "Use a finite number of at least 0.",
      });
}

/** Whether the keeper network executes now. The cap on the fee comes first: a trigger that it holds back fires once the fee has fallen, if it still holds then. */
export function keeperFires(p: KeeperParameters, state: KeeperState): boolean {
  if (p.maxGwei !== undefined && state.baseFeeGwei > p.maxGwei) return false;
  const { deltaThreshold, intervalSeconds, onOracleUpdate } = p.trigger;
  if (deltaThreshold !== undefined && Math.abs(state.exposure) >= deltaThreshold) return true;
  if (intervalSeconds !== undefined && state.secondsSinceExecution >= intervalSeconds) return true;
  return onOracleUpdate === true && state.oracleUpdated;
}

/**
 * What one execution costs the upkeep's owner, USD: (gas + overhead) · gas price · (1 + premium), the form of Chainlink Automation's billing.
 * `gasUnits`: gas of the upkeep itself; `feeGwei`: base plus priority fee; `nativePriceUsd`: USD a coin that pays gas.
 */
export function keeperCostUsd(p: KeeperParameters, gasUnits: number, feeGwei: number, nativePriceUsd: number): number {
  return (gasUnits + p.overheadGas) * feeGwei * 1e-9 * (1 + p.premium) * nativePriceUsd;
}
