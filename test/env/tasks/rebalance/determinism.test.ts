import { describe, expect, it } from "vitest";
import { CachedMarket } from "../../../../env/market/cached-market.ts";
import type { MarketFrame, MarketSource } from "../../../../env/market/source.ts";
import { PART_COUNT } from "../../../../env/tasks/rebalance/ledger.ts";
import type { RebalanceEnv } from "../../../../env/tasks/rebalance/rebalance-env.ts";
import { parseScenario } from "../../../../env/tasks/rebalance/scenario.ts";
import { SimulatedMarket } from "../../../../env/tasks/rebalance/simulated-market.ts";
import { canonicalJson } from "../../../../src/core/hash.ts";
import { episodeKey, SPLITS } from "../../../../src/core/random.ts";
import { EVERYTHING, environment, intents, randomIntents } from "./scenarios.ts";

/** Plays one batch of episodes with random trades and returns all that happened, number by number. */
function play(env: RebalanceEnv, firstEpisode: number, seed = 3): number[][] {
  env.reset({ seed, options: { firstEpisode } });
  const rows: number[][] = Array.from({ length: env.numEnvs }, () => []);
  const { width } = env.extractor;
  for (let d = 0; d < env.timing.decisions; d++) {
    const { rewards } = env.step(randomIntents(env, d, firstEpisode));
    for (let b = 0; b < env.numEnvs; b++)
      rows[b]!.push(rewards[b]!, ...env.features.subarray(b * width, (b + 1) * width));
  }
  const { cost, gas, fees, attribution } = env.outcome;
  for (let b = 0; b < env.numEnvs; b++)
    rows[b]!.push(cost[b]!, gas[b]!, fees[b]!, ...attribution.subarray(b * PART_COUNT, (b + 1) * PART_COUNT));
  return rows;
}

const plain = (numEnvs: number, source?: MarketSource) =>
  environment(EVERYTHING, { numEnvs, seed: 3, autoresetMode: "disabled", ...(source === undefined ? {} : { source }) });

describe("An episode", () => {
  it("is the same to the last bit for the same seed and number, another for another seed", () => {
    const [a, b] = [play(plain(4), 10), play(plain(4), 10)];
    expect(a).toEqual(b);
    const env = plain(4);
    play(env, 99);
    expect(play(env, 10)).toEqual(a);
    expect(play(plain(4), 10, 4)).not.toEqual(a);
  });

  it("does not depend on how many are stepped together", () => {
    const together = play(plain(64), 0);
    const byOne = Array.from({ length: 64 }, (_, e) => play(plain(1), e)[0]!);
    expect(byOne).toEqual(together);
    const bySeven = Array.from({ length: 9 }, (_, k) => play(plain(7), 7 * k)).flat();
    expect(bySeven.slice(0, 63)).toEqual(together.slice(0, 63));
  });

  it("goes on bit for bit from a state saved in its middle, in another environment", () => {
    const env = plain(5);
    env.reset({ seed: 3 });
    for (let d = 0; d < 20; d++) env.step(randomIntents(env, d, 0));
    const saved = structuredClone(env.saveState());
    const finish = (e: RebalanceEnv) => {
      const seen: number[] = [];
      for (let d = 20; d < e.timing.decisions; d++)
        seen.push(
          ...e.step(randomIntents(e, d, 0)).rewards,
          ...e.features,
          ...Object.values(e.observation).flatMap((v) => (v instanceof Float64Array ? [...v] : [])),
        );
      return [...seen, ...e.outcome.cost];
    };
    const on = finish(env);
    const other = environment(EVERYTHING, { numEnvs: 5, seed: 8, autoresetMode: "disabled" });
    other.reset({ seed: 8 });
    other.loadState(saved);
    expect(finish(other)).toEqual(on);
    env.loadState(saved);
    expect(finish(env)).toEqual(on);
  });
});

