import { describe, expect, it } from "vitest";
import { Executor } from "../../../../env/tasks/rebalance/executor.ts";
import { PART, PART_COUNT } from "../../../../env/tasks/rebalance/ledger.ts";
import type { RebalanceEnv } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { featureIndex } from "../../../../src/core/contracts/features.ts";
import { allOn, EXECUTIONS } from "./flow-scenarios.ts";
import { environment, intents, straddle } from "./scenarios.ts";

type Keeper = Extract<NonNullable<ScenarioInput["execution"]>, { generation: "keeper" }>;

const CHAIN = { fee: { model: "constant", gwei: 20 }, oracle: {}, priorityFeeGwei: 2, gasUnits: 150_000 } as const;
const onChain = { name: "spot", kind: "spot", specification: "on-chain-ideal" } as const;

/** Whether a keeper with these terms executes on a row of features. */
function fires(
  terms: Omit<Keeper, "generation">,
  row: { delta?: number; base_fee_gwei?: number; oracle_updated?: number },
  seconds = 0,
): boolean {
  const scenario = parseScenario(
    straddle({ chain: CHAIN, slots: [onChain], execution: { generation: "keeper", ...terms } }),
  );
  const { schema, width } = environment(straddle({ chain: CHAIN, slots: [onChain] })).extractor;
  const features = new Float64Array(2 * width);
  for (const [name, value] of Object.entries(row)) features[width + featureIndex(schema)[name]!] = value;
  return new Executor(scenario, schema, "train", 1).sends(features, width, seconds);
}

