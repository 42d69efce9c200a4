import { ConfigError } from "../../../src/core/errors.ts";
import { SPLITS, type Split } from "../../../src/core/random.ts";
import type { EnvFactory, EnvOptions } from "../../core/registry.ts";
import { parseScenario, type Scenario, type ScenarioInput } from "./scenario.ts";
import type { ScenarioData } from "./scenario-data.ts";
import { rebalance, rebalanceVector } from "./trade-actions.ts";

/** What `make("rebalance-v1")` plays when it is given no scenario: a short straddle for a week, gas that varies, decisions every 2 hours. */
export const DEFAULT_SCENARIO: ScenarioInput = {
  name: "default",
  market: { price: { model: "gbm", initial: 2000, volatility: 0.6 } },
  chain: { fee: { model: "eip1559" }, inclusionBlocks: 1 },
  book: {
    legs: [
      { type: "call", quantity: -5 },
      { type: "put", quantity: -5 },
    ],
  },
  account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
  slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps" }],
  maturityDays: 7,
  stepSeconds: 7200,
  decisionInterval: "2h",
};

function readOptions(options: EnvOptions): { scenario: Scenario; split: Split; data?: ScenarioData } {
  const scenario = parseScenario((options.scenario ?? DEFAULT_SCENARIO) as ScenarioInput);
  const split = (options.split ?? "train") as Split;
  if (!SPLITS.includes(split))
    throw new ConfigError("The split is unknown.", {
      which: "options.split",
      value: split,
      fix: `Use one of ${SPLITS.join(", ")}.`,
    });
  return { scenario, split, ...(options.data === undefined ? {} : { data: options.data as ScenarioData }) };
}

/** The rebalance task by id, for the built-in registry. Options: `scenario` (as data), `split`, `data` (recorded series). */
export const rebalanceFactories: Readonly<Record<string, EnvFactory>> = {
  "rebalance-v1": {
    description: "hedge an options book: when, and how much, to rebalance under gas, spread and impact",
    options: ["scenario", "split", "data"],
    make: (o) => rebalance(readOptions(o)),
    makeVector: (numEnvs, mode, o) => rebalanceVector(readOptions(o), numEnvs, mode),
  },
};
