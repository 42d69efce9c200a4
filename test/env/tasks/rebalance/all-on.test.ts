import { describe, expect, it } from "vitest";
import { checkLeakage } from "../../../../env/core/check-leakage.ts";
import { CachedMarket } from "../../../../env/market/cached-market.ts";
import { type MarketSource, TRUTH_FIELDS } from "../../../../env/market/source.ts";
import { PART_COUNT } from "../../../../env/tasks/rebalance/ledger.ts";
import type { RebalanceEnv } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario, type ScenarioInput } from "../../../../env/tasks/rebalance/scenario.ts";
import { SimulatedMarket } from "../../../../env/tasks/rebalance/simulated-market.ts";
import { rebalanceVector } from "../../../../env/tasks/rebalance/trade-actions.ts";
import { allOn, EXECUTIONS, PRICES } from "./flow-scenarios.ts";
import { environment, intents, randomIntents } from "./scenarios.ts";

const market = (input: ScenarioInput, batch: number) =>
  new SimulatedMarket({ scenario: parseScenario(input), batch, seed: 3, split: "test" });
const plain = (input: ScenarioInput, numEnvs: number, source?: MarketSource) =>
  environment(input, { numEnvs, seed: 3, autoresetMode: "disabled", ...(source === undefined ? {} : { source }) });

/** Rewards, features and outcomes of a batch of episodes with random trades, by environment. */
function play(env: RebalanceEnv, firstEpisode: number): number[][] {
  env.reset({ seed: 3, options: { firstEpisode } });
  const { width } = env.extractor;
  const rows: number[][] = Array.from({ length: env.numEnvs }, (_, b) => [
    ...env.features.subarray(b * width, (b + 1) * width),
  ]);
  for (let d = 0; d < env.timing.decisions; d++) {
    const { rewards } = env.step(randomIntents(env, d, firstEpisode));
    for (let b = 0; b < env.numEnvs; b++)
      rows[b]!.push(rewards[b]!, ...env.features.subarray(b * width, (b + 1) * width));
  }
  const { cost, gas, rebalances, reverts, attribution } = env.outcome;
  for (let b = 0; b < env.numEnvs; b++)
    rows[b]!.push(cost[b]!, gas[b]!, rebalances[b]!, reverts[b]!, ...attribution.subarray(b * PART_COUNT).slice(0, 12));
  return rows;
}

const CASES = [
  ...Object.keys(PRICES).map((price) => [price, "script"] as const),
  ["gbm", "keeper"] as const,
  ["heston", "autonomous"] as const,
];

describe.each(CASES)("With everything on, %s prices and %s execution", (price, execution) => {
  const input = allOn({ price: PRICES[price]!, execution: EXECUTIONS[execution]! });

  it("an episode does not depend on the batch", () => {
    const together = play(plain(input, 4), 0);
    expect(together.flat().every(Number.isFinite)).toBe(true);
    expect(play(plain(input, 1), 3)[0]).toEqual(together[3]);
    expect(play(plain(input, 2), 1)).toEqual(together.slice(1, 3));
  });

  it("it goes on bit for bit from a state saved in its middle, what came since the last decision included", () => {
    const env = plain(input, 3);
    env.reset({ seed: 3 });
    for (let d = 0; d < 9; d++) env.step(randomIntents(env, d, 0));
    const saved = structuredClone(env.saveState());
    const observed = structuredClone(env.observation);
    const finish = (e: RebalanceEnv) => {
      const seen: number[] = [];
      for (let d = 9; d < e.timing.decisions; d++)
        seen.push(...e.step(randomIntents(e, d, 0)).rewards, ...e.features, ...e.observation.buyVolume);
      return [...seen, ...e.outcome.cost];
    };
    const on = finish(env);
    const other = environment(input, { numEnvs: 3, seed: 8, autoresetMode: "disabled" });
    other.reset({ seed: 8 });
    other.loadState(saved);
    expect(other.observation).toEqual(observed);
    expect(finish(other)).toEqual(on);
    // Loading twice into an environment that has gone on changes nothing either.
    env.loadState(saved);
    expect(finish(env)).toEqual(on);
  });

  it("a cached market shows what the live one does, also beyond its room", () => {
    const live = [0, 2, 0, 5].map((first) => play(plain(input, 2), first));
    const inner = market(input, 2);
    const bytesOfAnEpisode = (inner.steps + 1) * (inner.fields.length + 1) * 8;
    for (const room of [8, 1, 0]) {
      const env = plain(input, 2, new CachedMarket(market(input, 2), room * bytesOfAnEpisode));
      expect([0, 2, 0, 5].map((first) => play(env, first))).toEqual(live);
    }
  });

  it("nothing of the future is shown", () => {
    const options = { scenario: parseScenario(input), split: "train" } as const;
    expect(checkLeakage(() => rebalanceVector(options, 3, "same-step"), { steps: 15 })).toEqual([]);
  });
});