/** Notes every frame that the environment sees. */
class Witness implements MarketSource {
  readonly batch: number;
  readonly steps: number;
  readonly frame: MarketFrame;
  readonly fields;
  readonly seen: number[] = [];
  readonly #inner: MarketSource;

  constructor(inner: MarketSource) {
    this.#inner = inner;
    this.batch = inner.batch;
    this.steps = inner.steps;
    this.frame = inner.frame;
    this.fields = inner.fields;
  }
  start(b: number, episode: number): void {
    this.#inner.start(b, episode);
    this.#note(b);
  }
  advance(b: number, step: number): void {
    this.#inner.advance(b, step);
    this.#note(b);
  }
  saveState = () => this.#inner.saveState();
  loadState = () => undefined;
  #note(b: number): void {
    for (const array of Object.values(this.frame) as Float64Array[]) this.seen.push(array[b]!);
  }
}

const market = (batch: number) =>
  new SimulatedMarket({ scenario: parseScenario(EVERYTHING), batch, seed: 3, split: "test" });

describe("Contenders on the same seed", () => {
  it("see the same market to the last bit, whatever they trade", () => {
    const [trader, idler] = [new Witness(market(3)), new Witness(market(3))];
    const one = plain(3, trader);
    play(one, 0);
    const other = plain(3, idler);
    other.reset({ seed: 3 });
    for (let d = 0; d < other.timing.decisions; d++) other.step(intents(other, () => 0));
    expect(one.outcome.cost).not.toEqual(other.outcome.cost);
    expect(trader.seen).toEqual(idler.seen);
    expect(trader.seen.length).toBe(3 * 97 * Object.keys(trader.frame).length);
  });
});

describe("CachedMarket", () => {
  it("plays back bit for bit what it has recorded, and simulates what does not fit", () => {
    const uncached = [0, 4, 0, 4, 8].map((first) => play(plain(4), first));
    // Room for 12 episodes, for 3, and for none.
    for (const bytes of [12, 3, 0].map((n) => n * 97 * 5 * 8)) {
      const env = plain(4, new CachedMarket(market(4), bytes));
      expect([0, 4, 0, 4, 8].map((first) => play(env, first))).toEqual(uncached);
    }
  });

  it("keeps nothing of an episode that was left in its middle", () => {
    const env = plain(2, new CachedMarket(market(2)));
    env.reset({ seed: 3, options: { firstEpisode: 0 } });
    for (let d = 0; d < 5; d++) env.step(intents(env, () => 0));
    expect(play(env, 0)).toEqual(play(plain(2), 0));
  });

  it("is refused by saveState and loadState in words", () => {
    const cached = new CachedMarket(market(1));
    expect(() => cached.saveState()).toThrow("A cached market is for evaluation");
    expect(() => cached.loadState()).toThrow("A cached market is for evaluation");
  });
});

describe("Splits", () => {
  it("never share an episode key, and no two episodes of a split do", () => {
    const keys = new Set<number>();
    for (const split of SPLITS)
      for (let e = 0; e < 20_000; e++) {
        const key = episodeKey(0x1234567, split, e);
        if ((key & 3) === SPLITS.indexOf(split)) keys.add(key);
      }
    expect(keys.size).toBe(60_000);
    // Whatever the seeds: the two lowest bits tell the splits apart.
    for (let seed = -50; seed < 50; seed++)
      expect(SPLITS.map((s) => episodeKey(seed * 7919, s, seed + 60) & 3)).toEqual([0, 1, 2]);
  });

  it("give different markets for the same seed and number", () => {
    const first = SPLITS.map((split) => {
      const m = new SimulatedMarket({ scenario: parseScenario(EVERYTHING), batch: 1, seed: 3, split });
      m.start(0, 0);
      m.advance(0, 0);
      return canonicalJson([...m.frame.price, ...m.frame.volatility, ...m.frame.baseFeeGwei]);
    });
    expect(new Set(first).size).toBe(3);
  });
});
