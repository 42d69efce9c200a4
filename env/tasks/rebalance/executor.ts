import { type FeatureSchema, featureIndex } from "../../../src/core/contracts/features.ts";
import { type KeeperParameters, keeperCostUsd, keeperFires } from "../../chain/keeper.ts";
import { AT } from "../../features/schema.ts";
import type { Scenario } from "./scenario.ts";
import { transactionGasUsd } from "./terminal.ts";

/**
 * Who carries out a decision's intents: the policy itself, a keeper network when its trigger fires, or a script on an interface that can be down.
 * It reads what the policy reads: the features of the decision.
 */
export class Executor {
  readonly #chain: Scenario["chain"];
  readonly #keeper: KeeperParameters | undefined;
  /** Columns of optional features; -1 where the market has none. */
  readonly #oracleUpdated: number;
  readonly #apiUp: number;
  readonly #state = { exposure: 0, secondsSinceExecution: 0, oracleUpdated: false, baseFeeGwei: 0 };

  constructor(scenario: Scenario, schema: FeatureSchema) {
    const index = featureIndex(schema);
    this.#chain = scenario.chain;
    this.#oracleUpdated = index.oracle_updated ?? -1;
    this.#apiUp = index.api_up ?? -1;
    const { execution } = scenario;
    if (execution?.generation === "keeper")
      this.#keeper = {
        trigger: {
          deltaThreshold: execution.deltaThreshold,
          intervalSeconds: execution.interval,
          onOracleUpdate: execution.onOracleUpdate,
        },
        maxGwei: execution.maxGwei,
        overheadGas: execution.overheadGas,
        premium: execution.premium,
      };
  }

  /** Whether the intents decided on the feature row at `row` are carried out. */
  sends(features: Float64Array, row: number, secondsSinceExecution: number): boolean {
    if (this.#apiUp >= 0 && features[row + this.#apiUp]! < 0.5) return false;
    if (this.#keeper === undefined) return true;
    const state = this.#state;
    state.exposure = features[row + AT.delta]!;
    state.secondsSinceExecution = secondsSinceExecution;
    state.oracleUpdated = this.#oracleUpdated >= 0 && features[row + this.#oracleUpdated]! > 0.5;
    state.baseFeeGwei = features[row + AT.base_fee_gwei]!;
    return keeperFires(this.#keeper, state);
  }

  /** Cost of one on-chain execution, USD. */
  gasUsd(baseFeeGwei: number, indexPrice: number): number {
    if (this.#keeper === undefined) return transactionGasUsd(this.#chain, baseFeeGwei, indexPrice);
    const { gasUnits, priorityFeeGwei, nativePriceUsd } = this.#chain;
    const native = nativePriceUsd === "underlying" ? indexPrice : nativePriceUsd;
    return keeperCostUsd(this.#keeper, gasUnits, baseFeeGwei + priorityFeeGwei, native);
  }
}
