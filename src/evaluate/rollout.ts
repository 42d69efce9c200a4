import { CachedMarket } from "../../env/market/cached-market.ts";
import { PART_COUNT } from "../../env/tasks/rebalance/ledger.ts";
import { makeMarket } from "../../env/tasks/rebalance/make-market.ts";
import { RebalanceEnv } from "../../env/tasks/rebalance/rebalance-env.ts";
import type { ScenarioData } from "../../env/tasks/rebalance/scenario-data.ts";
import { INTENT_WIDTH } from "../core/contracts/intent.ts";
import type { Policy } from "../core/contracts/policy.ts";
import { ConfigError } from "../core/errors.ts";
import type { Split } from "../core/random.ts";
import type { Experiment } from "./experiment.ts";

/** What n episodes cost under one policy. Arrays [n], in the order of episode numbers; costs in the objective's unit. */
export interface EpisodeTable {
  readonly costs: Float64Array;
  readonly fees: Float64Array;
  readonly gas: Float64Array;
  readonly slippage: Float64Array;
  readonly maxDrawdown: Float64Array;
  readonly turnover: Float64Array;
  readonly rebalances: Float64Array;
  readonly outsideBounds: Float64Array;
  /** Mean total delta for one unit of book. */
  readonly exposure: Float64Array;
  /** The episode's price move for a delta of one unit of book, in the objective's unit. */
  readonly move: Float64Array;
  /** [n*PART_COUNT] */
  readonly attribution: Float64Array;
  /** Decisions taken. */
  readonly steps: number;
}

/** Environments stepped together in an evaluation: enough for long inner loops, small enough for the caches. */
const WIDTH = 256;

/** Episodes that all contenders play before anybody plays the next: a whole number of batches, and few enough to be remembered in little memory. */
export const SLICE = 4096;

/** A place where policies play the same episodes: same seed and number, same shocks, whatever they trade. */
export class Arena {
  readonly env: RebalanceEnv;
  /** Non-overlapping recorded windows of the split, or undefined where prices are simulated. */
  readonly windows: number | undefined;
  readonly #market: CachedMarket;
  readonly #seed: number;
  readonly #intents: Float64Array;
  readonly #available: Uint8Array;
  readonly #noMask = new Uint8Array(0);

  constructor(experiment: Experiment, split: Split, seed: number, data: ScenarioData, width = WIDTH) {
    const { scenario } = experiment;
    const market = makeMarket({ scenario, batch: width, seed, split, data });
    this.windows = market.windows;
    this.#market = new CachedMarket(market);
    this.env = new RebalanceEnv({
      scenario,
      numEnvs: width,
      split,
      seed,
      unit: experiment.unit,
      autoresetMode: "disabled",
      source: this.#market,
    });
    this.#seed = seed;
    this.#intents = new Float64Array(width * experiment.scenario.slots.length * INTENT_WIDTH);
    this.#available = new Uint8Array(this.env.extractor.width).fill(1);
  }

  /** Lets go of what it remembers of episodes other than `from` … `from + count - 1`; they can be played again, at their price. */
  keepOnly(from: number, count: number): void {
    this.#market.keepOnly(from, from + count);
  }

  /** Plays episodes `from` … `from + count - 1` that are not going to be played again soon: nothing of them is kept. */
  playOnce(policy: Policy, from: number, count: number): EpisodeTable {
    let table = emptyTable(count);
    for (let done = 0; done < count; done += SLICE) {
      table = fillTable(table, this.play(policy, from + done, Math.min(SLICE, count - done)), done);
      this.keepOnly(0, 0);
    }
    return table;
  }

  /** Plays episodes `from` … `from + count - 1`. */
  play(policy: Policy, from: number, count: number): EpisodeTable {
    const { env } = this;
    const B = env.numEnvs;
    const table = emptyTable(count);
    const memory = new Float64Array(B * policy.memoryWidth);
    let steps = 0;
    for (let done = 0; done < count; done += B) {
      const n = Math.min(B, count - done);
      env.reset({ seed: this.#seed, options: { firstEpisode: from + done } });
      memory.fill(0);
      for (let running = true; running; ) {
        policy.decide(B, env.features, this.#available, memory, this.#noMask, this.#intents);
        env.step(this.#intents);
        // Environments beyond the last episode run along; nobody's budget pays for them.
        steps += n;
        // Episodes of one scenario are equally long, so all of a batch end together.
        running = env.finished[0] === 0;
      }
      const { outcome } = env;
      table.costs.set(outcome.cost.subarray(0, n), done);
      table.fees.set(outcome.fees.subarray(0, n), done);
      table.gas.set(outcome.gas.subarray(0, n), done);
      table.slippage.set(outcome.slippage.subarray(0, n), done);
      table.maxDrawdown.set(outcome.maxDrawdown.subarray(0, n), done);
      table.turnover.set(outcome.turnover.subarray(0, n), done);
      table.rebalances.set(outcome.rebalances.subarray(0, n), done);
      table.outsideBounds.set(outcome.outsideBounds.subarray(0, n), done);
      table.exposure.set(outcome.exposure.subarray(0, n), done);
      table.move.set(outcome.move.subarray(0, n), done);
      table.attribution.set(outcome.attribution.subarray(0, n * PART_COUNT), done * PART_COUNT);
    }
    return { ...table, steps };
  }
}

/** Numbers that a table keeps of each episode. */
export const TABLE_COLUMNS = 10 + PART_COUNT;

/** Copies the episodes of a slice to where they stand in the whole table, and gives that with the slice's steps added. */
export function fillTable(whole: EpisodeTable, slice: EpisodeTable, at: number): EpisodeTable {
  const { steps, attribution, ...columns } = slice;
  for (const [name, column] of Object.entries(columns)) whole[name as keyof typeof columns].set(column, at);
  whole.attribution.set(attribution, at * PART_COUNT);
  return { ...whole, steps: whole.steps + steps };
}

/** A table to be filled. Throws a ConfigError where the machine has no memory for so many episodes. */
export function emptyTable(n: number): EpisodeTable {
  try {
    return newTable(n);
  } catch (cause) {
    throw new ConfigError("There is no memory to keep the costs of so many episodes.", {
      which: "episodes",
      value: n,
      fix: `Play fewer: ${n} episodes need ${(n * TABLE_COLUMNS * 8).toLocaleString("en")} bytes.`,
      cause,
    });
  }
}

function newTable(n: number): EpisodeTable {
  const f = () => new Float64Array(n);
  return {
    costs: f(),
    fees: f(),
    gas: f(),
    slippage: f(),
    maxDrawdown: f(),
    turnover: f(),
    rebalances: f(),
    outsideBounds: f(),
    exposure: f(),
    move: f(),
    attribution: new Float64Array(n * PART_COUNT),
    steps: 0,
  };
}
