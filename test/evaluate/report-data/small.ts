import { createBaseline } from "../../../agents/baselines/registry.ts";
import type { PlayedContender } from "../../../src/evaluate/compare.ts";
import { type Experiment, experimentSchema } from "../../../src/evaluate/experiment.ts";
import type { Arena } from "../../../src/evaluate/rollout.ts";

type Scenario = Record<string, unknown>;

/** A short straddle over two days, a decision every two hours, gas that varies; `changes` replace fields of the scenario. */
export function smallExperiment(changes: Scenario = {}): Experiment {
  return experimentSchema.parse({
    kind: "demo",
    scenario: {
      name: "small",
      market: { price: { model: "gbm", initial: 2000, volatility: 0.6 } },
      chain: { fee: { model: "eip1559", medianGwei: 20, logSd: 0.6 }, gasUnits: 180_000, inclusionBlocks: 1 },
      book: {
        legs: [
          { type: "call", quantity: -5 },
          { type: "put", quantity: -5 },
        ],
      },
      account: { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
      slots: [{ name: "spot", kind: "spot", specification: "dex-spot-5bps", halfSpreadBps: 1 }],
      maturityDays: 2,
      stepSeconds: 3600,
      decisionInterval: "2h",
      ...changes,
    },
    compare: { resamples: 100 },
  });
}

export const NO_DATA = { series: {} };

/** Rules at given parameters, played on the first episodes of an arena. */
export function playRules(
  arena: Arena,
  rules: readonly (readonly [id: string, params: Readonly<Record<string, number>>, kind?: "baseline" | "learned"])[],
  episodes: number,
): PlayedContender[] {
  return rules.map(([id, params, kind = "baseline"]) => ({
    id: kind === "learned" ? `learned-${id}` : id,
    kind,
    tuned: true,
    params,
    budget: { steps: 0, trials: 0, coreSeconds: 0 },
    tables: [arena.play(createBaseline(id, params, arena.env.context), 0, episodes)],
  }));
}
