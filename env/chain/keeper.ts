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

/** What a keeper knows when it decides. Callers inside simulation steps reuse one object. */
export interface KeeperState {
  readonly exposure: number;
  readonly secondsSinceExecution: number;
  readonly oracleUpdated: boolean;
  readonly baseFeeGwei: number;
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
 * What one execution costs the upkeep's owner, USD: (gas + overhead) · gas price · (1 + premium), the form of Chainlink Automation's billing
 * up to registry 2.2 (2.3 takes the premium on the upkeep's own gas only: a difference of overhead · gas price · premium).
 * `gasUnits`: gas of the upkeep itself; `feeGwei`: base plus priority fee; `nativePriceUsd`: USD a coin that pays gas.
 */
export function keeperCostUsd(p: KeeperParameters, gasUnits: number, feeGwei: number, nativePriceUsd: number): number {
  return (gasUnits + p.overheadGas) * feeGwei * 1e-9 * (1 + p.premium) * nativePriceUsd;
}
