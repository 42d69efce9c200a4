import { describe, expect, it } from "vitest";
import type { StateTree, StateValue } from "../../src/core/state.ts";
import { fingerprints, LEARNERS, leaves, tinyLearner, tinyOrder, tinyThreads } from "./tiny-learner.ts";

/** All that has a state is on, and the state is taken in the middle of episodes. */
const EVERYTHING = [
  "train.envs=9",
  "agent.ppo.rolloutSteps=7",
  "agent.ppo.normaliseObservations=true",
  "agent.ppo.normaliseRewards=true",
  "agent.ppo.learningRateSchedule=linear",
  "agent.deepHedging.learningRateSchedule=linear",
];

/** A value unlike the one given, of the same kind, that a state could hold. */
function changed(value: StateValue): StateValue {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return `${value}?`;
  if (value instanceof Uint8Array) return value.map((x) => (x > 1 ? x + 1 : 1 - x));
  if (value instanceof Float32Array || value instanceof Float64Array)
    return value.map((x) => (x === 0 ? 0.5 : 1.25 * x));
  if (ArrayBuffer.isView(value)) return (value as Int32Array).map((x) => x + 1) as StateValue;
  throw new Error("no change is known for this kind of value");
}

/** The state with one leaf changed. */
function withChange<T extends StateValue>(state: T, path: readonly string[]): T {
  if (path.length === 0) return changed(state) as T;
  const [key, ...rest] = path;
  const copy = (Array.isArray(state) ? [...state] : { ...(state as StateTree) }) as Record<string, StateValue>;
  copy[key!] = withChange(copy[key!]!, rest);
  return copy as unknown as T;
}

const without = (prints: Record<string, string>, path: string) => JSON.stringify({ ...prints, [path]: "" });

/** What an update does not read, and why it is saved. */
const UNREAD: Readonly<Record<string, readonly string[]>> = {
  // The optimiser's rate is set by each update; a variance follows from the squares when the next batch is added.
  ppo: [
    ...["actorOptimiser.learningRate", "criticOptimiser.learningRate", "policyOptimiser.learningRate"],
    ...["encoder.variance", "rewards.statistics.variance"],
  ],
  // Input statistics are taken once, from the reference's own paths: mean and variance are read, what they were made of is not.
  "deep hedging": ["optimiser.learningRate", "encoder.count", "encoder.frozen", "encoder.squares"],
};

/** Of an environment, besides what it shows of its last step, which the next step writes over. */
const ENVIRONMENT = [
  ...["own.step", "own.episode", "own.lastProfit", "market.keys", "market.observed", "market.fees_baseFeeWei"],
  ...["ledger.cashUsd", "ledger.position", "ledger.legStrike", "ledger.initialWealth", "ledger.fees", "ledger.gas"],
  ...["extractor.lastLogPrice", "extractor.meanFast", "extractor.varianceSlow", "extractor.feeSlow"],
].map((part) => `environment.${part}`);

describe.each(Object.entries(LEARNERS))("the saved state of %s", (name, settings) => {
  const order = tinyOrder([...EVERYTHING, ...settings]);
  const threads = tinyThreads(order, 1);
  const fresh = () => tinyLearner(order, threads);
  const past = fresh();
  for (let k = 0; k < 3; k++) past.update();
  const state = past.saveState();
  const metrics = past.update();
  const after = fingerprints(past.saveState());

  it("is all that a learner needs that has no past", () => {
    const learner = fresh();
    learner.loadState(state);
    expect(learner.update()).toEqual(metrics);
    expect(fingerprints(learner.saveState())).toEqual(after);
  });

  it("decides the next update, each part of it", () => {
    const learner = fresh();
    /** Whether the state with one leaf changed is refused, or leads to another update. */
    const matters = (path: string) => {
      const other = withChange(state, path.split("."));
      try {
        learner.loadState(other);
        const met = learner.update();
        const prints = fingerprints(learner.saveState());
        return JSON.stringify(met) !== JSON.stringify(metrics) || without(prints, path) !== without(after, path);
      } catch {
        return true;
      }
    };
    const paths = leaves(state).filter(([, value]) => !(ArrayBuffer.isView(value) && value.byteLength === 0));
    const unread = paths.map(([path]) => path).filter((path) => !matters(path));
    const isEnvironment = (path: string) => path.startsWith("environment.");
    // An optimiser's count of steps is there to be read by people: its powers of beta carry it.
    const unreadLearner = unread.filter((path) => !isEnvironment(path) && !/sets\.\d\.steps$/.test(path));
    expect(unreadLearner).toEqual(UNREAD[name.startsWith("ppo") ? "ppo" : name]);
    if (name.startsWith("ppo")) {
      expect(Object.keys(after)).toEqual(expect.arrayContaining(ENVIRONMENT));
      expect(unread.filter((path) => ENVIRONMENT.includes(path))).toEqual([]);
    }
  });
});
