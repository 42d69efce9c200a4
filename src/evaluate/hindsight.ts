import type { Params } from "../../agents/baselines/baseline.ts";
import { buildBaseline } from "../../agents/baselines/baseline.ts";
import { completeParams } from "../../agents/baselines/parameters.ts";
import { tunableOf } from "../../agents/baselines/registry.ts";
import { HINDSIGHT, TRUTH, type TruthColumn, truthSchema } from "../../agents/baselines/rules/hindsight.ts";
import { slotSpecification } from "../../env/tasks/rebalance/scenario.ts";
import type { Policy, PolicyContext } from "../core/contracts/policy.ts";
import { ContractError } from "../core/errors.ts";
import type { Experiment } from "./experiment.ts";
import type { OracleDefinition } from "./oracles.ts";
import { searchFamily, type TuningPlan, tuneBaseline } from "./tune-baseline.ts";

/** What an environment whose market can look ahead knows of the truth at each of its B decisions. */
export interface Truth {
  /** Log displacement of the mid from the efficient price. [B] */
  readonly transient: Float64Array;
  /** Log of the lowest base fee of the next 6 hours over the fee now, at most 0. [B] */
  readonly gasToCome: Float64Array;
}

/** The part of an environment that hindsight needs. */
export interface TruthfulEnv {
  readonly context: PolicyContext;
  /** The truth of now; asked for at each decision. */
  readonly truth?: Truth | undefined;
}

/** Which truths there are to know: none of a price that is never displaced, none of a fee that never changes or that no trade pays. */
export function truthColumns(experiment: Experiment): TruthColumn[] {
  const { market, chain, slots } = experiment.scenario;
  const columns: TruthColumn[] = [];
  if (market.flow !== undefined && market.flow.transientBps > 0) columns.push("transient");
  const paysGas = slots.some((slot, i) => slotSpecification(slot, i).onChain);
  if (paysGas && (chain.fee.model === "eip1559" || chain.fee.model === "file")) columns.push("gas_to_come");
  return columns;
}

function extended(context: PolicyContext, columns: readonly TruthColumn[]): PolicyContext {
  return { ...context, schema: truthSchema(context.schema, columns) };
}

/**
 * The hindsight band as a policy on `env`, whose truth it reads while it decides: row b of the features is environment b.
 * Throws a ConfigError for parameters that it does not take, a ContractError where the environment tells no truth.
 */
export function hindsightPolicy(params: Params, env: TruthfulEnv, columns: readonly TruthColumn[]): Policy {
  const truthNow = (): Truth => {
    const { truth } = env;
    if (truth !== undefined) return truth;
    throw new ContractError("Hindsight needs an environment that tells the truth.", {
      which: "env.truth",
      fix: "Play it on a market that can look ahead (CachedMarket over a simulated one).",
    });
  };
  const context = extended(env.context, columns);
  const rule = buildBaseline(HINDSIGHT, completeParams(HINDSIGHT.id, HINDSIGHT.parameters, params, context), context);
  const width = env.context.schema.features.length;
  const wide = context.schema.features.length;
  const known = TRUTH.filter((name) => columns.includes(name));
  const rows = new Float64Array(truthNow().transient.length * wide);
  const all = new Uint8Array(wide).fill(1);
  return {
    id: HINDSIGHT.id,
    memoryWidth: 0,
    maskWidth: 0,
    requires: rule.requires.filter((name) => !(TRUTH as readonly string[]).includes(name)),
    decide(batch, features, _available, memory, mask, out) {
      const truth = truthNow();
      for (let b = 0; b < batch; b++) {
        const from = b * width;
        const to = b * wide;
        for (let f = 0; f < width; f++) rows[to + f] = features[from + f]!;
        for (let c = 0; c < known.length; c++)
          rows[to + width + c] = known[c] === "transient" ? truth.transient[b]! : truth.gasToCome[b]!;
      }
      rule.decide(batch, rows, all, memory, mask, out);
    },
  };
}

function planFor(experiment: Experiment, context: PolicyContext): TuningPlan {
  const columns = truthColumns(experiment);
  return {
    id: HINDSIGHT.id,
    tunable: tunableOf(HINDSIGHT, extended(context, columns)),
    nested: ["composite"],
    warm: columns.includes("transient") ? 2 : 1,
    local: true,
  };
}

/** The composite band with the transient part and the gas to come as extra inputs, tuned from the tuned composite with the same budget. */
export const HINDSIGHT_ORACLE: OracleDefinition = {
  id: HINDSIGHT.id,
  appliesTo: (experiment) =>
    truthColumns(experiment).length > 0
      ? undefined
      : "the price has no transient part and no trade pays a fee that moves, so there is nothing to know.",
  tune(arena, experiment, clock, budget) {
    const { context } = arena.env;
    const columns = truthColumns(experiment);
    const composite = tuneBaseline(arena, experiment, "composite", clock, budget);
    // Told the truth, the rule may stop guessing at it.
    const told = { ...composite.params, flowLean: 0, flowLeanSlow: 0, transientLean: 1 };
    return searchFamily(
      arena,
      experiment,
      {
        plan: planFor(experiment, context),
        policy: (params) => hindsightPolicy(params, arena.env, columns),
        warm: columns.includes("transient") ? [composite.params, told] : [composite.params],
        spent: [composite.budget],
      },
      clock,
      budget,
    );
  },
  plan: planFor,
  policy: (params, arena, experiment) => hindsightPolicy(params, arena.env, truthColumns(experiment)),
};
