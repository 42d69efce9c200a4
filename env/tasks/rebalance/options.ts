import type { Split } from "../../../src/core/random.ts";
import type { AutoresetMode } from "../../core/env.ts";
import type { MarketSource } from "../../market/source.ts";
import type { RewardShape } from "./reward.ts";
import type { Scenario } from "./scenario.ts";
import type { ScenarioData } from "./scenario-data.ts";

/** What an environment needs beyond the scenario. */
export interface RebalanceOptions {
  readonly scenario: Scenario;
  readonly numEnvs: number;
  readonly split: Split;
  readonly seed?: number;
  readonly data?: ScenarioData;
  readonly autoresetMode?: AutoresetMode;
  /** Plays this back instead of simulating: the shadow runner's market. */
  readonly source?: MarketSource;
  /** Risk penalty of the `wealth` reward, where the scenario leaves it to the trainer: 1/unit of the objective. */
  readonly riskPenalty?: number;
  /** Shape of the `terminal` reward; see RewardShape. */
  readonly rewardShape?: RewardShape;
  readonly unit?: CostUnit;
  /**
   * Plays copies `from` to `from + numEnvs - 1` of a batch of `of` that is divided among threads: episodes are numbered, and so drawn, as in
   * the whole batch.
   */
  readonly part?: { readonly from: number; readonly of: number };
}

/** Unit of episode costs and of the objective. */
export type CostUnit = "bpsNotional" | "pctPremium";