describe("A keeper", () => {
  it("fires where |delta| of the features reaches its threshold, on either side", () => {
    expect([0.09, 0.1, -0.1, -0.3].map((delta) => fires({ deltaThreshold: 0.1 }, { delta }))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it("fires so long after the last execution, or on an update of the oracle, and on nothing that it was not told", () => {
    expect([3599, 3600].map((s) => fires({ interval: "1h" }, { oracle_updated: 1, delta: 9 }, s))).toEqual([
      false,
      true,
    ]);
    expect([0, 1].map((oracle_updated) => fires({ onOracleUpdate: true }, { oracle_updated }, 1e9))).toEqual([
      false,
      true,
    ]);
  });

  it("never fires above its cap on the fee", () => {
    const terms = { deltaThreshold: 0.1, maxGwei: 50 };
    expect([50, 50.1].map((base_fee_gwei) => fires(terms, { delta: 1, base_fee_gwei }))).toEqual([true, false]);
  });

  it("pays its gas, the network's overhead and its premium for each execution, and nothing where it does not fire", () => {
    const execution = { generation: "keeper", interval: "3h", overheadGas: 70_000, premium: 0.25 } as const;
    const env = environment(straddle({ chain: CHAIN, slots: [onChain], execution, terminal: "mark" }), {
      autoresetMode: "disabled",
    });
    env.reset({ seed: 1 });
    let executed = 0;
    for (let hour = 0; env.finished[0] === 0; hour++) {
      const { price } = env.ledger;
      const spot = price[0]!;
      const before = env.ledger.totals.gas[0]!;
      env.step(intents(env, () => (hour % 2 === 0 ? 1 : -1)));
      const cost = env.ledger.totals.gas[0]! - before;
      // The first interval has passed after three hours, and again three after each execution.
      const due = hour > 0 && hour % 3 === 0;
      if (due) executed++;
      expect(cost).toBeCloseTo(due ? (150_000 + 70_000) * 22e-9 * 1.25 * spot : 0, 9);
    }
    expect(executed).toBe(7);
    expect(env.outcome.rebalances[0]).toBe(7);
  });

  it("carries out what the policy decides alike in every other respect: with a trigger that always fires and no fee, it is the autonomous agent", () => {
    const free: Keeper = { generation: "keeper", deltaThreshold: 0, overheadGas: 0, premium: 0 };
    const play = (execution: NonNullable<ScenarioInput["execution"]>) => {
      const env = environment(allOn({ execution }), { numEnvs: 3, autoresetMode: "disabled" });
      env.reset({ seed: 6 });
      while (env.finished[0] === 0) env.step(intents(env, (b) => (b === 1 ? 0.6 : -0.4)));
      return [...env.outcome.cost, ...env.outcome.gas, ...env.outcome.attribution];
    };
    const keeper = play(free);
    const autonomous = play({ generation: "autonomous" });
    expect(keeper).toHaveLength(autonomous.length);
    for (const [i, value] of keeper.entries()) expect(value).toBeCloseTo(autonomous[i]!, 9);
  });
});

/** Plays an episode of trades and of none side by side; calls back with the two after each decision. */
function beside(input: ScenarioInput, seen: (trader: RebalanceEnv, apiWasUp: boolean) => void): void {
  const env = environment(input, { seed: 2, autoresetMode: "disabled" });
  const at = featureIndex(env.extractor.schema).api_up!;
  for (let episode = 0; episode < 6; episode++) {
    env.reset({ seed: 2, options: { firstEpisode: episode } });
    while (env.finished[0] === 0) {
      const up = env.features[at]! === 1;
      const state = structuredClone(env.saveState());
      env.step(intents(env, () => 0));
      const idle = [...env.ledger.attribution, ...env.ledger.position, env.ledger.cashUsd[0]!, env.ledger.profit[0]!];
      env.loadState(state);
      env.step(intents(env, (_b, s) => (s === 0 ? 1.5 : 0.5)));
      const traded = [...env.ledger.attribution, ...env.ledger.position, env.ledger.cashUsd[0]!, env.ledger.profit[0]!];
      if (up) expect(traded).not.toEqual(idle);
      else expect(traded).toEqual(idle);
      seen(env, up);
    }
  }
}

describe("A script", () => {
  it("loses what was decided while its interface was down: nothing changes and nothing is paid", () => {
    let [down, up] = [0, 0];
    // No reverts here: a reverted trade would change nothing but gas.
    const chain = { ...allOn().chain, revertProbability: 0, maxSlippageBps: undefined };
    beside(allOn({ chain, maturityDays: 0.125, terminal: "mark" }), (env, apiWasUp) => {
      if (apiWasUp) up++;
      else down++;
      expect(Number.isFinite(env.ledger.profit[0])).toBe(true);
    });
    expect(Math.min(down, up)).toBeGreaterThan(5);
  });

  it("can trade again once the interface answers", () => {
    const env = environment(allOn({ terminal: "mark" }), { seed: 2, autoresetMode: "disabled" });
    const at = featureIndex(env.extractor.schema).api_up!;
    const ups: number[] = [];
    env.reset({ seed: 2, options: { firstEpisode: 1 } });
    while (env.finished[0] === 0) {
      ups.push(env.features[at]!);
      env.step(intents(env, (_b, s) => (s === 0 ? 0.1 : 0)));
    }
    const attempts = ups.filter((up) => up === 1).length;
    expect(env.outcome.rebalances[0]! + env.outcome.reverts[0]!).toBe(attempts);
    expect(ups).toContain(0);
  });
});

describe("A trade that reverts", () => {
  it.each(Object.keys(EXECUTIONS))("pays its gas and changes nothing else (%s)", (execution) => {
    const chain = { ...allOn().chain, revertProbability: 1 };
    const slot = allOn().slots[0]!;
    const env = environment(allOn({ chain, slots: [slot], execution: EXECUTIONS[execution]!, terminal: "mark" }), {
      seed: 2,
      autoresetMode: "disabled",
    });
    env.reset({ seed: 2 });
    while (env.finished[0] === 0) env.step(intents(env, () => 1));
    const { gas, fees, slippage, reverts, rebalances, turnover } = env.outcome;
    expect(reverts[0]).toBeGreaterThan(3);
    expect([fees[0], slippage[0], rebalances[0], turnover[0]]).toEqual([0, 0, 0, 0]);
    expect(gas[0]! * env.unitUsd(0)).toBeCloseTo(-env.ledger.attribution[PART.gas]!, 9);
    expect(env.ledger.position[0]).toBe(0);
  });
});

describe("With everything on", () => {
  it("the parts of the attribution sum to the change of wealth, to 1e-9, whatever is traded", () => {
    for (const execution of Object.values(EXECUTIONS))
      for (const account of [
        { numeraire: "usd", collateral: "usd", deltaConvention: "bs" },
        { numeraire: "coin", collateral: "coin", deltaConvention: "netTransaction", collateralCoin: 5 },
      ] as const) {
        const env = environment(allOn({ execution, account }), { numEnvs: 4, autoresetMode: "disabled" });
        env.reset({ seed: 5 });
        for (let d = 0; env.finished[0] === 0; d++) {
          env.step(intents(env, (b, s) => (((d * 7 + b * 3 + s) % 5) - 2) * (1 + b)));
          for (let b = 0; b < 4; b++) {
            const parts = env.ledger.attribution.subarray(b * PART_COUNT, (b + 1) * PART_COUNT);
            const change = env.ledger.wealth(b) - env.ledger.initialWealth[b]!;
            const gross = parts.reduce((s, v) => s + Math.abs(v), 0);
            expect(Math.abs(change - parts.reduce((s, v) => s + v, 0))).toBeLessThanOrEqual(1e-9 * Math.max(1, gross));
          }
        }
        expect(env.outcome.rebalances[0]).toBeGreaterThan(3);
      }
  });
});