describe("A perturbed future", () => {
  it("reaches flow, oracle, outages, fees and inclusion, and nothing before its step", () => {
    const input = allOn();
    const [one, other] = [market(input, 1), market(input, 1)];
    other.perturbFuture({ afterStep: 20, salt: 2 });
    const differs = new Set<string>();
    for (let episode = 0; episode < 12; episode++) {
      one.start(0, episode);
      other.start(0, episode);
      for (let step = 0; step < one.steps; step++) {
        one.advance(0, step);
        other.advance(0, step);
        for (const field of one.fields)
          if (one.frame[field][0] !== other.frame[field][0]) {
            expect(step).toBeGreaterThanOrEqual(20);
            differs.add(field);
          }
      }
    }
    expect([...differs].sort()).toEqual([...one.fields].sort());
  });
});

/** Changes what only the simulator knows before anybody can see it. */
class Poisoned extends SimulatedMarket {
  override start(b: number, episode: number): void {
    super.start(b, episode);
    for (const field of TRUTH_FIELDS) this.frame[field][b] = 1e6;
  }
  override advance(b: number, step: number): void {
    super.advance(b, step);
    for (const field of TRUTH_FIELDS) this.frame[field][b] = Number.NaN;
  }
}

describe("What only the simulator knows", () => {
  it("is in no feature, reward or outcome: poisoning it changes nothing", () => {
    const input = allOn();
    const options = { scenario: parseScenario(input), batch: 2, seed: 3, split: "test" } as const;
    expect(play(plain(input, 2, new Poisoned(options)), 4)).toEqual(play(plain(input, 2), 4));
    const truth = market(input, 1);
    truth.start(0, 4);
    expect(truth.frame.transient[0]).not.toBe(0);
    expect(plain(input, 1).extractor.schema.features.map((f) => f.name)).not.toContain("transient");
  });

  it("is told to oracles only where the market can look ahead", () => {
    const input = allOn();
    const blind = plain(input, 2);
    blind.reset({ seed: 3 });
    expect(blind.truth).toBeUndefined();
    const seeing = plain(input, 2, new CachedMarket(market(input, 2)));
    seeing.reset({ seed: 3, options: { firstEpisode: 6 } });
    const live = market(input, 1);
    live.start(0, 6);
    expect(seeing.truth!.transient[0]).toBe(live.frame.transient[0]);
  });
});

describe("Gas to come", () => {
  it("is the lowest fee of the next six hours, and of no later one, nor beyond the episode", () => {
    const input = allOn({ maturityDays: 0.5, book: { legs: [{ type: "call", quantity: -5, maturityDays: 2 }] } });
    const live = market(input, 1);
    live.start(0, 7);
    const fees = [live.frame.baseFeeGwei[0]!];
    for (let s = 0; s < live.steps; s++) {
      live.advance(0, s);
      fees.push(live.frame.baseFeeGwei[0]!);
    }
    const env = plain(input, 1, new CachedMarket(market(input, 1)));
    env.reset({ seed: 3, options: { firstEpisode: 7 } });
    const { stepsPerDecision } = env.timing;
    let shorter = 0;
    for (let step = 0; env.finished[0] === 0; step += stepsPerDecision) {
      const ahead = fees.slice(step, step + 1 + 72);
      expect(env.truth!.gasToCome[0]).toBe(Math.log(Math.min(...ahead) / fees[step]!));
      if (Math.min(...fees.slice(step)) < Math.min(...ahead)) shorter++;
      env.step(intents(env, () => 0));
    }
    // The window matters: somewhere a lower fee lies beyond it.
    expect(shorter).toBeGreaterThan(0);
  });
});
