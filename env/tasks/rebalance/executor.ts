import { type FeatureSchema, featureIndex } from "../../../src/core/contracts/features.ts";
import { checkIntent, INTENT, INTENT_KIND, INTENT_WIDTH } from "../../../src/core/contracts/intent.ts";
import { deriveSeed, episodeKey, IndexedRandom, type Split } from "../../../src/core/random.ts";
import { type KeeperParameters, keeperCostUsd, keeperFires } from "../../chain/keeper.ts";
import { ACCOUNT_FEATURES, AT, SLOT_FEATURES, UNIT_DELTA } from "../../features/schema.ts";
import type { MarketFrame } from "../../market/source.ts";
import { STREAM } from "../../market/streams.ts";
import type { Ledger } from "./ledger.ts";
import type { Scenario } from "./scenario.ts";
import { transactionGasUsd } from "./terminal.ts";

/**
 * Who carries out a decision's intents: the policy itself, a keeper network when its trigger fires, or a script on an interface that can be down.
 * It reads what the policy reads: the features of the decision. On chain a transaction may revert: gas is paid, nothing is filled.
 */
export class Executor {
  readonly #scenario: Scenario;
  readonly #chain: Scenario["chain"];
  readonly #split: Split;
  readonly #width: number;
  #revertWord: number;
  readonly #keeper: KeeperParameters | undefined;
  /** Columns of optional features; -1 where the market has none. */
  readonly #oracleUpdated: number;
  readonly #apiUp: number;
  readonly #state = { exposure: 0, secondsSinceExecution: 0, oracleUpdated: false, baseFeeGwei: 0 };

  constructor(scenario: Scenario, schema: FeatureSchema, split: Split, seed: number) {
    const index = featureIndex(schema);
    this.#scenario = scenario;
    this.#split = split;
    this.#width = schema.features.length;
    this.#revertWord = this.#wordOf(seed);
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

  /** Reverts of another run of episodes. */
  reseed(seed: number): void {
    this.#revertWord = this.#wordOf(seed);
  }

  /**
   * Carries out environment b's intents [slots*INTENT_WIDTH a row], included at the frame's fill price and base fee. `held` is the total delta
   * before; returns the one after, units of the underlying.
   */
  carryOut(
    ledger: Ledger,
    frame: MarketFrame,
    b: number,
    episode: number,
    step: number,
    intents: Float64Array,
    features: Float64Array,
    held: number,
  ): number {
    const S = ledger.slots;
    const row = b * this.#width;
    const fillPrice = frame.fillPrice[b]!;
    const gasUsd = this.gasUsd(frame.fillBaseFeeGwei[b]!, fillPrice);
    const sent = this.sends(features, row, ledger.seconds[b]! - ledger.lastTradeSeconds[b]!);
    let delta = held;
    for (let s = 0; s < S; s++) {
      const o = (b * S + s) * INTENT_WIDTH;
      checkIntent(intents, o, S);
      if (intents[o] !== INTENT_KIND.trade || !sent) continue;
      const change = intents[o + INTENT.change]!;
      const slot = intents[o + INTENT.slot]!;
      const reverts =
        ledger.specifications[slot]!.onChain &&
        this.reverts(episode, step, slot, Math.sign(change), ledger.price[b]!, fillPrice);
      const filled = ledger.fill(b, slot, change, fillPrice, gasUsd, reverts);
      delta += filled * features[row + ACCOUNT_FEATURES + SLOT_FEATURES * slot + UNIT_DELTA]!;
    }
    return delta;
  }

  /**
   * Whether an on-chain trade of `slot` sent in `step` reverts: the price moved too far against it between decision (`mark`) and inclusion, or by
   * chance. `side`: 1 buys, -1 sells.
   */
  reverts(episode: number, step: number, slot: number, side: number, mark: number, fillPrice: number): boolean {
    const { maxSlippageBps, revertProbability } = this.#chain;
    const adverse = ((fillPrice - mark) / mark) * side * 1e4;
    if (maxSlippageBps !== undefined && adverse > maxSlippageBps) return true;
    if (revertProbability <= 0) return false;
    const key = episodeKey(this.#revertWord, this.#split, episode);
    return IndexedRandom.uniform(key, step, STREAM.revert + slot) < revertProbability;
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

  #wordOf(seed: number): number {
    return deriveSeed(seed, `revert/${this.#scenario.name}`);
  }
}
